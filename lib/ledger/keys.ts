import * as z from 'zod/mini';
import { OUTCOMES } from '../core/end.ts';
import { ACTIONS, type RuleId, TRIGGERS } from '../core/request.ts';
import { sha256 } from '../core/sha256.ts';
import type { Key } from './port.ts';

// Every key of the ledger, what stands under it, who writes and who reads it, and how long it is kept. What stands here is
// read by later versions: names never change, values only get more fields. Moments are epoch ms. A claim has its owner and its
// `until` beside its value: they are not repeated in it. No secret, no `arguments`, no `properties`, no response URL.

const DAY_MS = 86_400_000;
/** `run/…` and whatever else names an execution: after its last word, as long as Lambda keeps an execution's name. */
export const RUN_KEPT_MS = 14 * DAY_MS;
/** Ends, their copies, and what stands beside them. */
export const END_KEPT_MS = 30 * DAY_MS;
/** The moment of a first POST: stretched to this by each POST. */
export const NAME_KEPT_MS = 75 * 60_000;
/** A refusal at the door: stretched to this by each repeat. */
export const DOOR_KEPT_MS = RUN_KEPT_MS;

/** Stands for the part of a key that has nothing to tell apart. */
const SOLE = '-';

/** What is only played has keys of its own. */
const DRY = 'dry';

/** Foreign words may be of any length and hold any separator. */
function hash(...words: string[]): string {
  return sha256(JSON.stringify(words)).slice(0, 32);
}

/** A rule by its name, where it has one, else by a hash of its content. `=` is in no plain name, so that a hash never is one. */
export function ruleWord(rule: RuleId): string {
  if ('content' in rule) return `=${rule.content}`;
  return /^[\w.-]{1,64}$/.test(rule.name) ? rule.name : `=${hash(rule.name)}`;
}

// ── of a request: `run/<name>`, the name without its restart suffix; written by its runs, read by taking over, a 409 at the
//    door, the notice of a bad end, late clicks. Kept 14 days after its last word. A list gives all of it.
const run = (name: string, rest: string): Key => ({ partition: runPartition(name), rest });
export const runPartition = (name: string): string => `run/${name}`;

/** Put by the look, once: the job is never looked up by its name again. */
export const runJob = (name: string): Key => run(name, 'job');
export const JobSeen = z.object({
  /** Id of the cluster. */
  cluster: z.string(),
  job_id: z.string(),
  job_name: z.string(),
  job_type: z.string(),
  user: z.string(),
  queue: z.string(),
  app_id: z.string(),
  launcher_id: z.string(),
});
export type JobSeen = z.infer<typeof JobSeen>;

/** Put before the kill, with the first POST of each start, `record/<start>` from the second on: no record, no kill. */
export const runRecord = (name: string, start = 1): Key => run(name, start === 1 ? 'record' : `record/${start}`);
export const Asking = z.object({
  at: z.number(),
  trigger: z.enum(TRIGGERS),
  /** Who asked, for people to read. */
  by: z.string(),
  why: z.string(),
  /** Which rule of the policy asked: `alerts.1`, or its name. */
  policyRule: z.optional(z.string()),
  job: z.optional(JobSeen),
  /** What was asked for, for people to read: all there is to say where no job was found. */
  asked: z.optional(z.string()),
});
export type Asking = z.infer<typeof Asking>;
export const KillRecord = z.extend(Asking, { job: JobSeen, policyHash: z.string() });
export type KillRecord = z.infer<typeof KillRecord>;

/** Put before each POST leaves, the first with the record; numbered from 1 over all starts. */
export const runPost = (name: string, post: number): Key => run(name, `post/${post}`);
export const Post = z.object({ at: z.number() });
export type Post = z.infer<typeof Post>;

/** Put when it is known what became of a POST; it stays away where the run died first. `refused` and `unsent` had no effect. */
export const runPostAnswer = (name: string, post: number): Key => run(name, `answer/${post}`);
export const PostAnswer = z.object({
  at: z.number(),
  what: z.enum(['accepted', 'unanswered', 'refused', 'impossible', 'unsent']),
  code: z.optional(z.string()),
});
export type PostAnswer = z.infer<typeof PostAnswer>;

