import { SettingsInvalid } from '../core/errors.ts';
import type { Settings } from '../settings/settings.ts';
import { createExecutions, type Executions } from './client.ts';

/** The durable executions of KILL_FUNCTION, and its name. Throws SettingsInvalid where it is not set. */
export function openExecutions({ killFunction }: Settings): { killFunction: string; executions: Executions } {
  if (killFunction !== undefined) return { killFunction, executions: createExecutions(killFunction) };
  const problem = 'is required here: the qualified name of the durable function; serverless.yml sets it';
  throw new SettingsInvalid([{ name: 'KILL_FUNCTION', problem }]);
}
