import { isUntried } from '../../lib/core/end.ts';
import { Answer, EndEntry, HandedOn, Held, JobSeen, readStartRest } from '../../lib/ledger/keys.ts';
import { FIRST_WORDS } from '../../lib/slack/cards.ts';
import { KILL_NOW, readButtonValue } from '../../lib/slack/button.ts';
import { buttonsOf } from '../../test/simulator/slack-client.ts';
import type { Simulator } from '../../test/simulator/simulator.ts';
import type { Blame, Row } from './judge.ts';
import type { Asked } from './load.ts';
import type { Clicked } from './people.ts';

/** What stands in the ledger of one start of a request. */
type Start = { name: string; number: number; words: Map<string, unknown> };
type Promised = { asked: readonly Asked[]; clicked: readonly Clicked[] };

/** Judges that nothing that was taken on got lost, that each start came to one end, and that people were told it. */
export function judgeEnds(simulator: Simulator, rows: readonly Row[], { asked, clicked }: Promised, blame: Blame): { starts: number; ends: number } {
  const starts = startsIn(rows);
  const ends = starts.map(({ words }) => EndEntry.safeParse(words.get('end')).data).filter((end) => end !== undefined);
  // What broke off before it had a card is said to the person who asked, alone.
  const said = [...simulator.slack.messages(), ...simulator.slack.ephemerals()].map(({ text, blocks, history }) => JSON.stringify([{ text, blocks }, ...history]));
  const begun = new Set(starts.map(executionOf));
  for (const start of starts) judgeStart(simulator, start, { said, begun }, blame);
  judgeAsked(rows, starts, asked, ends, blame);
  judgeClicks(starts, clicked, blame);
  for (const message of simulator.slack.messages()) {
    const [button] = buttonsOf(message).filter(({ value }) => ['decide', 'warned'].includes(readButtonValue(value ?? '')?.do ?? ''));
    if (button !== undefined) blame('a card with buttons after the end', `${message.ts} ${button.value}: ${message.text.slice(0, 80)}`);
  }
  return { starts: starts.length, ends: ends.length };
}

function startsIn(rows: readonly Row[]): Start[] {
  const starts = new Map<string, Start>();
  for (const { pk, sk, value } of rows) {
    if (!pk.startsWith('start/')) continue;
    const name = pk.slice('start/'.length);
    const { number, what } = readStartRest(sk);
    const start = starts.get(`${name} ${number}`) ?? { name, number, words: new Map() };
    starts.set(`${name} ${number}`, start);
    start.words.set(what, value);
  }
  return [...starts.values()];
}

const executionOf = ({ name, number }: Start): string => (number === 1 ? name : `${name}-${number}`);

function judgeStart(simulator: Simulator, start: Start, { said, begun }: { said: string[]; begun: Set<string> }, blame: Blame): void {
  const { name, words } = start;
  const handed = [...words].flatMap(([what, value]) => (what.startsWith('handed/') ? [HandedOn.parse(value).to] : []));
  for (const to of handed) if (!begun.has(to)) blame('handed on to what never began', `${executionOf(start)} to ${to}`);
  const end = EndEntry.safeParse(words.get('end')).data;
  if (end === undefined) {
    // A REST request ends with its caller's connection; what it left open is closed by the next cleanup.
    if (handed.length === 0 && !name.startsWith('api-')) blame('no End', `${executionOf(start)}: ${[...words.keys()].join(', ')}`);
    return;
  }
  const job = end.job && simulator.job(end.job.job_id);
  const isKilled = simulator.killed().includes(end.job?.job_id ?? '');
  if (job && ((end.outcome === 'killed' && !isKilled) || (end.outcome === 'finished-first' && isKilled))) blame('an End that is not true', `${executionOf(start)}: ${end.outcome}, and ${job.job_name} is ${job.job_state}`);
  judgeAnswer(start, end, blame);
  // REST's answer is its message; ends for which nothing was tried are said once an hour for all.
  const isQuiet = name.startsWith('api-') || end.rule === 'repeat' || isUntried(end, true);
  const words1 = FIRST_WORDS[end.outcome];
  const isSaid = said.some((message) => message.includes(end.job?.job_name ?? end.job?.job_id ?? end.asked ?? '–') && message.includes(words1));
  if (!isQuiet && !isSaid) blame('an End that nobody was told', `${executionOf(start)}: ${end.outcome} ${end.code ?? ''} ${end.reason}`);
}

function judgeAnswer(start: Start, { outcome, reason }: EndEntry, blame: Blame): void {
  const answer = Answer.safeParse(start.words.get('answer')).data;
  const isLost = answer?.what === 'yes' && (outcome === 'declined' || (outcome === 'expired' && reason.includes('nobody answered')));
  if (isLost || (answer?.what === 'no' && outcome !== 'declined')) blame('an answer that does not count', `${executionOf(start)}: ${answer.what}, and the End is ${outcome}`);
}

/** What was taken on stands in the ledger: of REST its End, of all else that it began and with it how it ended. */
function judgeAsked(rows: readonly Row[], starts: readonly Start[], asked: readonly Asked[], ends: readonly EndEntry[], blame: Blame): void {
  const ofJobs = new Set([...ends.map(({ job }) => job?.job_id), ...rows.filter(({ pk, sk }) => pk.startsWith('run/') && sk === 'job').map(({ value }) => JobSeen.parse(value).job_id)]);
  const began = JSON.stringify(starts.map(({ words }) => words.get('began')));
  for (const { kind, jobIds, said } of asked) {
    if (said === undefined) continue;
    const isThere = kind === 'pick' ? jobIds.some((id) => ofJobs.has(id)) : jobIds.every((id) => ofJobs.has(id) || (kind !== 'rest' && began.includes(id)));
    if (!isThere) blame('taken on and lost', `${kind} of ${jobIds.join(', ')}, which was ${said}`);
  }
}

/** A click that was taken while the question stood is its answer, or came after another one. Kill now looks at the job first, and changes nothing where that fails. */
function judgeClicks(starts: readonly Start[], clicked: readonly Clicked[], blame: Blame): void {
  for (const { name, start: number, action, at } of clicked) {
    if (action === KILL_NOW) continue;
    const start = starts.find((one) => one.name === name && one.number === number);
    const answer = Answer.safeParse(start?.words.get('answer')).data;
    const held = Held.safeParse(start?.words.get('asked') ?? start?.words.get('warned')).data;
    const isLost = answer === undefined ? !start?.words.has('end') : answer.what === 'time' && held !== undefined && at < held.until;
    if (isLost) blame('a click that got lost', `${action} on ${name} ${number}, and the answer is ${answer?.what ?? 'none'}`);
  }
}
