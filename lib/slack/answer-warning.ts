import { isOver } from '../core/job.ts';
import { keepLength } from '../core/warned-rule.ts';
import type { HttpRequest } from '../http/reply.ts';
import { tryThrice } from '../kill/moves.ts';
import { requestKnown } from '../kill/remember.ts';
import type { StartId } from '../kill/start-id.ts';
import { type Answer, Began, Held, JobSeen, runJob, startAnswer, startBegan, startEnd, startHeld } from '../ledger/keys.ts';
import { type Entry, LedgerFailed, type PutEntry } from '../ledger/port.ts';
import { keptEntries } from '../warn/keep.ts';
import type { SlackParts } from './ask-for-kill.ts';
import { claimClick } from './claim-answer.ts';
import type { BlockAction } from './read-click.ts';
import { refuseKeep, refuseKill, type Refusal } from './rights.ts';
import { lookAtWarned } from './warned-job.ts';

/** Slack waits three seconds for all. */
const READ_FOR_MS = 600;
const LOOK_FOR_MS = 1_000;
const ANSWER_FOR_MS = 2_600;

/** What its person is told; `late`: what holds of the warning by now, which takes longer than Slack waits. Undefined: the cards say it. */
export type Told = { text: string } | { refusal: Refusal } | { late: StartId } | undefined;

/**
 * A click on Keep or Kill now of a warning: who may is checked by what the ledger knows of it, then the job is looked at, then the
 * click is claimed as the answer. The first one decides, whichever message of the warning it stood on.
 */
export async function answerWarning(parts: SlackParts, request: Pick<HttpRequest, 'log'>, action: Pick<BlockAction, 'userId' | 'channelId'>, { name, start }: StartId, what: 'keep' | 'kill'): Promise<Told> {
  const { clock } = parts.starter;
  const deadline = clock.now() + ANSWER_FOR_MS;
  const id = { name, start };
  const read = await readWarned(parts, request, id);
  if (read === undefined) return { text: 'This warning could not be read; nothing was changed. Please click again.' };
  const [held, answer, end, began, seen] = read;
  const warned = Held.safeParse(held?.value).data;
  if (warned === undefined || warned.dryRun === true || answer !== undefined || end !== undefined) return { late: id };

  const refusal = what === 'kill' ? refuseKill(parts.policy.slack, action.userId) : refuseToKeep(parts, warned, action);
  if (refusal !== undefined) return { refusal };
  const found = JobSeen.safeParse(seen?.value).data;
  const opened = Began.safeParse(began?.value).data;
  const job = await lookAtWarned(parts, { seen: found, began: opened }, { rank: 'person', retryForMs: 0, signal: AbortSignal.timeout(LOOK_FOR_MS) });
  if (job === 'gone' || (job !== undefined && isOver(job))) return { late: id };
  // A look that fails holds up no Keep: that one kills nobody.
  if (job === undefined && what === 'kill') return { text: 'The job could not be looked at now, so nothing was done. Please click again.' };

  request.log.info('click', { what, user: action.userId, warning: id });
  // Not only by its run, which may sleep: from now on nothing that a keep holds back kills it.
  const besides = (given: Answer): PutEntry[] => (what === 'keep' && found && opened ? keptEntries(id, requestKnown(opened, found.job_id), warned, { answer: given, job: found }) : []);
  const claimed = await claimClick(parts, request, id, { on: 'warned', what, user: action.userId, besides }, deadline);
  if (claimed.is === 'lost') return { text: claimed.text };
  return claimed.is === 'taken' ? undefined : { late: id };
}

function refuseToKeep({ policy }: SlackParts, { keepMs, keepAtMostMs, usedMs = 0, owner }: Held, action: Pick<BlockAction, 'userId' | 'channelId'>): Refusal | undefined {
  if (keepMs === undefined) return { rule: 'mayKill', why: 'the rule of this warning has no keep, so nobody can keep the job' };
  return refuseKeep(policy.slack, { owner, isUsedUp: keepLength({ keepMs, keepAtMostMs }, usedMs).isUsedUp }, action);
}

async function readWarned({ starter: { ledger, clock }, comesAgain }: SlackParts, request: Pick<HttpRequest, 'log'>, { name, start }: StartId): Promise<(Entry | undefined)[] | undefined> {
  const now = clock.now();
  const deadline = now + READ_FOR_MS;
  const keys = [startHeld(name, start, 'warned'), startAnswer(name, start), startEnd(name, start), startBegan(name, start), runJob(name)];
  try {
    return await tryThrice(clock, deadline, () => ledger.get(keys, { now, deadline }));
  } catch (error) {
    if (!(error instanceof LedgerFailed) || comesAgain) throw error;
    request.log.error('a warning could not be read', { name, start, error });
    return undefined;
  }
}
