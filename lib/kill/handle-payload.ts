import type { DurableContext } from '@aws/durable-execution-sdk-js';
import type { End } from '../core/end.ts';
import type { Killswitch } from '../load.ts';
import type { Log } from '../log/log.ts';
import { createStarter } from './create-starter.ts';
import { runNotify } from './notify.ts';
import type { KillPayload, KillResult } from './payload.ts';
import { runPick } from './pick.ts';
import { retryFor } from './retry-strategy.ts';
import { runKill } from './workflow.ts';

const SAY_FOR_SEC = 10 * 60;

/** The body of the durable function, which runs again from the top at every resume: one kill, one pick, or one thing to say. */
export function createKillHandler(load: () => Killswitch, log: Log) {
  return async (payload: KillPayload, context: DurableContext): Promise<KillResult | undefined> => {
    const parts = load();
    if (payload.kind === 'notice') {
      await context.step('say', () => parts.reporter.say(payload.text), retryFor(SAY_FOR_SEC));
      return undefined;
    }
    const { settings, reporter, credentials, mrsAs } = parts;
    const { killId } = payload.request;
    const ports = { ...parts, ...settings, mrs: mrsAs(credentials), show: reporter.show, log: log.with({ kill_id: killId }) };
    switch (payload.kind) {
      case 'pick': {
        const starter = createStarter(parts, ports.log);
        return resultOf(killId, await runPick(context, payload.request, { ...ports, starter }), 'picked');
      }
      case 'kill':
        if (payload.request.action === 'notify') return resultOf(killId, await runNotify(context, payload.request, ports), 'notified');
        return resultOf(killId, await runKill(context, payload.request, ports), 'failed');
    }
  };
}

/** `otherwise` is for what has no end of its own: others carry it on. */
function resultOf(killId: string, end: End | undefined, otherwise: string): KillResult {
  return { kill_id: killId, outcome: end?.outcome ?? otherwise, ...(end?.answeredBy !== undefined && { answered_by: end.answeredBy }) };
}
