import type { DurableContext } from '@aws/durable-execution-sdk-js';
import type { Killswitch } from '../load.ts';
import type { Log } from '../log.ts';
import type { KillPayload, KillResult } from './payload.ts';
import { retryFor } from './retry-strategy.ts';
import { runKill, runNotice } from './workflow.ts';

const SAY_FOR_SEC = 10 * 60;

/** The body of the durable function: runs one kill, or says one thing in the channel. Runs again from the top at every resume. */
export function createKillHandler(load: () => Killswitch, log: Log) {
  return async (payload: KillPayload, context: DurableContext): Promise<KillResult | undefined> => {
    const parts = load();
    switch (payload.kind) {
      case 'notice':
        await context.step('say', () => parts.reporter.say(payload.text), retryFor(SAY_FOR_SEC));
        return undefined;
      case 'kill': {
        const { settings, reporter, credentials, mrsAs } = parts;
        const { killId } = payload.request;
        const ports = { ...parts, ...settings, mrs: mrsAs(credentials), show: reporter.show, log: log.with({ kill_id: killId }) };
        if (payload.request.action === 'notify') return { kill_id: killId, outcome: await runNotice(context, payload.request, ports) };
        const end = await runKill(context, payload.request, ports);
        return { kill_id: killId, outcome: end.outcome, ...(end.answeredBy !== undefined && { answered_by: end.answeredBy }) };
      }
    }
  };
}