// ── of each start: `start/<name> | <number>/…`; written by its run, by its children and by what it handed on to, read by the
//    same as `run/…`. Kept 14 days after its last word, its End 30 days. Numbers are padded, so that a list has the newest last.
const start = (name: string, number: number, rest: string): Key => ({
  partition: startPartition(name),
  rest: `${startWord(number)}/${rest}`,
});
export const startPartition = (name: string): string => `start/${name}`;
/** The number of a start as it stands at the head of `rest`: where a list of this start and later ones begins. */
export const startWord = (number: number): string => String(number).padStart(6, '0');

/** The number of the start that an entry of `start/…` belongs to, and what it is (`card/C1/1.2`). */
export function readStartRest(rest: string): { number: number; what: string } {
  const slash = rest.indexOf('/');
  return { number: Number(rest.slice(0, slash)), what: rest.slice(slash + 1) };
}

/** A start of a request. */
const StartOf = z.object({ name: z.string(), start: z.number() });

/** Put first of all; `since` is when the request was first known, as far as this start knows. */
export const startBegan = (name: string, number: number): Key => start(name, number, 'began');
export const Began = z.object({
  at: z.number(),
  since: z.number(),
  /** What was asked for, for whoever closes it in its place. */
  killId: z.optional(z.string()),
  trigger: z.optional(z.enum(TRIGGERS)),
  target: z.optional(z.unknown()),
  by: z.optional(z.string()),
  why: z.optional(z.string()),
  policyRule: z.optional(z.string()),
  /** Slack: where it came from, and who is behind it. */
  channel: z.optional(z.string()),
  thread: z.optional(z.object({ channel: z.string(), ts: z.string() })),
  person: z.optional(z.string()),
  /** The rule that asked, whether it only plays, and the pick that chose the job. */
  rule: z.optional(z.union([z.object({ name: z.string(), askAgainMs: z.number() }), z.object({ content: z.string(), askAgainMs: z.number() })])),
  dryRun: z.optional(z.boolean()),
  action: z.optional(z.enum(ACTIONS)),
  pickedBy: z.optional(StartOf),
  /** Of a warning: which round it is, or goes on with; and how long (ms) a round may live. */
  warns: z.optional(z.literal(true)),
  warning: z.optional(z.object({ first: StartOf, round: z.number(), usedMs: z.number(), killNow: z.optional(z.literal(true)) })),
  livesMs: z.optional(z.number()),
});
export type Began = z.infer<typeof Began>;

/** Put by the first entry of a round of a warning: how long (ms) such a one may live, which hangs on the policy that it began under. Read
 *  by cleanup, which looks for what died. As long as that start. */
export const livesKey = (livesMs: number): Key => ({ partition: livesPartition, rest: String(livesMs) });
export const livesPartition = 'lives';
export const Lives = z.object({ livesMs: z.number() });
export type Lives = z.infer<typeof Lives>;

/** Put for each message before it gets its buttons: whoever closes takes them from all. */
export const startCard = (name: string, number: number, channel: string, ts: string): Key =>
  start(name, number, `card/${channel}/${ts}`);
export const Card = z.object({
  channel: z.string(),
  ts: z.string(),
  /** Of a warning: whom it is for, and of which round it is. */
  of: z.optional(z.enum(['channel', 'owner'])),
  round: z.optional(z.number()),
});
export type Card = z.infer<typeof Card>;

