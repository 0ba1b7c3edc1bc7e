import type { Reporter } from '../core/report.ts';
import { tryThrice } from '../kill/moves.ts';
import { endUntil } from '../kill/history-entries.ts';
import { listAll } from '../kill/remember.ts';
import { dayKey, EndEntry, type HistoryWord, Noted, ruleKey, rulePartition, SWITCH_OWNER, switchKey } from '../ledger/keys.ts';
import { LedgerFailed } from '../ledger/port.ts';
import { pausedUntil } from '../ledger/switch.ts';
import type { Log } from '../log/log.ts';
import type { Cluster } from '../mrs/cluster.ts';
import { linesMessage, type Message, plainMessage } from './cards.ts';
import { endLine } from './history.ts';
import type { LaterTask } from './later.ts';
import { MEND_SETTING, type PauseReader } from './pause-words.ts';
import { readCall } from './read-ends.ts';
import { dayAndTime, foreign, person } from './text.ts';

/** What pausing and resuming needs. */
export type SwitchParts = PauseReader & { clusters: readonly Cluster[]; reporter: Reporter };
type SwitchTask = Extract<LaterTask, { slackTask: 'switch' }>;

const SAY_FOR_MS = 10_000;
const NEWEST = 5;
/** Who paused and resumed stands beside the kills that the pause refused. */
const PAUSED = { name: 'paused' };

/** Does what a person asked of the ledger's switch, says it in the channel, and gives the answer for that person. Safe to do twice. */
export async function turnSwitch(parts: SwitchParts, log: Log, task: SwitchTask): Promise<Message> {
  try {
    return task.command.command === 'pause' ? await pause(parts, log, task, task.command) : await resume(parts, log, task);
  } catch (error) {
    if (!(error instanceof LedgerFailed)) throw error;
    log.error('the switch could not be turned', { command: task.command.command, user: task.userId, error });
    const instead = task.command.command === 'pause' ? ', or set PAUSED to true' : '';
    return plainMessage(`The ledger could not be used (${foreign(error.message)}), so nobody knows whether this was done. Please try again${instead}.`);
  }
}

/** Everybody pauses in one name: the later end stands, so that no pause shortens another. */
async function pause(parts: SwitchParts, log: Log, task: SwitchTask, { forMs, reason }: { forMs: number; reason: string }): Promise<Message> {
  const { ledger } = parts;
  const wanted = task.at + forMs;
  if (await isNoted(parts, task, 'paused')) return plainMessage('This was done already.');
  const { until } = await ledger.claim(switchKey, { owner: SWITCH_OWNER, start: task.at, until: wanted }, readCall(parts));
  const because = reason === '' ? '' : `, because ${foreign(reason, 500)}`;
  log.info('paused', { user: task.userId, reason, until });
  await note(parts, log, task, { at: task.at, what: 'paused', by: task.userId, why: reason, until });
  const isTold = await tell(parts, log, `Paused by ${person(task.userId)} until ${dayAndTime(until)}${because}: nothing is killed until then, or until somebody writes \`/mrs resume\`.`);
  const longer = until > wanted ? ' A longer pause was set before, and that one stays.' : '';
  return plainMessage(`Paused until ${dayAndTime(until)}: nothing is killed, whoever asks.${longer} \`/mrs pause for 3d\` makes it longer, \`/mrs resume\` ends it.${isTold}`);
}

/** Gives the switch back, unless somebody paused after this was asked for, and says what was refused meanwhile. */
async function resume(parts: SwitchParts, log: Log, task: SwitchTask): Promise<Message> {
  const { ledger } = parts;
  const setting = (await parts.readPaused()) !== false ? [`${MEND_SETTING}.`] : [];
  if ((await pausedUntil(ledger, readCall(parts))) === undefined) return plainMessage([setting.length === 0 ? 'There is no pause.' : 'There is no pause that `/mrs resume` could end.', ...setting].join(' '));
  await ledger.release(switchKey, SWITCH_OWNER, task.at, readCall(parts));
  const still = await pausedUntil(ledger, readCall(parts));
  if (still !== undefined) return plainMessage([`Somebody paused again meanwhile, until ${dayAndTime(still)}.`, ...setting].join(' '));
  log.info('resumed', { user: task.userId });
  const refused = await refusedMeanwhile(parts).catch((error: unknown) => lost(log, 'what was refused meanwhile could not be read', error));
  await note(parts, log, task, { at: task.at, what: 'resumed', by: task.userId, why: '' });
  const count = refused === undefined ? 'what was refused meanwhile could not be read' : `${refused.length} ${refused.length === 1 ? 'kill was' : 'kills were'} refused meanwhile`;
  const isTold = await tell(parts, log, [`The pause was ended by ${person(task.userId)}; ${count}.`, ...setting].join(' '));
  const now = new Date(parts.clock.now());
  return linesMessage([`The pause is over; ${count}.`, ...setting].join(' ') + isTold, (refused ?? []).slice(0, NEWEST).map((end) => endLine(parts.clusters, end, now)));
}

/** The Ends that the pause which stood until now refused, the newest first. */
async function refusedMeanwhile({ ledger, clock }: SwitchParts): Promise<EndEntry[]> {
  const entries = await listAll(ledger, rulePartition(PAUSED), clock.now());
  const began = pauseBegan(entries.flatMap(({ value }) => Noted.safeParse(value).data ?? []));
  const ends = entries.flatMap(({ key, value }) => (key.rest.endsWith('-1') ? (EndEntry.safeParse(value).data ?? []) : []));
  return ends.filter(({ rule, ended = 0 }) => rule === PAUSED.name && ended >= began).toReversed();
}

/** When the pause began that the newest entry belongs to: each was lengthened before it was over. */
function pauseBegan(notes: readonly Noted[]): number {
  let last: { began: number; until: number } | undefined;
  for (const { what, at, until = at } of notes) {
    if (what === 'resumed') last = undefined;
    if (what === 'paused') last = last !== undefined && at <= last.until ? { began: last.began, until: Math.max(last.until, until) } : { began: at, until };
  }
  return last?.began ?? Infinity;
}

type Word = Extract<HistoryWord, 'paused' | 'resumed'>;

async function isNoted(parts: SwitchParts, { at, id }: SwitchTask, word: Word): Promise<boolean> {
  const [noted] = await parts.ledger.get([dayKey(at, id, word)], readCall(parts));
  return noted !== undefined;
}

/** Who and why: the switch is turned already, so what cannot be written keeps nobody from being told. */
async function note(parts: SwitchParts, log: Log, { at, id }: SwitchTask, value: Noted & { what: Word }): Promise<void> {
  const until = endUntil(parts.clock.now());
  const entries = [dayKey(at, id, value.what), ruleKey(PAUSED, at, id, value.what)].map((key) => ({ key, value, until }));
  await parts.ledger.put(entries, readCall(parts)).catch((error: unknown) => lost(log, 'a pause could not be put on record', error));
}

function lost(log: Log, message: string, error: unknown): undefined {
  if (!(error instanceof LedgerFailed)) throw error;
  log.error(message, { error });
}

/** What to add to the answer where the channel could not be told. */
async function tell({ reporter, clock }: SwitchParts, log: Log, text: string): Promise<string> {
  try {
    await tryThrice(clock, clock.now() + SAY_FOR_MS, () => reporter.say(text, 'mrkdwn'));
    return '';
  } catch (error) {
    log.error('the channel could not be told of a pause', { text, error });
    return ' The channel could not be told: please tell people yourself.';
  }
}
