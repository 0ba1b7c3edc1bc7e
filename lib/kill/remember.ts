import type * as z from 'zod/mini';
import type { End } from '../core/end.ts';
import type { Requested, Target } from '../core/request.ts';
import type { Clock } from '../core/time.ts';
import {
  Answer, Began, Card, Choice, EndEntry, HandedOn, Held, JobSeen, type Lives, livesKey, Post, PostAnswer, readStartRest, RUN_KEPT_MS, runPartition, startBegan, startPartition, Told,
} from '../ledger/keys.ts';
import { type Entry, type Ledger, LedgerFailed, type PutEntry } from '../ledger/port.ts';
import { askingOf, endOfEntry, historyEntries } from './history-entries.ts';
import type { StartId } from './start-id.ts';

/** What remembering needs: where, when, and of which start. */
export type Memory = { ledger: Ledger; clock: Clock; id: StartId };

/** Whether a POST left, as far as anybody knows, and may have had its effect. */
export function mayHaveWorked({ answer }: KnownPost): boolean {
  return answer === undefined || answer === 'unanswered' || answer === 'accepted';
}

/** The number of the last POST on record, 0 where there is none. */
export function lastPost(posts: readonly KnownPost[]): number {
  return Math.max(0, ...posts.map(({ number }) => number));
}

/** A POST on record; without an answer nobody knows what became of it. */
export type KnownPost = { number: number; at?: number; answer?: PostAnswer['what'] };

/** What the ledger knows of a request, and of this start of it. Moments are epoch ms. */
export type Known = {
  /** Since when the request is known, and when this start began. */
  since: number;
  began: number;
  /** What this start was asked for. */
  opened?: Began;
  /** The job that was found: it is never looked up by its name again. */
  job?: JobSeen;
  posts: KnownPost[];
  cards: Card[];
  asked?: Held;
  /** Of a warning: how long it stands, how long the job is kept, and what it handed on to. */
  warned?: Held;
  kept?: Held;
  handedOn?: HandedOn;
  answer?: Answer;
  end?: EndEntry;
  told?: Told;
  /** Of a pick: what each of its starts chose, and for which of these jobs a POST was about to leave. */
  choices: (Choice & { start: number; posted: string[] })[];
};

const PAGE = 200;

/** All of a partition. */
export async function listAll(ledger: Ledger, partition: string, now: number): Promise<Entry[]> {
  const all: Entry[] = [];
  let after: string | undefined;
  do {
    const page = await ledger.list(partition, { now, most: PAGE, after });
    all.push(...page.entries);
    after = page.after;
  } while (after !== undefined);
  return all;
}

const OF_JOB = 25;

/** All of a partition that begins with the id of a job. Throws LedgerFailed. */
export async function listOfJob(ledger: Ledger, partition: string, jobId: string, call: { now: number; deadline?: number }): Promise<Entry[]> {
  const all: Entry[] = [];
  let after: string | undefined;
  do {
    const page = await ledger.list(partition, { ...call, since: `${jobId} `, most: OF_JOB, after });
    const ofJob = page.entries.filter(({ key }) => key.rest.startsWith(`${jobId} `));
    all.push(...ofJob);
    after = ofJob.length === page.entries.length ? page.after : undefined;
  } while (after !== undefined);
  return all;
}

/** What the ledger knows of the request of `id`, and of this start. Throws LedgerFailed. */
export async function recall({ ledger, id }: Pick<Memory, 'ledger' | 'id'>, now: number): Promise<Read> {
  const ofStarts = await listAll(ledger, startPartition(id.name), now);
  // Whatever a run leaves comes after the first entry of its start.
  const ofRequest = ofStarts.length === 0 ? [] : await listAll(ledger, runPartition(id.name), now);
  return readKnown(id.start, ofRequest, ofStarts);
}

/**
 * What the ledger knows of the request of `id`; a start that nobody knows yet is put on record, open, with what was asked for. The
 * first thing that a run does: it goes on from there. `livesMs`: how long it may live, where that is not as a kill's. Throws LedgerFailed.
 */
export async function takeOver({ ledger, clock, id }: Memory, request: Requested, livesMs?: number): Promise<Known> {
  const now = clock.now();
  const known = await recall({ ledger, id }, now);
  const since = Math.min(known.since ?? request.receivedAt, request.receivedAt);
  if (known.began !== undefined) return { ...known, since, began: known.began };
  await ledger.put(openEntries(id, request, { began: now, since, livesMs }));
  return { ...known, since, began: now };
}

/** The End of this start: the one that stands, or the one that people were told where none could be written. Whoever takes over ends as that. */
export function endKnown({ end, told }: Pick<Known, 'end' | 'told'>): End | undefined {
  const known = end ?? told?.end;
  return known && endOfEntry(known);
}

/** The entries of a start that begins: that it did, and that it is open. */
export function openEntries(id: StartId, request: Requested, { began, since, livesMs }: { began: number; since: number; livesMs?: number | undefined }): PutEntry[] {
  const { killId, target, channel, thread, person, rule, dryRun, action, pickedBy, warns, warning } = request;
  const value: Began = {
    ...askingOf(request), at: began, since, killId, target, dryRun, action,
    ...(channel && { channel }), ...(thread && { thread }), ...(person && { person }), ...(rule && { rule }), ...(pickedBy && { pickedBy }),
    ...(warns && { warns }), ...(warning && { warning }), ...(livesMs !== undefined && { livesMs }),
  };
  const until = began + (livesMs ?? 0) + RUN_KEPT_MS;
  const lives: PutEntry[] = livesMs === undefined ? [] : [{ key: livesKey(livesMs), value: { livesMs } satisfies Lives, until }];
  return [{ key: startBegan(id.name, id.start), value, until }, ...lives, ...historyEntries(id, request, began, '0', askingOf(request), until)];
}