/** Put when a question or a warning stands, or a job is kept: until when, and which callback a click wakes. */
export const startHeld = (name: string, number: number, what: 'asked' | 'warned' | 'kept'): Key => start(name, number, what);
export const Held = z.object({
  at: z.number(),
  until: z.number(),
  by: z.optional(z.string()),
  callback: z.optional(z.string()),
  /** Of a question: who has to agree, and why. */
  who: z.optional(z.enum(['requester', 'approver'])),
  why: z.optional(z.string()),
  /** Of a warning: how long Keep keeps the job, how long it may be kept in all, how much of that was used before, whose job it is. */
  keepMs: z.optional(z.number()),
  keepAtMostMs: z.optional(z.number()),
  usedMs: z.optional(z.number()),
  owner: z.optional(z.string()),
  /** It is only played: there are no buttons, and no kill comes. */
  dryRun: z.optional(z.literal(true)),
});
export type Held = z.infer<typeof Held>;

/** Claimed by a pick: the first choice stands, and is the one that is carried out. */
export const startChoice = (name: string, number: number): Key => start(name, number, 'choice');
export const Choice = z.object({
  at: z.number(),
  jobs: z.array(JobSeen),
  /** Epoch ms: what of it left no end by then never began. */
  openUntil: z.optional(z.number()),
});
export type Choice = z.infer<typeof Choice>;

/** Claimed by the first click, by the run when the time is up, by whoever closes what failed meanwhile. `jumped`: it was up only because the clock was set forward over it. */
export const startAnswer = (name: string, number: number): Key => start(name, number, 'answer');
export const Answer = z.object({ at: z.number(), what: z.enum(['yes', 'no', 'keep', 'kill', 'time']), by: z.optional(z.string()), jumped: z.optional(z.boolean()) });
export type Answer = z.infer<typeof Answer>;

/** Put before what it hands on to is started: a child of a pick, the next round of a warning, its kill. */
export const startHandedOn = (name: string, number: number, to: string): Key => start(name, number, `handed/${to}`);
export const HandedOn = z.object({
  at: z.number(),
  /** Name of the execution. */
  to: z.string(),
  /** Of a warning: what it is started with, for whoever starts it in its place. */
  request: z.optional(z.unknown()),
});
export type HandedOn = z.infer<typeof HandedOn>;

/** Claimed, by whoever closes: the one End. 30 days. */
export const startEnd = (name: string, number: number): Key => start(name, number, 'end');
export const EndEntry = z.extend(Asking, {
  outcome: z.enum(OUTCOMES),
  /** Since when the request is known, when this start began, and when it ended. */
  since: z.number(),
  began: z.number(),
  ended: z.optional(z.number()),
  /** The policy that decided. */
  policyHash: z.optional(z.string()),
  reason: z.string(),
  /** The rule that refused. */
  rule: z.optional(z.string()),
  code: z.optional(z.string()),
  answeredBy: z.optional(z.string()),
  /** Whose choice held a pick back. */
  of: z.optional(z.object({ name: z.string(), start: z.number() })),
  /** A POST went unanswered and may still take effect. */
  mayTakeEffect: z.optional(z.literal(true)),
});
export type EndEntry = z.infer<typeof EndEntry>;

/** Put by a child of a pick with its record: a POST for this job was about to leave. */
export const startPosted = (name: string, number: number, jobId: string): Key => start(name, number, `posted/${jobId}`);

/** Put by what it handed on to, as it ends: a copy of that End. */
export const startEndOf = (name: string, number: number, of: string): Key => start(name, number, `ended/${of}`);

/** Put when an End was said where it came from: the End that was said. */
export const startTold = (name: string, number: number): Key => start(name, number, 'told');
export const Told = z.object({ at: z.number(), end: EndEntry });
export type Told = z.infer<typeof Told>;

// ── the door ────────────────────────────────────────────────────────────────────────────────────────────────────────────
/** Claimed by the door, and read by it: what was refused or ignored there, under the name a start would have had. Each repeat
 *  stretches it to 14 days. */
export const doorKey = (name: string): Key => ({ partition: `door/${name}`, rest: SOLE });
export const AtDoor = z.object({ at: z.number(), outcome: z.enum(['refused', 'ignored']), rule: z.string(), killId: z.optional(z.string()) });
export type AtDoor = z.infer<typeof AtDoor>;

