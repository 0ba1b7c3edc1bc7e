import type { Clock } from '../core/time.ts';
import type { Log } from '../log/log.ts';
import { type Engine, EngineFailed, type KillPayload } from './engine.ts';
import { nameNotice } from './names.ts';

type Teller = { engine: Engine; killFunction: string; clock: Clock; log: Log; createId: () => string };

/** Says in the channel what was refused. The hour is in the name, so that a second notice of one `subject` within it is a duplicate. */
export async function tellOnceAnHour({ engine, killFunction, clock, log, createId }: Teller, subject: string, refused: { rule: string; reason: string }): Promise<void> {
  const hour = new Date(clock.now()).toISOString().slice(0, 13).replace(/\D/g, '');
  const payload: KillPayload = { kind: 'notice', text: `Refused: ${refused.rule}. ${refused.reason}`, attempt: createId() };
  try {
    await engine.start(nameNotice(killFunction, subject, hour), JSON.stringify(payload));
  } catch (error) {
    if (!(error instanceof EngineFailed)) throw error;
    log.error('the channel could not be told of a refusal', { rule: refused.rule, error }); // the caller is told in any case
  }
}
