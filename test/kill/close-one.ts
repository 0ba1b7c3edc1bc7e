import type { End } from '../../lib/core/end.ts';
import type { MessageRef, Requested } from '../../lib/core/request.ts';
import { closeRequest, type Ending } from '../../lib/kill/close.ts';
import type { EndEntry } from '../../lib/ledger/keys.ts';
import { aJob, aRequest, NOON } from '../core/a-job.ts';
import { aRun, ID, type PlayedRun, type RunPlan } from './a-run.ts';

export const JOB = aJob();
export const CARD = { channel: 'C9', ts: '9.9' };
export const LATER = { channel: 'C9', ts: '9.10' };
export const KILLED: End = { outcome: 'killed', reason: 'MRS says that the job was killed', job: JOB };
export const FAILED: End = { outcome: 'failed', code: 'FAILED', reason: 'it broke off' };
export const alert = aRequest({ trigger: 'alerts', policyRule: 'stale', receivedAt: NOON - 5_000 });
export const ending = (more: Partial<Ending> = {}): Ending => ({ id: ID, since: NOON, began: NOON, cards: [], ...more });
export const entryAs = (more: Partial<EndEntry> = {}): EndEntry => ({ at: NOON, trigger: 'alerts', by: 'ci', why: '', since: NOON, began: NOON, outcome: 'killed', reason: 'it stood', ...more });

type Plan = RunPlan & { request?: Requested; given?: Partial<Ending>; script?: (run: PlayedRun) => PlayedRun['ledger']['script'] };
/** Closes a request as `end`, on a run as `plan` has it; what was said on which card. */
export async function close(end: End, { request = alert, given, script, ...plan }: Plan = {}): Promise<{ end: End; run: PlayedRun; said: [string, MessageRef | undefined][] }> {
  const run = await aRun(plan);
  if (script) run.ledger.script = script(run);
  const stands = await closeRequest(run.parts, request, ending(given), end);
  return { end: stands, run, said: run.shown.map(({ view, card }) => [view.stage === 'end' ? view.end.outcome : view.stage, card]) };
}
export const failingUntil = (ms: number, isMeant: (on: string, partition: string) => boolean = () => true) => (run: PlayedRun) => ({ on, partitions: [first = ''] }: { on: string; partitions: string[] }) => (run.clock.now() < NOON + ms && isMeant(on, first) ? ('fails' as const) : undefined);
