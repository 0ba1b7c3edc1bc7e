import { Answer, EndEntry, noKey, readStartRest, startAnswer, startEnd, startPartition } from '../../lib/ledger/keys.ts';
import type { ExecutionView } from '../local/execution-view.ts';
import { type JobRecord, refreshJob, type SimulatedJob } from '../simulator/jobs.ts';
import type { SlackMessage } from '../simulator/slack-workspace.ts';
import { requestOf, shortName, startOf } from './actor.ts';
import { FIRST_WORDS } from './judge-ends.ts';
import type { Keep } from './judge-keeps.ts';
import { fitsCleanup } from './judge-policy.ts';
import type { LedgerTable } from './ledger.ts';
import type { Origins } from './origin.ts';
import { warningOn } from './owners.ts';
import type { Plot } from './plot.ts';
import { type CleanupName, type Deployed, DOOMED, GUARDED_USER, OLDER_THAN_MIN } from './policy.ts';
import { HOUR_MS, MINUTE_MS, type World } from './world.ts';

/** What there is to judge at the end of days on which owners were warned. */
export type Days = {
  world: World;
  table: LedgerTable;
  jobs: Map<string, JobRecord>;
  killDelayMs: number;
  messages: readonly SlackMessage[];
  origins: Origins;
  keeps: readonly Keep[];
  isAlarmed: (execution: string) => boolean;
};

/** A card that could not be updated for so long is given up. */
const SLACK_TRIED_MS = 20 * MINUTE_MS;
/** The messages of earlier rounds are looked for so long. */
const LEDGER_TRIED_MS = 15 * MINUTE_MS;

/** Judges what is left of days of warnings: no job that fits is forgotten, whoever was handed on to began, and every card says the End. */
export function judgeDays(days: Days, plot: Plot, executions: readonly ExecutionView[]): void {
  const { world, table, jobs, killDelayMs, messages, origins, keeps, isAlarmed } = days;
  const deployed = plot.deployments.at(-1);
  if (plot.warned === undefined || deployed === undefined) return;
  const endOf = (execution: string): EndEntry | undefined => EndEntry.safeParse(table.read(startEnd(requestOf(execution), startOf(execution)))).data;
  const chainOf = (first: string): string[] => executions.map(({ name }) => name).filter((name) => origins.of(name)?.warning?.first === first && !name.startsWith('end-'));
  /** In the order in which they began: what the last one came to is what the warning came to. */
  const lastOf = (first: string): string => chainOf(first).toSorted((one, other) => (origins.of(one)?.startedAt ?? 0) - (origins.of(other)?.startedAt ?? 0)).at(-1) ?? first;
  const isOver = (job: SimulatedJob): boolean => {
    const record = jobs.get(job.job_id);
    return record === undefined || refreshJob(record, killDelayMs, world.now()).finished_time !== 0;
  };

  for (const { name } of executions) {
    const { warning } = origins.of(name) ?? {};
    if (warning === undefined || isAlarmed(name)) continue;
    const answer = Answer.safeParse(table.read(startAnswer(requestOf(name), startOf(name)))).data;
    const isKept = keeps.some(({ chain, by }) => chain === warning.first && by === answer?.by);
    if (answer?.what === 'keep') world.judge('a keep that does not count', !isKept && endOf(name) === undefined, () => `${shortName(name)}, by ${answer.by}`);
    for (const { rest } of table.partition(startPartition(requestOf(name)))) {
      const { number, what } = readStartRest(rest);
      const to = what.startsWith('handed/') && number === startOf(name) ? what.slice('handed/'.length) : undefined;
      if (to !== undefined) world.judge('handed on, and nothing started', endOf(name) === undefined && !executions.some((execution) => execution.name === to), () => `${shortName(name)} to ${shortName(to)}`);
    }
  }

  for (const message of messages) judgeCard(message);
  if (!deployed.isDry && !world.leavesOut()) {
    for (const { job } of jobs.values()) judgeJob(job, deployed);
    for (const { job, alertname, endsAt, key } of plot.alerts) if (job !== undefined && alertname === DOOMED && (endsAt === undefined || isOver(job))) judgeAlert(key, job, deployed);
  }

  function judgeCard(message: SlackMessage): void {
    const warning = [message, ...message.history.map((version) => ({ ...message, ...version }))].flatMap((version) => warningOn(version) ?? [])[0];
    const first = warning && origins.of(warning)?.warning?.first;
    if (first === undefined || chainOf(first).some(isAlarmed) || world.wasDown('slack', SLACK_TRIED_MS)) return;
    world.judge('a card that keeps its buttons', warningOn(message) !== undefined, () => `${message.ts} ${message.text}`);
    const end = endOf(lastOf(first));
    const word = end && FIRST_WORDS[end.outcome];
    // A message of an earlier round that the last one could not learn of leads to the newest, which says it.
    const leadsThere = message.text.startsWith('There is a newer warning below') && world.wasDown('ledger', LEDGER_TRIED_MS);
    if (word !== undefined && !leadsThere) world.judge('a card that says another word than the End', !message.text.startsWith(word), () => `${shortName(first)} in ${message.channel}: "${message.text.slice(0, 60)}", and the End is ${end?.outcome}`);
  }

  /** Nothing holds it for good. */
  function isFree(job: SimulatedJob): boolean {
    return job.user !== GUARDED_USER && job.user !== '' && !(deployed?.protects ?? []).includes(job.job_name);
  }

  function judgeJob(job: SimulatedJob, now: Deployed): void {
    const rule = (Object.keys(OLDER_THAN_MIN) as CleanupName[]).find((name) => fitsCleanup(name, job, now, world.now()));
    if (rule === undefined || !isFree(job) || plot.percentOfRunning < 100) return;
    const no = table.row(noKey({ name: rule }, job.job_id, false));
    world.judge('a job that is forgotten', !isOver(job) && (no === undefined || no.until < world.startMs + 30 * HOUR_MS), () => `${job.job_name} (${job.job_id.slice(0, 8)}) fits ${rule}`);
  }

  function judgeAlert(key: string, job: SimulatedJob, { drops }: Deployed): void {
    const starts = executions.filter(({ name }) => origins.of(name)?.alert?.key === key && name.startsWith('alerts-live-')).map(({ name }) => name);
    const latest = starts.toSorted((one, other) => (origins.of(one)?.startedAt ?? 0) - (origins.of(other)?.startedAt ?? 0)).at(-1);
    const first = latest && (origins.of(latest)?.warning?.first ?? latest);
    const end = first === undefined ? undefined : endOf(lastOf(first));
    // Who met another's warning waits for what becomes of that, also where that broke off with an alarm.
    const waitsFor = [first, end?.of?.name].flatMap((name) => (name === undefined ? [] : [name, ...chainOf(name)]));
    if (!isFree(job) || drops.includes('doomed') || waitsFor.some(isAlarmed)) return;
    const isTrue = end !== undefined && (['declined', 'expired', 'still-running'].includes(end.outcome) || ['STOPPED', 'unanswered'].includes(end.code ?? ''));
    world.judge('an alert that is forgotten', !isOver(job) && !isTrue, () => `${key} stands, and ${job.job_name} runs; ${starts.length} starts, the last one ended ${end?.outcome ?? 'in nothing'} ${end?.rule ?? end?.code ?? ''}`);
  }
}