// ── history: the same entries three times, by day, by job and by rule. 30 days.
/** `0` open (Asking), `1` its End (EndEntry); the words are entries beside the Ends (Noted), each written once; `handed`: a warning handed on (HandedOn), and is not open any more. */
export type HistoryWord = '0' | '1' | 'picked' | 'warned' | 'kept' | 'handed' | 'paused' | 'resumed';
export const Noted = z.object({
  at: z.number(),
  what: z.enum(['picked', 'warned', 'kept', 'paused', 'resumed']),
  by: z.string(),
  why: z.string(),
  until: z.optional(z.number()),
  job: z.optional(JobSeen),
  policyRule: z.optional(z.string()),
});
export type Noted = z.infer<typeof Noted>;

/** The order of a list is that of the moments at which the runs began; written twice it is written once. */
const historyRest = (began: number, name: string, word: HistoryWord): string => `${new Date(began).toISOString()}-${name}-${word}`;
/** Where a list of what began at or after a moment begins: `since` of a list. */
export const historySince = (began: number): string => new Date(began).toISOString();

/** Put by the first entry of a run, close, the door, REST, pick, warn, pause and resume; read by history, digest, `resume` and
 *  cleanup (what is open). The day is UTC's, of the moment at which the run began. */
export const dayKey = (began: number, name: string, word: HistoryWord): Key => ({
  partition: dayPartition(began),
  rest: historyRest(began, name, word),
});
export const dayPartition = (at: number): string => `day/${new Date(at).toISOString().slice(0, 10)}`;

/** Put by the same, once for each id and the name of the job, and for what was asked for; read by history and `why`, by what a person typed. */
export const jobKey = (idOrName: string, began: number, name: string, word: HistoryWord): Key => ({
  partition: jobPartition(idOrName),
  rest: historyRest(began, name, word),
});
export const jobPartition = (idOrName: string): string => `job/${hash(idOrName)}`;

/** Put by the same, under the rule of the policy that asked and under the name of the one that refused; pause and resume stand under
 *  `paused`, beside what they refused. Read by history and `resume`. */
export const ruleKey = (rule: RuleId, began: number, name: string, word: HistoryWord): Key => ({
  partition: rulePartition(rule),
  rest: historyRest(began, name, word),
});
export const rulePartition = (rule: RuleId): string => `rule/${ruleWord(rule)}`;

// ── what holds back ─────────────────────────────────────────────────────────────────────────────────────────────────────
/** Places in the hour of live kills (`take`; what stands there is Places of places.ts), by name without suffix: before the record
 *  and before a late POST; the door reads after a 409. Kept for its hour. */
export const placesKey: Key = { partition: 'places', rest: SOLE };

/** Claimed by a pick, first without a value for 5 min, then with its choice for the cooldown; read by picks and the door. A
 *  pick's rule is always known by its content; a dry run has a key of its own. */
export const pickKey = (content: string, clusterId: string, isDryRun: boolean): Key => ({ partition: `pick/${ruleWord({ content })}/${clusterId}`, rest: isDryRun ? DRY : SOLE });
/** Claimed beside it with the choice, for 14 days: later news of what the pick was about never picks again. Read by picks and the door. */
export const pickedForKey = (content: string, clusterId: string, occurrence: string, isDryRun: boolean): Key => ({
  partition: pickKey(content, clusterId, isDryRun).partition,
  rest: isDryRun ? `${occurrence} ${DRY}` : occurrence,
});
export const Picked = z.object({ at: z.number(), start: z.number(), ids: z.array(z.string()), killId: z.string() });
export type Picked = z.infer<typeof Picked>;

/** Put with the record of each POST: the moment of the first one, which never moves. Read by the look by name and by the pick for
 *  an alert. An hour and a quarter after the last POST. */
export const nameKey = (clusterId: string, jobName: string, jobId: string, request: string): Key => ({
  partition: namePartition(clusterId, jobName),
  rest: `${jobId} ${request}`,
});
export const FirstPost = z.object({ at: z.number() });
export type FirstPost = z.infer<typeof FirstPost>;
export const namePartition = (clusterId: string, jobName: string): string => `name/${clusterId}/${hash(jobName)}`;

