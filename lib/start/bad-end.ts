import * as z from 'zod/mini';
import { declinedEnd, type End } from '../core/end.ts';
import { isPick, type KillRequest, type Requested } from '../core/request.ts';
import { utcText } from '../core/time.ts';
import { parseJson } from '../http/json.ts';
import { type Closer, closeRequest } from '../kill/close.ts';
import type { Moves } from '../kill/moves.ts';
import { settleNo } from '../kill/no.ts';
import { readWarningCards, releaseWarning } from '../kill/open-warning.ts';
import { type StartId, startIn } from '../kill/start-id.ts';
import { endKnown, type Known, mayHaveWorked, recall, requestKnown } from '../kill/remember.ts';
import { eachOnce, readCards, showOnCards } from '../kill/show-view.ts';
import { type Held, startBegan } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/port.ts';
import type { Log } from '../log/log.ts';
import type { Policy } from '../policy/policy.ts';
import type { BadStatus, Engine, KillPayload } from './engine.ts';
import { nameEndOf } from './names.ts';
import { startHanded } from '../warn/hand-on.ts';
import { recordKeep } from '../warn/keep.ts';
import { giveBack } from './pick.ts';
import { nextStarter } from './next-starter.ts';
import type { Starter } from './start-all.ts';

/** What taking note of a bad end needs. */
export type BadEndParts = { ledger: Ledger; engine: Engine; clock: { now: () => number }; log: Log; createId: () => string };

/** https://docs.aws.amazon.com/lambda/latest/dg/durable-monitoring.html */
const StatusChange = z.looseObject({
  source: z.literal('aws.lambda'),
  'detail-type': z.literal('Durable Execution Status Change'),
  detail: z.looseObject({
    durableExecutionArn: z.string(),
    durableExecutionName: z.optional(z.string()),
    status: z.enum(['RUNNING', 'SUCCEEDED', 'FAILED', 'STOPPED', 'TIMED_OUT']),
  }),
});

type StatusChange = z.infer<typeof StatusChange>;

/**
 * What an event of EventBridge about a durable execution of ours asks for; undefined where it is about something else.
 * `ours` gives the names of our durable functions with their qualifiers, or their ARNs; it is asked for such an event only. Whether
 * EventBridge itself brought the event the caller has to know: nobody but AWS can put one of `aws.lambda` on a bus.
 */
export function takeStatusChange(event: unknown, ours: () => readonly string[]): ((parts: BadEndParts) => Promise<void>) | undefined {
  const read = StatusChange.safeParse(event);
  if (!read.success || !ours().some((durableFunction) => isExecutionOf(durableFunction, read.data.detail.durableExecutionArn))) return undefined;
  const { durableExecutionArn: arn, status } = read.data.detail;
  return (parts) => noteBadEnd(parts, { arn, status });
}

/** Whatever its version: executions go on under the one that they began with. */
function isExecutionOf(durableFunction: string, arn: string): boolean {
  const ours = durableFunction.replace(/:[^:]*$/, '');
  const own = /^.*?:function:[\w-]+/.exec(arn)?.[0] ?? '';
  return own === ours || own.endsWith(`:function:${ours}`);
}

/**
 * An execution that ends FAILED, TIMED_OUT or STOPPED runs no code of its own any more: another one is started that closes its
 * request. What the ledger does not know, since the run never reached its first move, the execution's own input tells. Throws where
 * that cannot be done now, so that EventBridge sends the event again.
 */
export async function noteBadEnd({ ledger, engine, clock, log, createId }: BadEndParts, { arn, status }: { arn: string; status: StatusChange['detail']['status'] }): Promise<void> {
  if (status === 'RUNNING' || status === 'SUCCEEDED') return;
  const name = executionIn(arn);
  if (/^(?:end|notice)-/.test(name)) {
    log.error(name.startsWith('end-') ? 'closing a request that broke off broke off itself: look at its job' : 'a notice was not sent', { execution: name, status });
    return;
  }
  const id = startIn(name);
  const [began] = await ledger.get([startBegan(id.name, id.start)], { now: clock.now() });
  const request = began === undefined ? requestIn(await engine.inputOf(arn)) : undefined;
  if (began === undefined && request === undefined) {
    log.error('an unknown execution came to a bad end', { execution: name, status });
    return;
  }
  const payload: KillPayload = { kind: 'end', status, ...id, ...(request && { request }), attempt: createId() };
  await engine.start(nameEndOf(name), JSON.stringify(payload));
}

/** `…:function:NAME:VERSION/durable-execution/<name>/<id>` */
function executionIn(arn: string): string {
  return /\/durable-execution\/([^/]+)\//.exec(arn)?.[1] ?? '';
}

function requestIn(input: string): Requested | undefined {
  return (parseJson(input) as { request?: Requested } | undefined)?.request;
}

