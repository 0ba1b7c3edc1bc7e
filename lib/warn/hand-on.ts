import type { End } from '../core/end.ts';
import type { Job } from '../core/job.ts';
import type { KillRequest, Target } from '../core/request.ts';
import { warningLivesMs } from '../core/warned-rule.ts';
import { noLedgerEnd } from '../kill/close.ts';
import { endUntil, jobSeen, runUntil } from '../kill/history-entries.ts';
import { claimsAs, executionName, type StartId } from '../kill/start-id.ts';
import { dayKey, type HandedOn, JobSeen, runJob, startBegan, startHandedOn } from '../ledger/keys.ts';
import type { Warner } from './warner.ts';

const NOTE_FOR_SEC = 30 * 60;
const START_FOR_SEC = 15 * 60;

/**
 * What comes after a round: the next one, or the kill, which `by` asked for where somebody clicked Kill now. `endedAt`: when (epoch ms)
 * the warning was over, by its time or by that click: the kill expires by it, however late it is handed on.
 */
export type Next = { what: 'round'; usedMs: number } | { what: 'kill'; usedMs: number; endedAt: number; by?: string | undefined };

/**
 * Hands a warned job on to a request of its own, on record before it is started, as a POST is. The end where that could not be done;
 * undefined where what was handed on has the end.
 */
export async function handOn(parts: Warner, request: KillRequest, { began, job }: { began: number; job: Job }, next: Next): Promise<End | undefined> {
  const { moves, ledger, clock, clusters, id, policy } = parts;
  const note = async (): Promise<KillRequest> => {
    const now = clock.now();
    // By its id: its cluster may have another name by now than when it was looked at.
    const [known] = await ledger.get([runJob(id.name)], { now });
    const cluster = JobSeen.safeParse(known?.value).data?.cluster ?? jobSeen(clusters, job).cluster;
    const handed = nextRequest(id, request, { cluster, job: { by: 'mrs-id', id: job.job_id } }, next, now);
    const to = parts.next.nameOf(handed);
    const entry: HandedOn = { at: now, to, request: handed };
    await ledger.put([
      // What it is handed on to may live as long once more; a start that handed nothing on would be dead by then.
      { key: startHandedOn(id.name, id.start, to), value: entry, until: runUntil(now + warningLivesMs(policy)) },
      { key: dayKey(began, executionName(id), 'handed'), value: { at: now, to }, until: endUntil(now) },
    ]);
    return handed;
  };
  const handed = await moves.step('handed', note, NOTE_FOR_SEC).catch(noLedgerEnd);
  return 'outcome' in handed ? { ...handed, job } : startHanded(parts, handed, job);
}

/** Starts what a warning handed on to, as it stands on record; it may be there already, though nobody heard that it was started. */
export async function startHanded({ moves, next, ledger, clock }: Pick<Warner, 'moves' | 'next' | 'ledger' | 'clock'>, handed: KillRequest, job?: Job): Promise<End | undefined> {
  const started = await moves.step('hand-on', async () => next.start(handed), START_FOR_SEC).then(() => undefined, (error: unknown) => error as Error);
  if (started === undefined) return undefined;
  const began = startBegan(next.nameOf(handed), 1);
  const isThere = await moves.step('handed-there', async () => (await ledger.get([began], { now: clock.now() }))[0] !== undefined, NOTE_FOR_SEC).catch(() => false);
  if (isThere) return undefined;
  return { outcome: 'failed', code: 'not_started', reason: `the next step after the warning could not be started: ${started.message}; nothing was killed`, ...(job && { job }) };
}

function nextRequest(id: StartId, request: KillRequest, target: Target, next: Next, now: number): KillRequest {
  const { warns: _warns, warning, onlyIf: _onlyIf, thread: _thread, ...same } = request;
  const round = warning?.round ?? 1;
  const of = { first: claimsAs(id, request), usedMs: next.usedMs };
  const common: KillRequest = { ...same, receivedAt: next.what === 'kill' ? next.endedAt : now, target };
  if (next.what === 'round') return { ...common, warns: true, warning: { ...of, round: round + 1 } };
  if (next.by === undefined) return { ...common, warning: { ...of, round } };
  // As every click it is that person's request; what resolved the alert holds it back all the same.
  return { ...common, warning: { ...of, round, killNow: true }, trigger: 'slack', requestedBy: next.by, reason: request.requestedBy, person: next.by, confirmedBy: next.by, action: 'kill', dryRun: false };
}
