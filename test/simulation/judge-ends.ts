import { isUntried } from '../../lib/core/end.ts';
import { Answer, Began, dayPartition, EndEntry, readStartRest, startAnswer, startBegan, startEnd, startPartition } from '../../lib/ledger/keys.ts';
import type { Key } from '../../lib/ledger/port.ts';
import type { DurableBackend } from '../local/durable-backend.ts';
import type { ExecutionView } from '../local/execution-view.ts';
import type { Cloud } from '../simulator/cloud.ts';
import { isKilledByRequest, refreshJob, type SimulatedJob } from '../simulator/jobs.ts';
import { buttonsOf } from '../simulator/slack-client.ts';
import type { SlackMessage } from '../simulator/slack-workspace.ts';
import { type Actor, requestOf, shortName, startOf } from './actor.ts';
import { type KillJudge, wasTaken } from './judge-kills.ts';
import type { LedgerTable } from './ledger.ts';
import { warningOn } from './owners.ts';
import type { Plot } from './plot.ts';
import { MINUTE_MS, type World } from './world.ts';

export type EndJudge = {
  /** A door said `accepted`. */
  onAccepted: (killId: string) => void;
  /** A REST client was told how its request ended, which stands under that name. */
  onAnswered: (request: string) => void;
  /** Nobody took note of the bad end of that execution. */
  onNoticeLost: (execution: string) => void;
  onSlack: (actor: Actor, method: string, body: Record<string, unknown>, answer: Record<string, unknown>) => void;
  onWritten: (actor: Actor, keys: readonly Key[]) => void;
  judgeAtTheEnd: (backend: DurableBackend, plot: Plot) => void;
  /** Whether nobody may have closed it: known at the end, once it was judged. */
  isAlarmed: (execution: string) => boolean;
};

/** What a message of an end begins with, as the contract has it. */
export const FIRST_WORDS: Partial<Record<EndEntry['outcome'], string>> = {
  killed: 'Killed', 'finished-first': 'Ended by itself', 'already-over': 'Already over', 'would-kill': 'Would be killed', refused: 'Refused', declined: 'Declined',
  expired: 'Expired', 'not-found': 'Not found', ambiguous: 'Ambiguous', 'still-running': 'Still running', failed: 'Failed',
};
/** Ends of which no kill may have been taken. */
const NOTHING_SENT: ReadonlySet<EndEntry['outcome']> = new Set(['declined', 'expired', 'refused', 'would-kill', 'notified', 'ignored', 'ambiguous']);
const SAID = new RegExp(`^(${Object.values(FIRST_WORDS).join('|')})`);

/** So long an End is tried to be written; who still cannot says it without. */
const LEDGER_TRIED_MS = 20 * MINUTE_MS;

/** Ends for which nothing was tried are said once an hour for all. */
const isQuiet = (end: EndEntry): boolean => isUntried(end, true) || end.rule === 'repeat' || FIRST_WORDS[end.outcome] === undefined;

/** The start that an execution closes, or is: the hour is in the name of one that closes what an earlier one could not. */
export const closedBy = (execution: string): string => execution.replace(/^end-(.*?)(?:-\d{10})?$/, '$1');

type Judge = World['judge'];

/** A start of a request, as a button names it. */
type Named = { name: string; start: number };