/** Claimed before the card, for the ask's time and an hour, by ask, notify, a pick's child and a dry warning; after a no or no
 *  answer stretched to `askAgain`, after a yes given back. Read by cleanup, pick and `why`. Kept until its `until`. */
export const noKey = (rule: RuleId, jobId: string, isDryRun: boolean): Key => ({ partition: noPartition(rule), rest: isDryRun ? `${jobId} ${DRY}` : jobId });
/** The same of an alert that names its job: it asks about it once for each occurrence, which is 14 days. */
export const noOfOccurrenceKey = (rule: RuleId, jobId: string, occurrence: string, isDryRun: boolean): Key => ({
  partition: noPartition(rule),
  rest: `${noKey(rule, jobId, isDryRun).rest} ${occurrence}`,
});
export const noPartition = (rule: RuleId): string => `no/${ruleWord(rule)}`;
export const No = z.object({ at: z.number(), what: z.string(), by: z.optional(z.string()) });
export type No = z.infer<typeof No>;

/** Claimed by a warning as its first round, without a value, and given back by the last; read by warn, cleanup, `why`, late
 *  clicks and the door after a 409. Kept until its `until`. */
export const warnKey = (rule: RuleId, jobId: string): Key => ({ partition: warnPartition(rule), rest: jobId });
export const warnPartition = (rule: RuleId): string => `warn/${ruleWord(rule)}`;

/** Put by the click on Keep and by warn, the same by both, one for each keep; read by kill, warn, cleanup, pick, `/mrs kept` and `why`. The latest of a job's keeps holds.
 *  Kept until its `until`. `since: <job id>` begins a list of one job. */
export const keptKey = (jobId: string, rule: RuleId, warning: string, round: number): Key => ({
  partition: keptPartition,
  rest: `${jobId} ${ruleWord(rule)} ${warning}-${round}`,
});
export const keptPartition = 'kept';
/** Put with each keep, by the same: how much of `keepAtMost` a job has used under a rule by then, in all its warnings. Read by the first round
 *  of the next one, the most counts. 14 days after the keep is over. `since: <job id>` begins a list of one job. */
export const keptUsedKey = (jobId: string, rule: RuleId, warning: string, round: number): Key => ({ partition: keptUsedPartition(rule), rest: `${jobId} ${warning}-${round}` });
export const keptUsedPartition = (rule: RuleId): string => `used/${ruleWord(rule)}`;
export const KeptUsed = z.object({ at: z.number(), usedMs: z.number() });
export type KeptUsed = z.infer<typeof KeptUsed>;
export const Kept = z.object({
  at: z.number(),
  until: z.number(),
  /** Of `keepAtMost`, all keeps of this warning together. */
  usedMs: z.number(),
  by: z.string(),
  rule: z.string(),
  job: JobSeen,
});
export type Kept = z.infer<typeof Kept>;

/** Put when an alert is resolved, by what its firing and its resolved have in common; read by kill and warn. Kept as a run. */
export const resolvedKey = (occurrence: string): Key => ({ partition: `resolved/${occurrence}`, rest: SOLE });
export const Resolved = z.object({ at: z.number() });
export type Resolved = z.infer<typeof Resolved>;

/** Claimed by `/mrs pause` in one name for all, without a value, and given back by `resume`; who and why are entries of the
 *  day. Read at each decide and before each POST, by health, `clusters`, `resume` and the door. Kept until its `until`. */
export const switchKey: Key = { partition: 'switch', rest: SOLE };
export const SWITCH_OWNER = 'switch';

/** Claimed by who says something once an hour or week (its name with its suffix is the owner, of a digest a random id), without a
 *  value: `what` may hold foreign words. A digest that could not be posted gives it back. Kept until the hour or week is over. */
export const toldKey = (what: string, period: string): Key => ({ partition: `told/${hash(what)}/${period}`, rest: SOLE });
