import { createGuard } from '../../lib/http/guard.ts';
import { openSend, type OpenSend } from '../../lib/http/send.ts';

/**
 * In place of openSend: hosts that are not this machine, which are those of SMN and its consoles, lead to the simulator at `url`.
 * The guard of the origins that are given judges the real URLs first, so that no rule is any weaker than it is outside of tests.
 */
export function openSendTo(url: string): OpenSend {
  return (allowedOrigins, maxBodyBytes) => {
    const allowed = [...allowedOrigins];
    const guard = createGuard(allowed);
    const sendHere = openSend([url], maxBodyBytes);
    const sendAsTold = openSend(allowed, maxBodyBytes);
    return async (call) => {
      guard(call.url);
      const { host, hostname, pathname, search } = call.url;
      if (hostname === '127.0.0.1') return sendAsTold(call);
      return sendHere({ ...call, url: new URL(`/smn-host/${host}${pathname}${search}`, url) });
    };
  };
}
