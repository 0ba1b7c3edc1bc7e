import { createGuard } from '../../lib/http/guard.ts';
import { openSend, type OpenSend } from '../../lib/http/send.ts';

/**
 * In place of openSend: the hosts of SMN and its consoles lead to the simulator at `url`. The guard of the origins that are given
 * judges the real URLs first, so that no rule is any weaker than it is outside of tests.
 */
export function openSendTo(url: string): OpenSend {
  return (allowedOrigins, maxBodyBytes) => {
    const guard = createGuard(allowedOrigins);
    const send = openSend([url], maxBodyBytes);
    return async (call) => {
      guard(call.url);
      const { host, pathname, search } = call.url;
      return send({ ...call, url: new URL(`/smn-host/${host}${pathname}${search}`, url) });
    };
  };
}
