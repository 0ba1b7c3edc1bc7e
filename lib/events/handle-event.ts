import { openExecutions } from '../executions/open.ts';
import type { Killswitch } from '../load.ts';
import type { Log } from '../log.ts';
import { readStatusChange, reportBadEnd } from './execution-ended.ts';

/** Takes an event of AWS to whom it concerns; one that nobody knows is logged and passed over, since no repeat would help. */
export async function handleEvent(load: () => Killswitch, log: Log, event: unknown): Promise<void> {
  const statusChange = readStatusChange(event);
  if (statusChange === undefined) {
    log.warn('an event that nobody knows was passed over', { source: (event as { source?: unknown } | null)?.source });
    return;
  }
  const { settings, reporter, clock } = load();
  await reportBadEnd({ ...openExecutions(settings), reporter, clock, log }, statusChange);
}
