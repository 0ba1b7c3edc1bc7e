import { randomUUID } from 'node:crypto';
import { openExecutions } from '../executions/open.ts';
import type { Killswitch } from '../load.ts';
import type { Log } from '../log/log.ts';
import type { Starter } from './start-all.ts';

/** What starts kills in this deployment. Throws SettingsInvalid without KILL_FUNCTION. */
export function createStarter({ settings, policy, clock }: Killswitch, log: Log): Starter {
  return { policy, clock, log, createId: randomUUID, ...openExecutions(settings) };
}
