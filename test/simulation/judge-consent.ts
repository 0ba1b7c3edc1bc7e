import { Answer, startAnswer } from '../../lib/ledger/keys.ts';
import type { JobRecord } from '../simulator/jobs.ts';
import { type Actor, requestOf, startOf } from './actor.ts';
import type { Kill } from './judge-kills.ts';
import { isKillNow } from './judge-warnings.ts';
import type { LedgerTable } from './ledger.ts';
import type { Origin, Origins } from './origin.ts';
import type { Plot } from './plot.ts';
import { APPROVER } from './policy.ts';
import type { World } from './world.ts';

/** Judges that whoever has to agree to a kill has agreed, and that it was theirs to say: by the policy and by who asked, whatever the house made of it. */
export function judgeConsent(world: World, table: LedgerTable, jobs: Map<string, JobRecord>, origins: Origins, plot: () => Plot): (actor: Actor, kill: Kill) => void {
  return ({ name }, { execution, jobId }) => {
    const origin = origins.of(execution);
    const asksFor = plot().warned?.asksFor;
    const who = asksFor !== undefined && jobs.get(jobId)?.job.user === asksFor ? 'approver' : whoIsAsked(origin, origins.of(origin?.warning?.first ?? execution)?.by);
    // Whose kill has no execution asks by REST, where nobody can be asked.
    const answer = execution === '' ? undefined : Answer.safeParse(table.read(startAnswer(requestOf(execution), startOf(execution)))).data;
    if (who !== undefined) world.judge('kill that nobody agreed to', answer?.what !== 'yes', () => `${name}: the ${who} has to, and ${answer?.what ?? 'nothing'} is on record`);
    if (answer?.what !== 'yes') return;
    const person = origin?.request?.person;
    // Of a job of which MRS leaves something out the stricter one may have been asked.
    const isTheirs = answer.by === APPROVER ? (who !== 'requester' || world.leavesOut()) && person !== APPROVER : who === 'requester' && answer.by === person;
    world.judge('kill by a yes that does not count', !isTheirs, () => `${name}: of ${answer.by}, for the ${who}`);
  };
}

/** Who has to agree to a kill by the rule that means it, or since a person asks. A click on a list (done later), or on Kill now, is the person's own yes. */
function whoIsAsked(origin: Origin | undefined, by: string | undefined): 'approver' | 'requester' | undefined {
  const { alert, request } = origin ?? {};
  if (alert?.alertname === 'Slow' || alert?.rule?.action === 'ask') return 'approver';
  return request?.trigger === 'slack' && !isKillNow(request) && by !== 'later' ? 'requester' : undefined;
}
