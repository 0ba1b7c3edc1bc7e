import { MOST_POSTS } from '../../lib/kill/post.ts';
import type { JobRecord } from '../simulator/jobs.ts';
import { type Actor, shortName, startOf } from './actor.ts';
import type { LedgerTable } from './ledger.ts';
import type { Plot } from './plot.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS, type World } from './world.ts';

/** A kill that left, whoever sent it and whatever became of it. `answer` is what its sender got; undefined while it waits, or died. */
export type Kill = { request: string; execution: string; jobId: string; sentAt: number; answer?: number | 'none' };

export type KillJudge = {
  kills: Kill[];
  onKill: (actor: Actor, jobId: string) => (status: number | 'none') => void;
  onJobSeen: (actor: Actor, jobId: string, isOver: boolean, sentAt: number) => void;
  onSwitchRead: (actor: Actor, isOn: boolean, sentAt: number) => void;
};

export const MOST_AGE_MS = 10 * SECOND_MS;
/** From the look at the clock to the sending: what the call before takes to come back. */
const MARGIN_MS = SECOND_MS;

/** Judges each kill as it leaves, with what its sender knows, and what the world knows. */
export function judgeKills(world: World, table: LedgerTable, jobs: Map<string, JobRecord>, plot: () => Plot): KillJudge {
  const kills: Kill[] = [];
  const seenOver = new Set<string>();

  function judge(actor: Actor, kill: Kill): void {
    const blame = (rule: string, line: string): void => world.blame(rule, `${actor.name}: ${line}`);
    const mine = kills.filter(({ request }) => request === kill.request);
    const now = world.now();
    if (seenOver.has(`${kill.request} ${kill.jobId}`)) blame('kill after the job was seen over', kill.jobId);
    for (const { sentAt, answer } of mine) {
      if ((answer === undefined || answer === 'none') && now - sentAt < MOST_AGE_MS) blame('kill within 10 s of an unanswered one', `${(now - sentAt) / SECOND_MS} s`);
    }
    const counted = mine.filter(({ answer }) => answer === undefined || answer === 'none' || answer < 300);
    if (counted.length >= MOST_POSTS) blame('more than three kills', `${counted.length + 1}`);
    judgeReads(actor, blame);
    judgeRecord(kill, mine, blame);
    judgeNames(kill, blame);
  }

  function judgeReads({ lastRead }: Actor, blame: (rule: string, line: string) => void): void {
    const age = (sentAt: number | undefined): number => (sentAt === undefined ? Infinity : world.now() - sentAt);
    if (age(lastRead.job?.sentAt) > MOST_AGE_MS + MARGIN_MS) blame('kill on an old look at the job', `${age(lastRead.job?.sentAt) / SECOND_MS} s`);
    if (lastRead.switch?.isOn) blame('kill while the switch is on', '');
    if (age(lastRead.switch?.sentAt) > MOST_AGE_MS + MARGIN_MS) blame('kill on an old look at the switch', `${age(lastRead.switch?.sentAt) / SECOND_MS} s`);
  }

  function judgeRecord({ request, execution }: Kill, mine: Kill[], blame: (rule: string, line: string) => void): void {
    if (!LEDGER) return;
    const entries = table.partition(`run/${request}`).map(({ rest }) => rest);
    const posts = entries.filter((rest) => rest.startsWith('post/')).length;
    if (!entries.includes('record') || posts <= mine.length) blame('kill without its record', `${posts} on record, ${mine.length + 1} sent`);
    const answer = table.read({ partition: `start/${request}`, rest: `${String(startOf(execution)).padStart(6, '0')}/answer` }) as { what: string } | undefined;
    if (answer !== undefined && answer.what !== 'yes') blame('kill after a no', answer.what);
  }

  /** An alert that means a job by its name means none that was submitted after it was sent. */
  function judgeNames({ jobId, request }: Kill, blame: (rule: string, line: string) => void): void {
    const job = jobs.get(jobId)?.job;
    const isNamed = request.startsWith('alerts-') && !plot().alerts.some((alert) => alert.by === 'id' && alert.job.job_id === jobId);
    const alerts = plot().alerts.filter(({ by, job: meant }) => by === 'name' && meant.job_name === job?.job_name);
    if (isNamed && job && !alerts.some(({ startsAt }) => job.submitted_time < startsAt)) blame('kill of a newer run', `${job.job_name} of ${(job.submitted_time - world.startMs) / SECOND_MS} s`);
  }

  function judgeHour(kill: Kill): void {
    if (!kill.request.startsWith('alerts-')) return;
    // A place is taken a little before the kill leaves.
    const since = kill.sentAt - HOUR_MS + MINUTE_MS;
    const requests = new Set(kills.filter(({ request, sentAt }) => request.startsWith('alerts-') && sentAt > since).map(({ request }) => request));
    if (requests.size > plot().perHour) world.blame('more kills than perHour', [...requests].map(shortName).join(', '));
  }

  return {
    kills,
    onKill(actor, jobId) {
      const kill: Kill = { request: actor.request, execution: actor.execution, jobId, sentAt: world.now() };
      judge(actor, kill);
      kills.push(kill);
      judgeHour(kill);
      return (status) => {
        if (kill.answer === undefined) kill.answer = status;
      };
    },
    onJobSeen(actor, jobId, isOver, sentAt) {
      actor.lastRead.job = { sentAt, isOver };
      if (isOver) seenOver.add(`${actor.request} ${jobId}`);
    },
    onSwitchRead(actor, isOn, sentAt) {
      actor.lastRead.switch = { sentAt, isOn };
    },
  };
}

/** Whether runs remember in the ledger yet. */
export const LEDGER: boolean = false;
