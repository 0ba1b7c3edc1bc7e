import { NoAnswer, type OpenSend } from '../../lib/http/send.ts';
import type { VirtualClock } from '../local/clock.ts';
import { openSendTo } from '../simulator/smn-send.ts';

/** The way out of a home under a clock that stands: who waits for an answer that does not come has waited as long as they would. */
export function openOutOfTime(clock: VirtualClock): { openSend: (url: string) => OpenSend; giveUp: (path: string) => void } {
  const waiting = new Map<string, Set<AbortController>>();
  return {
    openSend: (url) => (origins, maxBodyBytes) => {
      const send = openSendTo(url)(origins, maxBodyBytes);
      return async (call) => {
        const { pathname } = call.url;
        const controller = new AbortController();
        const ofPath = waiting.get(pathname) ?? new Set();
        waiting.set(pathname, ofPath.add(controller));
        try {
          return await send({ ...call, signal: call.signal ? AbortSignal.any([call.signal, controller.signal]) : controller.signal });
        } catch (error) {
          if (!controller.signal.aborted) throw error;
          clock.advanceTo(clock.now() + call.timeoutMs);
          throw new NoAnswer('timeout', `timeout after ${call.timeoutMs} ms`, { cause: error });
        } finally {
          ofPath.delete(controller);
        }
      };
    },
    // Not before what was asked for has had its effect.
    giveUp: (path) => void setImmediate(() => waiting.get(path)?.forEach((controller) => controller.abort())),
  };
}
