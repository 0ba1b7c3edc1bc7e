import { createGuard } from '../../lib/http/guard.ts';
import { createSend } from '../../lib/http/send.ts';

/**
 * In place of createSend: the hosts of SMN and its consoles lead to the simulator at `url`. The guard that is given judges the
 * real URLs first, so that no rule is any weaker than it is outside of tests.
 */
export function openSendTo(url: string): typeof createSend {
  return (guard, maxBodyBytes) => {
    const send = createSend(createGuard([url]), maxBodyBytes);
    return async (call) => {
      guard(call.url);
      const { host, pathname, search } = call.url;
      return send({ ...call, url: new URL(`/smn-host/${host}${pathname}${search}`, url) });
    };
  };
}
