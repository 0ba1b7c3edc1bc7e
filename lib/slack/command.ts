import { countTypos } from '../core/near-names.ts';
import { type JobRef, parseJobRef } from '../core/target.ts';
import { isKeyword, Misread, nextWord, plainText, unquote, type Word } from './words.ts';

/** What a person asked for after `/mrs`; `unknown` says what is wrong and how to put it right, in words without `&`, `<` and `>`. */
export type Command =
  | { command: 'kill'; job: JobRef; cluster?: string; reason: string }
  | { command: 'jobs'; cluster?: string; glob?: string }
  | { command: 'status'; job: JobRef; cluster?: string }
  | { command: 'history' }
  | { command: 'clusters' }
  | { command: 'cleanup' }
  | { command: 'help' }
  | { command: 'unknown'; problem: string; nearest?: string };

const HELP = {
  kill: '`/mrs kill JOB [on CLUSTER] [because REASON]` stops a job; JOB is an MRS id, a YARN id, a link with one in it, or a name ("in quotes" if it has blanks)',
  jobs: '`/mrs jobs [on CLUSTER] [GLOB]` lists the jobs that are not over, such as `/mrs jobs nb-*`',
  status: '`/mrs status JOB [on CLUSTER]` shows one job',
  history: '`/mrs history` shows the last kills: who, why and how they ended',
  clusters: '`/mrs clusters` lists the clusters that can be touched',
  cleanup: '`/mrs cleanup` shows what the cleanup rules would kill now, with a button that kills exactly that',
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
};

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
      return { command: name, job, ...cluster, reason: readReason(text, rest) };
    }
    case 'status': {
      const { job, cluster, rest } = readJob(text, first.end, name);
      if (rest) throw leftOver(rest, name);
      return { command: name, job, ...cluster };
    }
    case 'jobs':
      return { command: name, ...readFilter(text, first.end) };
    case 'history':
    case 'clusters':
    case 'cleanup':
    case 'help':
      if (nextWord(text, first.end)) throw new Misread(`\`${name}\` takes nothing after it: write \`/mrs ${name}\``);
      return { command: name };
  }
}

/** `<job> [on <cluster>]`, in this order; `rest` is the first word after them. */
function readJob(text: string, at: number, name: 'kill' | 'status'): { job: JobRef; cluster: { cluster?: string }; rest: Word | undefined } {
  const word = nextWord(text, at);
  if (word === undefined || isKeyword(word)) {
    throw new Misread(`\`${name}\` needs a job right after it, ${EXAMPLE[name]}; a job that is called \`on\` or \`because\` stands in quotes`);
  }
  const job = parseJobRef(word.text);
  if (job === undefined) throw new Misread(`the job is empty: give its id or its name, ${EXAMPLE[name]}`);
  // In `raw` a link still has its label: one that shows another job than it leads to is refused too.
  if (new Set(word.raw.match(/application_\d+_\d+/g)).size > 1) throw new Misread(`two YARN ids in one word: name one job, ${EXAMPLE[name]}`);
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

function readCluster(text: string, at: number, name: keyof typeof EXAMPLE): { cluster: string; end: number } {
  const word = nextWord(text, at);
  if (word === undefined || isKeyword(word) || word.text.trim() === '') throw new Misread(`\`on\` needs a cluster after it, ${EXAMPLE[name]}`);
  return { cluster: word.text.trim(), end: word.end };
}

const LONGEST_REASON = 500;

/** All that stands after `because`, cut; '' where nobody gave a reason. */
function readReason(text: string, keyword: Word | undefined): string {
  if (keyword === undefined) return '';
  if (!isKeyword(keyword, 'because')) throw leftOver(keyword, 'kill');
  const given = text.slice(keyword.end).trim();
  const letters = Array.from(plainText(unquote(given)).trim());
  if (letters.length === 0) throw new Misread(`\`because\` needs a reason after it, ${EXAMPLE.kill}`);
  return letters.length <= LONGEST_REASON ? letters.join('') : `${letters.slice(0, LONGEST_REASON - 1).join('')}…`;
}

function leftOver({ raw }: Word, name: keyof typeof EXAMPLE): Misread {
  if (/^on$/i.test(raw)) return new Misread(`\`on\` stands there twice: name one cluster, ${EXAMPLE[name]}`);
  if (/^because$/i.test(raw)) return new Misread(`\`${name}\` takes no reason, ${EXAMPLE[name]}`);
  return new Misread(`\`${name}\` takes one ${name === 'jobs' ? 'glob' : 'job'}, and there are more words than that: put a name with blanks in quotes, ${EXAMPLE[name]}`);
}

const MOST_TYPOS = 2;

function unknownCommand(word: string): Command {
  // No command is that long; a longer text cannot come near one.
  const typed = word.trim().split(/\s/, 1).join('').toLowerCase().slice(0, 12);
  const [near] = NAMES.map((name) => ({ name, typos: countTypos(typed, name) })).toSorted((a, b) => a.typos - b.typos);
  const problem = 'there is no such command; commands are in lower case and without quotes';
  return { command: 'unknown', problem, ...(near && near.typos <= MOST_TYPOS && { nearest: near.name }) };
}
