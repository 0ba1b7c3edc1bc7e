import { LIFE, type Records } from './records.ts';

/** What a new start of the process found. */
export type Resumed = { goingOn: number; afterDeath: string[]; failed: string[]; begunAnew: string[] };

/** So often in a row the process may have died under an execution; then it is not tried again. */
const MOST_DEATHS = 3;

/**
 * Within a write: brings what an earlier process left into order. What was begun by another version of the workflow begins anew under
 * its old name, with its old input and time, and is never replayed. What was in flight goes on last; what the process died under three
 * times in a row is FAILED.
 */
export function takeUp(records: Records, version: string): Resumed {
  const { executions, journal, timers, clock } = records;
  const begunAnew = executions.ofOtherVersion(version).map(({ name }) => {
    journal.drop(name);
    timers.cancelAll(name, LIFE);
    executions.renew(name, version, clock.now());
    return name;
  });
  const [failed, afterDeath]: [string[], string[]] = [[], []];
  for (const { name, deaths } of executions.inPhase('running')) {
    if (deaths < MOST_DEATHS) {
      executions.queueDead(name, clock.now());
      afterDeath.push(name);
      continue;
    }
    const message = `the process died ${deaths} times in a row while this execution ran`;
    records.end(name, 'FAILED', { error: { ErrorType: 'ProcessDied', ErrorMessage: message } });
    failed.push(name);
  }
  return { goingOn: executions.countOpen(), afterDeath, failed, begunAnew };
}