/** Judges what became of each start: that it ended, in one way, truly, and that people were told. */
export function judgeEnds(world: World, table: LedgerTable, cloud: Cloud, { kills, sawOver }: Pick<KillJudge, 'kills' | 'sawOver'>): EndJudge {
  const ends = new Map<string, string>();
  /** Keys of `start/…` in the order in which they were first written. */
  const written = new Map<string, number>();
  const said = new Map<string, string[]>();
  /** Starts that said their End while the ledger knew nothing of them yet: what began them anew cannot know it. */
  const saidBefore = new Set<string>();
  const accepted = new Set<string>();
  const answered = new Set<string>();

  const nameOf = ({ partition, rest }: Key): string => `${partition} ${rest}`;
  const writtenFirst = (one: Key, other: Key): boolean => (written.get(nameOf(one)) ?? Infinity) < (written.get(nameOf(other)) ?? Infinity);

  /** Starts whose notice got lost or came to a bad end itself: an alarm, which by the contract starts nothing. */
  const alarmed = new Set<string>();

  function judgeStart({ name, status }: ExecutionView): void {
    const id = [requestOf(name), startOf(name)] as const;
    const judge: Judge = (rule, isBroken, line) => world.judge(rule, isBroken, () => `${shortName(name)} (${status}): ${line()}`);
    judge('a start that never ends', status === 'RUNNING', () => '');
    const end = EndEntry.safeParse(table.read(startEnd(...id))).data;
    if (end === undefined) {
      // A pick that handed on has ended as its children did.
      if (hasHandedOn(id)) return judge('a start without an End', false, () => '');
      const isKept = status === 'SUCCEEDED' && said.has(name) && world.wasDown('ledger', LEDGER_TRIED_MS);
      // Whoever comes by closes what the history knows of, which can be the part of a batch that was not written; a word that never came tells nobody, and what is stopped is left alone.
      const began = Began.safeParse(table.read(startBegan(...id))).data;
      const isUnknown = began === undefined || !table.partition(dayPartition(began.at)).some(({ rest }) => rest.endsWith(`-${name}-0`));
      return judge('a start without an End', !(alarmed.has(name) && isUnknown) && !isKept, () => '');
    }
    judge('a start without an End', false, () => '');
    if (end.rule === 'resolved') judge('kill after a recovery', false, () => ''); // who kills all the same is blamed as it does
    const word = FIRST_WORDS[end.outcome];
    const words = said.get(name) ?? [];
    if (!isQuiet(end)) judge('an End that was never told', words.length === 0 && !alarmed.has(name), () => end.outcome);
    if (words.length > 0 && word !== undefined && !saidBefore.has(name)) judge('told otherwise than the End', !words.includes(word), () => `${words.join(', ')}; the End is ${end.outcome}`);
    // An answer that came when it was over already could change nothing.
    const answer = writtenFirst(startAnswer(...id), startEnd(...id)) ? Answer.safeParse(table.read(startAnswer(...id))).data : undefined;
    if (answer !== undefined) judgeAnswer(answer, end, judge);
    judgeTruth(name, end, judge);
  }

  const hasHandedOn = ([name, start]: readonly [string, number]): boolean =>
    table.partition(startPartition(name)).some(({ rest }) => readStartRest(rest).number === start && readStartRest(rest).what.startsWith('handed/'));

  function judgeAnswer(answer: Answer, { outcome, code, reason }: EndEntry, judge: Judge): void {
    const isLost = answer.what === 'yes' && (outcome === 'declined' || (outcome === 'expired' && reason.includes('nobody answered')));
    const isDefied = answer.what === 'no' && outcome !== 'declined';
    judge('an answer that does not count', isLost || isDefied, () => `${answer.what}, and the End is ${outcome} ${code ?? ''}`);
  }

  function judgeTruth(execution: string, { outcome, job, mayTakeEffect }: EndEntry, judge: Judge): void {
    const jobId = job?.job_id ?? '';
    const record = cloud.jobs.get(jobId);
    if (record === undefined || record.endedByHand) return;
    const killed = isKilledByRequest(record, cloud.killDelayMs);
    const isOver = refreshJob(record, cloud.killDelayMs, world.now()).finished_time !== 0;
    const isWrong = (outcome === 'killed' && !killed) || (outcome === 'finished-first' && killed) || (outcome === 'already-over' && !isOver);
    // MRS took it, and who sent it heard that: nothing but the job's own end is true of it then, or that it lives still.
    const isTaken = kills.some((kill) => kill.execution === execution && kill.jobId === jobId && wasTaken(kill));
    judge('an End that is not true', isTaken && mayTakeEffect !== true && NOTHING_SENT.has(outcome), () => `${outcome}, and MRS had taken its kill`);
    if (outcome === 'still-running' && !world.wasDown('mrs', MINUTE_MS) && !world.wasDown('iam', MINUTE_MS)) judge('an End that is not true', sawOver(requestOf(execution), jobId), () => 'still-running, and it was seen over');
    judge('an End that is not true', isWrong, () => `${outcome}, and the job ${killed ? 'was killed' : isOver ? 'ended by itself' : 'runs'}`);
  }

  /** A job that an alert still fires for, and that nothing holds back: what was tried in vain is tried again. */
  function judgeLife({ job_id: jobId, job_name: name, ignoresKill }: SimulatedJob, isSilent: boolean, executions: ExecutionView[]): void {
    const record = cloud.jobs.get(jobId);
    if (record === undefined || ignoresKill) return;
    if (refreshJob(record, cloud.killDelayMs, world.now()).finished_time !== 0) return world.judge('a job that lives on', false, () => '');
    if (isSilent) return;
    const starts = executions.filter((execution) => execution.name.startsWith('alerts-') && (execution.input.includes(jobId) || execution.input.includes(`"${name}"`)));
    const last = starts.at(-1);
    const end = last && EndEntry.safeParse(table.read(startEnd(requestOf(last.name), startOf(last.name)))).data;
    // Of a name that is taken and that the ledger knows nothing of, every repeat is a duplicate: so the contract has it.
    if (last !== undefined && (alarmed.has(last.name) || (end === undefined && world.wasDown('ledger', LEDGER_TRIED_MS)))) return;
    const isOfNoUse = end === undefined || (end.outcome === 'failed' && !['STOPPED', 'unanswered'].includes(end.code ?? '')) || end.outcome === 'expired' || (end.outcome === 'refused' && isQuiet(end));
    world.judge('a job that lives on', isOfNoUse, () => `${name}: ${starts.length} starts, the last one ended ${end?.outcome ?? 'in nothing'} ${end?.code ?? end?.rule ?? ''}`);
  }

  /** Whose card that is: the start that its buttons name. */
  const startsOn = (message: SlackMessage): string[] =>
    buttonsOf(message).flatMap(({ value = '{}' }) => {
      const { of, ...asks } = JSON.parse(value) as { of?: Partial<Named> } & Partial<Named>;
      const { name, start } = of ?? asks;
      return name === undefined ? [] : [`${name}-${start}`];
    });

  const hadButtons = ({ blocks, history }: SlackMessage): boolean => [{ blocks }, ...history].some((version) => buttonsOf(version).length > 0);

  return {
    isAlarmed: (execution) => alarmed.has(execution),
    onNoticeLost: (execution) => void alarmed.add(closedBy(execution)),
    onAccepted: (killId) => void accepted.add(killId),
    onAnswered: (request) => void answered.add(request),
    onSlack(actor, method, body, answer) {
      if (!method.startsWith('chat.') || answer['ok'] !== true) return;
      const [word] = SAID.exec(String(body['text'])) ?? [];
      const name = closedBy(actor.execution);
      if (word !== undefined) said.set(name, [...(said.get(name) ?? []), word]);
      if (word !== undefined && table.read(startBegan(requestOf(name), startOf(name))) === undefined) saidBefore.add(name);
      const live = cloud.slack.messages.flatMap((message) => (warningOn(message) === undefined ? [...new Set(startsOn(message))] : []));
      const twice = live.find((one, index) => live.indexOf(one) !== index);
      if (live.length > 0) world.judge('two cards with buttons for one start', twice !== undefined, () => shortName(twice ?? ''));
    },
    onWritten(_actor, keys) {
      for (const key of keys.filter(({ partition, rest }) => partition.startsWith('start/') && /\/(?:end|answer)$/.test(rest))) {
        const name = nameOf(key);
        if (!written.has(name)) written.set(name, written.size);
        if (key.rest.endsWith('/answer')) continue;
        const now = JSON.stringify(table.read(key));
        const before = ends.get(name);
        if (before !== undefined) world.judge('an End that changes', before !== now, () => `${shortName(name)}: ${before} becomes ${now}`);
        ends.set(name, now);
      }
    },
    judgeAtTheEnd(backend, plot) {
      const executions = backend.list({ oldestFirst: true });
      for (const { name, status } of executions) if (name.startsWith('end-') && status !== 'SUCCEEDED') alarmed.add(closedBy(name));
      for (const execution of executions) {
        const isOwn = /^(?:notice|end)-/.test(execution.name);
        if (!isOwn) judgeStart(execution);
        else world.judge('a start that never ends', execution.status === 'RUNNING', () => shortName(execution.name));
      }
      // Of a job that MRS did not tell all of once, and of one of whose alerts one is over, the last word may be final.
      const isSilent = new Set(plot.alerts.flatMap(({ job, endsAt }) => (endsAt === undefined ? [] : [job])));
      for (const { job, alertname } of plot.alerts) if (job !== undefined && alertname === 'Stuck' && !world.leavesOut()) judgeLife(job, isSilent.has(job), executions);
      for (const request of answered) world.judge('a start without an End', table.read(startEnd(request, 1)) === undefined, () => shortName(request));
      for (const killId of accepted) world.judge('accepted, and nothing started', !executions.some(({ input }) => input.includes(killId)), () => killId);
      for (const message of cloud.slack.messages) {
        const isAlarmed = startsOn(message).some((one) => alarmed.has(one.replace(/-1$/, '')));
        // Whose those of a warning are is known to who judges days of them.
        if (hadButtons(message)) world.judge('a card that keeps its buttons', buttonsOf(message).length > 0 && !isAlarmed && warningOn(message) === undefined, () => `${message.ts} ${message.text}`);
      }
    },
  };
}
