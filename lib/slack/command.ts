import { nearestWord } from '../core/near-names.ts';
import { type JobRef, parseJobRef, yarnIdsIn } from '../core/target.ts';
import { parseDurationMs } from '../core/time.ts';
import { isKeyword, Misread, nextWord, plainText, unquote, type Word } from './words.ts';

/** What a person asked for after `/mrs`; `unknown` says what is wrong and how to put it right, in words without `&`, `<` and `>`. */
export type Command =
  | { command: 'kill'; job: JobRef; cluster?: string; reason: string }
  | { command: 'jobs'; cluster?: string; glob?: string }
  | { command: 'status'; job: JobRef; cluster?: string }
  | { command: 'why'; job: JobRef; cluster?: string }
  /** `of`: a job by its name or an id, or a rule of either kind. */
  | { command: 'history'; of?: string }
  | { command: 'cleanup' }
  | { command: 'kept' }
  | { command: 'pause'; forMs: number; reason: string }
  | { command: 'resume' }
  | { command: 'clusters' }
  | { command: 'help' }
  | { command: 'unknown'; problem: string; nearest?: string };

const HELP = {
  kill: '`/mrs kill JOB [on CLUSTER] [because REASON]` kills a job; JOB is an MRS id, a YARN id, a link with one in it, or a name ("in quotes" if it has spaces)',
  jobs: '`/mrs jobs [on CLUSTER] [GLOB]` lists the jobs that are not over, such as `/mrs jobs nb-*`',
  status: '`/mrs status JOB [on CLUSTER]` shows one job',
  why: '`/mrs why JOB [on CLUSTER]` shows why a job was killed or not: how requests for it ended, what holds it back, and what would happen now',
  history: '`/mrs history [JOB or RULE]` shows how the last requests ended: which job, who, why and how, such as `/mrs history paused`',
  cleanup: '`/mrs cleanup` shows what the cleanup rules would kill now, with a button that does exactly that',
  kept: '`/mrs kept` lists the warned jobs that somebody keeps, until when and by whom',
  pause: '`/mrs pause [for 2h] [because REASON]` stops all kills, for 24 h if you give no time',
  resume: '`/mrs resume` ends a pause',
  clusters: '`/mrs clusters` lists the clusters that can be touched, and whether there is a pause',
  help: '`/mrs help` shows this',
};
type CommandName = keyof typeof HELP;
const NAMES = Object.keys(HELP) as CommandName[];

/** One line for each command, as mrkdwn; safe to escape once more. */
export function helpText(): string {
  return Object.values(HELP).join('\n');
}

const EXAMPLE = {
  kill: 'for example `/mrs kill "etl daily" on analytics because it hangs`',
  jobs: 'for example `/mrs jobs on analytics nb-*`',
  status: 'for example `/mrs status "etl daily" on analytics`',
  why: 'for example `/mrs why "etl daily" on analytics`',
  history: 'for example `/mrs history "etl daily"`',
  pause: 'for example `/mrs pause for 2h because of the migration`',
};
type WithWords = keyof typeof EXAMPLE;

/**
 * Reads what stands after `/mrs`, with Slack's escaping still in it. Never throws and never guesses: whatever does not fit the
 * grammar whole is `unknown`. A typo names the nearest command and is not carried out.
 */
export function parseCommand(text: string): Command {
  try {
    return readCommand(text);
  } catch (error) {
    if (error instanceof Misread) return { command: 'unknown', problem: error.message };
    throw error;
  }
}

function readCommand(text: string): Command {
  const first = nextWord(text, 0);
  if (first === undefined) return { command: 'help' };
  const name = NAMES.find((known) => known === first.raw);
  switch (name) {
    case undefined:
      return unknownCommand(first.text);
    case 'kill': {
      const { job, cluster, rest } = readJob(text, first.end, name);
      return { command: name, job, ...cluster, reason: readReason(text, rest, name) };
    }
    case 'status':
    case 'why': {
      const { job, cluster, rest } = readJob(text, first.end, name);
      if (rest) throw leftOver(rest, name);
      return { command: name, job, ...cluster };
    }
    case 'jobs':
      return { command: name, ...readFilter(text, first.end) };
    case 'history':
      return { command: name, ...readOf(text, first.end) };
    case 'pause':
      return { command: name, ...readPause(text, first.end) };
    case 'cleanup':
    case 'kept':
    case 'resume':
    case 'clusters':
    case 'help':
      if (nextWord(text, first.end)) throw new Misread(`\`${name}\` takes nothing after it: write \`/mrs ${name}\``);
      return { command: name };
  }
}

/** `<job> [on <cluster>]`, in this order; `rest` is the first word after them. */
function readJob(text: string, at: number, name: 'kill' | 'status' | 'why'): { job: JobRef; cluster: { cluster?: string }; rest: Word | undefined } {
  const word = nextWord(text, at);
  if (word === undefined || isKeyword(word)) {
    throw new Misread(`\`${name}\` needs a job right after it, ${EXAMPLE[name]}; put a job that is called \`on\` or \`because\` in quotes`);
  }
  const job = parseJobRef(word.text);
  if (job === undefined) throw new Misread(`the job is empty: give its id or its name, ${EXAMPLE[name]}`);
  // In `raw` a link still has its label: one that shows another job than it leads to is refused too.
  if (new Set(yarnIdsIn(word.raw)).size > 1) throw new Misread(`two YARN ids in one word: name one job, ${EXAMPLE[name]}`);
  const next = nextWord(text, word.end);
  if (next === undefined || !isKeyword(next, 'on')) return { job, cluster: {}, rest: next };
  const { cluster, end } = readCluster(text, next.end, name);
  return { job, cluster: { cluster }, rest: nextWord(text, end) };
}

