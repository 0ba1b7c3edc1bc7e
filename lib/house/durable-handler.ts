import { type DurableContext, type DurableExecutionClient, withDurableExecution } from '@aws/durable-execution-sdk-js';
import type { Clock } from '../core/time.ts';
import type { Log } from '../log/log.ts';
import type { KillPayload, KillResult } from '../start/engine.ts';
import type { KillParts } from '../start/run-payload.ts';
import type { Settings } from '../settings/settings.ts';

type Parts = Omit<KillParts, 'askTimeoutSec' | 'followIntervalSec' | 'followTimeoutSec'> & { settings: Settings };
type House = { refresh: () => Promise<void>; loadStarting: () => Parts };
/** What a durable function does, from the top at every resume. */
export type DurableBody = (parts: KillParts, payload: KillPayload, context: DurableContext) => Promise<KillResult | undefined>;

/** The function has 120 s; most of them are for the run. */
const READ_FOR_MS = 30_000;
/** A little longer than a reference waits after it could not be read. */
const PAUSE_MS = 5_500;

/**
 * Turns the body of a durable function into its handler. Settings and secrets are read before the run goes on, never within it:
 * what throws there ends an execution FAILED, and what a step returns stands in a checkpoint. Where they cannot be read, old ones
 * serve; where there are none yet it is tried for half a minute, and then this invocation throws, which the service repeats with
 * growing pauses for as long as the execution lives. https://docs.aws.amazon.com/lambda/latest/dg/durable-execution-sdk-retries.html
 */
export function createDurableHandler({ clock, log }: { clock: Clock; log: Log }, house: House, body: DurableBody, durableExecutionClient?: DurableExecutionClient) {
  let known: Parts | undefined;
  const run = withDurableExecution(async (payload: KillPayload, context: DurableContext) => {
    const { settings, ...parts } = known ?? house.loadStarting();
    return body({ ...parts, ...settings }, payload, context);
  }, durableExecutionClient && { durableExecutionClient });
  const read = async (): Promise<void> => {
    const giveUpAt = clock.now() + READ_FOR_MS;
    for (;;) {
      await house.refresh();
      try {
        known = house.loadStarting();
        return;
      } catch (error) {
        log.error(known ? 'the settings cannot be read: the run goes on by those of before' : 'the settings cannot be read: the run waits', { error });
        if (known) return;
        if (clock.now() + PAUSE_MS > giveUpAt) throw error;
        await clock.sleep(PAUSE_MS);
      }
    }
  };
  const handler: typeof run = async (event, context) => {
    await read();
    return run(event, context);
  };
  return handler;
}
