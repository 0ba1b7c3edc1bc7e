import type { Job } from '../core/job.ts';
import type { StartId } from '../kill/start-id.ts';
import { warnKey } from '../ledger/keys.ts';
import { type AlertRule, type CleanupRule, type Policy, ruleIdOf } from '../policy/policy.ts';
import { type HistoryParts, readCall } from './read-ends.ts';
import { code, dayAndTime } from './text.ts';
import { readWarning, type WarningState } from './warning-state.ts';

const MOST_KEYS = 100; // of one read
const MOST_ROUNDS = 30;

/** The warnings of a job that stand now, each rule's in a line. Throws LedgerFailed. */
export async function warningsOf(parts: HistoryParts & { policy: Policy }, job: Job): Promise<string[]> {
  const { cleanup, alerts } = parts.policy;
  const rules: { name: string; rule: AlertRule | CleanupRule; ofAlerts: boolean }[] = [
    ...cleanup.filter(({ cluster }) => cluster === job.cluster).map((rule) => ({ rule, name: rule.name, ofAlerts: false })),
    ...alerts.map((rule, place) => ({ rule, name: rule.name ?? `alerts.${place}`, ofAlerts: true })),
  ].filter(({ rule }) => rule.warnMs !== undefined);
  const lines: string[] = [];
  for (let first = 0; first < rules.length; first += MOST_KEYS) {
    const some = rules.slice(first, first + MOST_KEYS);
    const claims = await parts.ledger.get(some.map(({ rule }) => warnKey(ruleIdOf(rule), job.job_id)), readCall(parts));
    for (const [index, rule] of some.entries()) {
      const { owner, start } = claims[index] ?? {};
      if (owner !== undefined) lines.push(...tellWarning(rule, await newestRound(parts, { name: owner, start: start ?? 1 })));
    }
  }
  return lines;
}

/** What became of the newest round of a warning, by its first one. */
async function newestRound(parts: HistoryParts, first: StartId): Promise<WarningState> {
  let { state } = await readWarning(parts, first);
  for (let round = 1; round < MOST_ROUNDS && state.is === 'handed-on' && state.to === 'warning' && state.next !== undefined; round++) {
    ({ state } = await readWarning(parts, state.next));
  }
  return state;
}

function tellWarning({ name, ofAlerts }: { name: string; ofAlerts: boolean }, state: WarningState): string[] {
  const named = code(name, 60);
  switch (state.is) {
    case 'open': {
      if (state.warned === undefined) return [`${named} is about to warn of it`];
      // Whether it was resolved is read when the time is up, and not here.
      const unless = [...(state.warned.keepMs === undefined ? [] : ['somebody keeps it']), ...(ofAlerts ? ['its alert was resolved'] : [])];
      return [`warned by ${named}: will be killed at ${dayAndTime(state.warned.until)}${unless.length === 0 ? '' : `, unless ${unless.join(' or ')}`}`];
    }
    case 'handed-on':
      return [state.to === 'kill' ? `the kill that ${named} warned of is on its way` : `${named} is about to warn of it again`];
    case 'kept': // that stands as a keep
    case 'ended':
      return [];
  }
}