type Read = Omit<Known, 'since' | 'began'> & { since?: number; began?: number };

/** What entries of `run/…` and `start/…` say. What cannot be read is as if it were not there, but for an answer and an End: then it throws LedgerFailed. */
export function readKnown(start: number, ofRequest: readonly Entry[], ofStarts: readonly Entry[]): Read {
  const known: Read = { posts: [], cards: [], choices: [] };
  const answers = new Map<number, PostAnswer['what']>();
  for (const { key: { rest }, value } of ofRequest) {
    const [what, number] = rest.split('/');
    if (what === 'job') assign(known, 'job', JobSeen.safeParse(value).data);
    // A POST counts by its key: what cannot be read of it left all the same.
    const at = what === 'post' ? Post.safeParse(value).data?.at : undefined;
    if (what === 'post') known.posts.push({ number: Number(number), ...(at !== undefined && { at }) });
    if (what === 'answer') answers.set(Number(number), PostAnswer.safeParse(value).data?.what ?? 'unanswered');
  }
  known.posts = known.posts.map(({ number, at }) => ({ number, ...(at !== undefined && { at }), ...(answers.has(number) && { answer: answers.get(number) as PostAnswer['what'] }) })).toSorted((a, b) => a.number - b.number);
  for (const { key, value } of ofStarts) {
    const { number, what } = readStartRest(key.rest);
    const end = what === 'end' ? EndEntry.safeParse(value).data : undefined;
    const since = what === 'began' ? Began.safeParse(value).data?.since : end?.since;
    if (end?.job !== undefined) known.job ??= end.job;
    if (since !== undefined) known.since = Math.min(known.since ?? since, since);
    if (number === start) readOwn(known, what, value);
    const choice = what === 'choice' ? Choice.safeParse(value).data : undefined;
    if (choice) known.choices.push({ ...choice, start: number, posted: postedIn(ofStarts, number) });
  }
  return known;
}

function postedIn(entries: readonly Entry[], start: number): string[] {
  const own = entries.flatMap(({ key, value }) => {
    const { number, what } = readStartRest(key.rest);
    return number === start ? [{ what, value }] : [];
  });
  const jobs = own.flatMap(({ what }) => (what.startsWith('posted/') ? [what.slice('posted/'.length)] : []));
  return jobs.filter((job) => !wasHeldBack(EndEntry.safeParse(own.find(({ what }) => what === `ended/${job}`)?.value).data));
}

/** Whether a kill was refused between its record and its POST, so that none left. */
export function wasHeldBack(end: Pick<EndEntry, 'outcome' | 'mayTakeEffect'> | undefined): boolean {
  return end?.outcome === 'refused' && end.mayTakeEffect !== true;
}

function readOwn(known: Read, what: string, value: unknown): void {
  if (what === 'began') {
    assign(known, 'opened', Began.safeParse(value).data);
    assign(known, 'began', known.opened?.at);
  }
  if (what.startsWith('card/')) known.cards.push(...[Card.safeParse(value).data ?? []].flat());
  if (what === 'asked' || what === 'warned' || what === 'kept') assign(known, what, Held.safeParse(value).data);
  if (what.startsWith('handed/')) assign(known, 'handedOn', HandedOn.safeParse(value).data);
  if (what === 'answer') assign(known, 'answer', readOrThrow(Answer, value, 'answer'));
  if (what === 'end') assign(known, 'end', readOrThrow(EndEntry, value, 'End'));
  if (what === 'told') assign(known, 'told', Told.safeParse(value).data);
}

/** What decides cannot be as if it were not there. */
function readOrThrow<T>(schema: z.ZodMiniType<T>, value: unknown, what: string): T {
  const read = schema.safeParse(value);
  if (!read.success) throw new LedgerFailed('refused', `an ${what} in the ledger cannot be read: something else, or another version, wrote it`);
  return read.data;
}

function assign<Name extends keyof Read>(known: Read, name: Name, value: Read[Name] | undefined): void {
  if (value !== undefined) known[name] = value;
}

/** What the ledger knows of who asked for what, as a request again. */
export function requestKnown(began: Began | undefined, jobId: string | undefined): Requested {
  const { killId = '', trigger = 'alerts', by = '', why = '', policyRule, since = 0, channel, thread, person, target, rule, dryRun = false, action = 'kill', pickedBy, warns, warning } = began ?? {};
  const known = jobId === undefined ? undefined : { job: { by: 'mrs-id', id: jobId } as const };
  return {
    killId, trigger, requestedBy: by, reason: why, action, dryRun, receivedAt: since,
    target: (target ?? known ?? { job: { by: 'name', name: '?' } }) as Requested['target'] & { job: { by: 'name'; name: string } },
    ...(policyRule !== undefined && { policyRule }), ...(channel !== undefined && { channel }), ...(thread && { thread }), ...(person !== undefined && { person }), ...(rule && { rule }), ...(pickedBy && { pickedBy }), ...(warns && { warns }), ...(warning && { warning }),
  };
}

/**
 * What a request means by now: the job that was found, which is never looked up by its name again. Before that an alert means what ran
 * when it began, and when we first heard of it: restarts included. So does a person, where another start goes on with what they asked
 * for: the job that they saw may be over, and run again.
 */
export function targetOf({ target }: { target: Target }, { job, since, opened }: Known): Target {
  if (job) return { cluster: job.cluster, job: { by: 'mrs-id', id: job.job_id } };
  if (target.submittedBefore === undefined && opened === undefined) return target;
  return { ...target, submittedBefore: Math.min(target.submittedBefore ?? Infinity, since) };
}