/** `[on <cluster>] [glob]`, in either order. */
function readFilter(text: string, at: number): { cluster?: string; glob?: string } {
  const filter: { cluster?: string; glob?: string } = {};
  for (let word = nextWord(text, at); word; word = nextWord(text, at)) {
    at = word.end;
    if (isKeyword(word, 'on') && filter.cluster === undefined) {
      const { cluster, end } = readCluster(text, at, 'jobs');
      filter.cluster = cluster;
      at = end;
    } else if (isKeyword(word) || filter.glob !== undefined) {
      throw leftOver(word, 'jobs');
    } else if (word.text.trim() === '') {
      throw new Misread(`the glob is empty: leave it out to see all jobs, ${EXAMPLE.jobs}`);
    } else {
      filter.glob = word.text;
    }
  }
  return filter;
}

function readCluster(text: string, at: number, name: WithWords): { cluster: string; end: number } {
  const word = nextWord(text, at);
  if (word === undefined || isKeyword(word) || word.text.trim() === '') throw new Misread(`\`on\` needs a cluster after it, ${EXAMPLE[name]}`);
  return { cluster: word.text.trim(), end: word.end };
}

/** `[job or rule]`. */
function readOf(text: string, at: number): { of?: string } {
  const word = nextWord(text, at);
  if (word === undefined) return {};
  const left = isKeyword(word) ? word : nextWord(text, word.end);
  if (left !== undefined) throw leftOver(left, 'history');
  if (word.text.trim() === '') throw new Misread(`the job is empty: leave it out to see all, ${EXAMPLE.history}`);
  return { of: word.text.trim() };
}

const PAUSED_FOR_MS = 24 * 3_600_000;
const LONGEST_PAUSE_MS = 14 * 24 * 3_600_000;

/** `[for <duration>] [because <reason>]`. */
function readPause(text: string, at: number): { forMs: number; reason: string } {
  const word = nextWord(text, at);
  if (word?.raw.toLowerCase() !== 'for') return { forMs: PAUSED_FOR_MS, reason: readReason(text, word, 'pause') };
  const length = nextWord(text, word.end);
  const forMs = parseDurationMs(length?.text.trim() ?? '');
  if (length === undefined || forMs === undefined) throw new Misread(`\`for\` needs a time such as \`30m\`, \`2h\` or \`3d\` after it, ${EXAMPLE.pause}`);
  if (forMs > LONGEST_PAUSE_MS) throw new Misread('a pause lasts 14 days at most: use it again when they are over, or set PAUSED to true');
  return { forMs, reason: readReason(text, nextWord(text, length.end), 'pause') };
}

const LONGEST_REASON = 500;

/** All that stands after `because`, cut; '' where nobody gave a reason. */
function readReason(text: string, keyword: Word | undefined, name: 'kill' | 'pause'): string {
  if (keyword === undefined) return '';
  if (!isKeyword(keyword, 'because')) throw leftOver(keyword, name);
  const given = text.slice(keyword.end).trim();
  const letters = Array.from(plainText(unquote(given)).trim());
  if (letters.length === 0) throw new Misread(`\`because\` needs a reason after it, ${EXAMPLE[name]}`);
  return letters.length <= LONGEST_REASON ? letters.join('') : `${letters.slice(0, LONGEST_REASON - 1).join('')}…`;
}

const TAKES: Record<WithWords, string> = { kill: 'one job', jobs: 'one glob', status: 'one job', why: 'one job', history: 'one job or rule', pause: '`for` and a time, then `because` and a reason' };

function leftOver({ raw }: Word, name: WithWords): Misread {
  if (/^on$/i.test(raw) && (name === 'pause' || name === 'history')) return new Misread(`\`${name}\` is for all clusters, ${EXAMPLE[name]}`);
  if (/^on$/i.test(raw)) return new Misread(`\`on\` stands there twice: name one cluster, ${EXAMPLE[name]}`);
  if (/^because$/i.test(raw)) return new Misread(`\`${name}\` takes no reason, ${EXAMPLE[name]}`);
  if (name === 'pause') return new Misread(`\`pause\` takes ${TAKES[name]}, ${EXAMPLE[name]}`);
  return new Misread(`\`${name}\` takes ${TAKES[name]}, and there are more words than that: put a name with spaces in quotes, ${EXAMPLE[name]}`);
}

function unknownCommand(word: string): Command {
  // No command is that long; a longer text cannot come near one.
  const typed = word.trim().split(/\s/, 1).join('').toLowerCase().slice(0, 12);
  const nearest = nearestWord(typed, NAMES);
  const problem = 'there is no such command: commands are in lower case and without quotes';
  return { command: 'unknown', problem, ...(nearest !== undefined && { nearest }) };
}
