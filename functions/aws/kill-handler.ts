import { type DurableContext, withDurableExecution } from '@aws/durable-execution-sdk-js';
import type { KillPayload } from '../../lib/start/engine.ts';
import { type KillParts, runPayload } from '../../lib/start/run-payload.ts';
import type { Settings } from '../../lib/settings/settings.ts';

type House = { refresh: () => Promise<void>; loadStarting: () => Omit<KillParts, 'askTimeoutSec' | 'followIntervalSec' | 'followTimeoutSec'> & { settings: Settings } };

/** Turns the body of the durable function into a handler. The secrets are refreshed outside of any step: they must never stand in a checkpoint. */
export function createKillHandler(house: House) {
  return withDurableExecution(async (payload: KillPayload, context: DurableContext) => {
    await house.refresh();
    const { settings, ...parts } = house.loadStarting();
    return runPayload({ ...parts, ...settings }, payload, context);
  });
}