const WHY: Record<BadStatus, string> = {
  FAILED: 'this request broke off (its execution FAILED)',
  TIMED_OUT: 'this request broke off (its execution ran out of time)',
  STOPPED: 'this request was stopped by an operator',
};

const READ_FOR_SEC = 60 * 60;
const SWEEP_AFTER_SEC = 120;

/**
 * Closes a request in the place of its run, which broke off: its End is what stands or was said, a no that was given, or failed. A warning
 * that handed on has ended as that, unless people were told another End: it is started once more, in case that was lost; undefined then.
 */
export async function closeBadEnd(parts: Closer & { moves: Moves; policy: Policy; starter: Starter }, { status, request: given, ...id }: { status: BadStatus; request?: Requested } & StartId): Promise<End | undefined> {
  const { moves, ledger, clock } = parts;
  const found = await moves.step('begin', async () => {
    const now = clock.now();
    return { at: now, known: await recall({ ledger, id }, now) };
  }, READ_FOR_SEC);
  const request = given ?? requestKnown(found.known.opened, found.known.job?.job_id);
  const { handedOn } = found.known;
  if (handedOn?.request !== undefined && endKnown(found.known) === undefined) {
    const lost = await startHanded({ moves, ledger, clock, next: nextStarter(parts.starter) }, handedOn.request as KillRequest);
    if (lost === undefined) return undefined;
  }
  const isOfWarning = !isPick(request) && (request.warns === true || request.warning !== undefined);
  const keep = isPick(request) ? undefined : await keepInPlace({ ...parts, id }, request, found.known);
  const warningCards = isOfWarning ? await readWarningCards({ ...parts, id }, request, 'warning-cards') : [];
  const allCards = eachOnce(found.known.cards, warningCards);
  const since = found.known.since ?? request.receivedAt;
  const ending = { id, since, began: found.known.began ?? request.receivedAt, cards: allCards, end: found.known.end, told: found.known.told, seen: found.known.job };
  const settle = async (end: End): Promise<void> => {
    if (isOfWarning && handedOn === undefined) await releaseWarning({ ...parts, id }, request, end.job?.job_id ?? found.known.job?.job_id);
    if (!isPick(request)) return settleNo({ ...parts, id }, request, end, { isHeld: true, isSeen: ending.cards.length > 0 });
    return found.known.choices.some(({ start }) => start === id.start) ? undefined : giveBack({ ...parts, id }, request);
  };
  const stands = await closeRequest({ ...parts, settle, alsoAudit: () => ({ status }) }, request, ending, endInPlace(found.known, status, keep && keep.until > found.at ? keep : undefined));
  // An invocation of the execution may have lived on, and have posted a card, or given it its buttons: they are taken once more.
  if (await moves.wait('sweep', SWEEP_AFTER_SEC)) {
    const own = await readCards(parts, 'cards', id, READ_FOR_SEC);
    const cards = eachOnce(own, isOfWarning ? await readWarningCards({ ...parts, id }, request, 'warning-cards-again') : []);
    await showOnCards(parts, request, () => ({ stage: 'end', end: stands, tookMs: found.at - request.receivedAt }), cards, 100);
  }
  return stands;
}

/** A Keep that its run did not come to is put on record in its place: who clicked was told of nothing else. Never throws. */
async function keepInPlace(parts: Closer & { moves: Moves; id: StartId }, request: KillRequest, { end, warned, kept, answer, job }: Pick<Known, 'end' | 'warned' | 'kept' | 'answer' | 'job'>): Promise<Held | undefined> {
  if (kept !== undefined || end !== undefined || warned === undefined || answer?.what !== 'keep' || job === undefined) return kept;
  return parts.moves.step('keep', () => recordKeep(parts, request, warned, { answer, job }), READ_FOR_SEC).catch(() => undefined);
}

function endInPlace(known: Pick<Known, 'end' | 'told' | 'answer' | 'posts'>, status: BadStatus, keep: Held | undefined): End {
  const { answer, posts } = known;
  const ended = endKnown(known);
  if (ended) return ended;
  if (answer?.what === 'no') return declinedEnd(answer.by);
  const isOpen = posts.some(mayHaveWorked);
  if (keep !== undefined) return { outcome: 'failed', code: status, reason: `${WHY[status]}; nothing was killed; it is kept until ${utcText(keep.until)} by ${keep.by ?? 'somebody'}` };
  const what = !isOpen ? 'nothing was killed, as far as the ledger tells' : 'a kill was sent or was about to be sent, and nobody knows here whether the job was killed';
  return { outcome: 'failed', code: status, reason: `${WHY[status]}; ${what}; look at the job, and ask again if you still want it killed`, ...(isOpen && { mayTakeEffect: true as const }) };
}
