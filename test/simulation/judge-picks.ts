import { EndEntry, Picked, readStartRest, startEnd, startPartition } from '../../lib/ledger/keys.ts';
import type { Key } from '../../lib/ledger/port.ts';
import type { ExecutionView } from '../local/execution-view.ts';
import { type JobRecord, refreshJob, type SimulatedJob } from '../simulator/jobs.ts';
import { type Actor, requestOf, shortName, startOf } from './actor.ts';
import { type Kill, wasTaken } from './judge-kills.ts';
import type { LedgerTable } from './ledger.ts';
import type { Origins } from './origin.ts';
import type { Plot } from './plot.ts';
import { CROWD_QUEUE, GUARDED_USER, type PickRule } from './policy.ts';
import type { SentAlert } from './sender.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS, type World } from './world.ts';

/** A choice of a pick, as it stands in its claim. `made` is the moment from which its cooldown counts, by the house's clock. */
type Choice = { partition: string; owner: string; start: number; rule: PickRule; alert: SentAlert; ids: readonly string[]; made: number; posted: Set<string>; children: Set<string> };

export type PickJudge = {
  onKill: (actor: Actor, kill: Kill) => void;
  onWritten: (actor: Actor, keys: readonly Key[]) => void;
  /** The execution of a pick has started that of a child. */
  onChild: (child: string, pick: string) => void;
  judgeAtTheEnd: (plot: Plot, executions: readonly ExecutionView[]) => void;
};

/** When a pick chose, by the clock of the house and by the world's. */
type Moment = { at: number; worldAt: number };

const cooldownOf = ({ cooldownMin }: PickRule): number => cooldownMin * MINUTE_MS;

/** From the list of jobs to the choice. */
const LOOKED_WITHIN_MS = 3 * MINUTE_MS;
/** Until then a kill is followed: what still runs after it is left alone, and the next is meant. */
const DYING_FOR_MS = 25 * MINUTE_MS;

function isMeant({ queue, user, job_type: type, started_time: startedAt }: SimulatedJob): boolean {
  return queue === CROWD_QUEUE && user !== '' && user !== GUARDED_USER && type === 'SparkSubmit' && startedAt > 0;
}

/** Judges what rules pick: whom, how many, and that they do. */
export function judgePicks(world: World, table: LedgerTable, jobs: Map<string, JobRecord>, origins: Origins, killDelayMs: () => number, kills: () => readonly Kill[], houseNow: () => number): PickJudge {
  /** By the start of the pick: `<request>-<start>`. */
  const choices = new Map<string, Choice>();
  const choiceOf = (pick: string): Choice | undefined => choices.get(`${requestOf(pick)}-${startOf(pick)}`);
  const union = (of: Choice[]): Set<string> => new Set(of.flatMap(({ posted }) => [...posted]));

  const endOf = (execution: string): EndEntry | undefined => EndEntry.safeParse(table.read(startEnd(requestOf(execution), startOf(execution)))).data;

  /** When each start chose, by the world's clock: the cooldown of it can be claimed much later. */
  const chosenAt = new Map<string, number>();
  function noteChosen({ partition, rest }: Key): void {
    const id = `${partition.slice('start/'.length)}-${readStartRest(rest).number}`;
    if (!chosenAt.has(id)) chosenAt.set(id, world.now());
  }

  function note(key: Key): void {
    const row = table.row(key);
    const picked = Picked.safeParse(row?.value).data;
    if (row === undefined || picked === undefined) return;
    const id = `${row.owner}-${picked.start}`;
    const { alert } = origins.of(picked.start === 1 ? row.owner : id) ?? {};
    if (choices.has(id) || alert?.rule === undefined) return;
    const { rule } = alert;
    judgeAgain(alert, picked);
    judgeDying({ rule, alert, ids: picked.ids, at: picked.at, worldAt: chosenAt.get(id) ?? world.now() });
    choices.set(id, { partition: key.partition, owner: row.owner, start: picked.start, rule, alert, ids: picked.ids, made: Math.min(houseNow(), row.until - cooldownOf(rule)), posted: new Set(), children: new Set() });
  }

  /** What was picked for an occurrence holds, whatever its sender says of it later, unless it came to nothing. */
  function judgeAgain(alert: SentAlert, { at, ids }: Picked): void {
    const before = [...choices.values()].filter((choice) => choice.alert.occurrence === alert.occurrence);
    const isOther = (choice: Choice): boolean => ids.some((jobId) => !choice.ids.includes(jobId));
    const endedBefore = (choice: Choice): EndEntry[] => [...choice.children].flatMap((child) => endOf(child) ?? []).filter(({ ended = at }) => ended < at);
    if (before.length === 0) return;
    const line = (): string => `${alert.key}: ${ids.map((id) => id.slice(0, 8)).join(', ')}`;
    world.judge('a second choice after a kill', before.some((choice) => isOther(choice) && choice.posted.size > 0), line);
    const isSettled = (choice: Choice): boolean => endedBefore(choice).some(({ outcome }) => outcome === 'declined') || (choice.ids.length === 1 && endedBefore(choice).some(({ outcome }) => outcome === 'notified'));
    world.judge('a second choice after an answer', before.some(isSettled), line);
    // Once it may be found so: what was about to be killed is looked at, and nothing else.
    const isGone = (choice: Choice): boolean => !isOther(choice) && endedBefore(choice).length === choice.ids.length && endedBefore(choice).every(({ outcome }) => outcome === 'already-over' || outcome === 'not-found');
    world.judge('chosen again, though it is over', before.some(isGone), line);
  }

  /** A job that dies by our hand takes up its place: another one in its stead would be one too many. */
  function judgeDying({ rule, alert, ids, ...moment }: Pick<Choice, 'rule' | 'alert' | 'ids'> & Moment): void {
    // What a kill of it may have left for before, heard of or not, is looked at again, whatever else dies.
    const wasMeant = [...choices.values()].some((choice) => choice.alert.occurrence === alert.occurrence && ids.every((id) => choice.posted.has(id)));
    if (world.leavesOut() || wasMeant || ids.some((id) => isDying(id, moment))) return;
    const chosen = ids.flatMap((id) => jobs.get(id)?.job ?? []);
    const comesFirst = ({ started_time: startedAt }: SimulatedJob): boolean => rule.order === 'newest' || chosen.every((job) => startedAt < job.started_time);
    const dying = [...jobs.values()].filter(({ job }) => isMeant(job) && isOlder(job, alert) && isDying(job.job_id, moment) && comesFirst(job));
    if (dying.length > 0) world.judge('a second victim beside a dying job', dying.length + ids.length > rule.count, () => `${rule.alertname}: ${ids.map((id) => id.slice(0, 8)).join(', ')} beside ${dying.map(({ job }) => job.job_id.slice(0, 8)).join(', ')}`);
  }

  /**
   * Whether MRS had taken a kill of it, lately, and it still ran. What was killed under its name before makes it a newer run, which is left
   * out. How long ago a kill was goes by the house's clock, as `at` does; when a job was over by the world's.
   */
  function isDying(jobId: string, { at, worldAt }: Moment): boolean {
    const record = jobs.get(jobId);
    if (record === undefined) return false;
    const { finished_time: over, job_name: name, ignoresKill } = refreshJob(record, killDelayMs(), world.now());
    // Once a kill has had its effect it is over, whatever MRS copies after it.
    const diesAt = ignoresKill ? Infinity : (record.killAcceptedAt ?? 0) + killDelayMs();
    const taken = kills().filter((kill) => kill.jobId === jobId && wasTaken(kill) && kill.houseAt < at - LOOKED_WITHIN_MS && kill.houseAt > at - DYING_FOR_MS);
    const isNewer = kills().some((kill) => kill.jobId !== jobId && jobs.get(kill.jobId)?.job.job_name === name);
    return taken.length > 0 && !isNewer && diesAt > worldAt && (over === 0 || over > worldAt);
  }

  function judgeCounts(choice: Choice): void {
    const { partition, rule, alert } = choice;
    const ofRule = [...choices.values()].filter((other) => other.partition === partition);
    for (const first of ofRule) {
      const within = ofRule.filter(({ made }) => made >= first.made && made < first.made + cooldownOf(rule));
      const moments = (): string => within.map(({ made }) => `${(made - first.made) / SECOND_MS} s`).join(', ');
      world.judge('more than its count within a cooldown', union(within).size > rule.count, () => `${rule.alertname}: ${[...union(within)].map((id) => id.slice(0, 8)).join(', ')}, chosen at ${moments()}`);
    }
    const ofAlert = union([...choices.values()].filter((other) => other.alert.occurrence === alert.occurrence));
    world.judge('more than its count for one alert', ofAlert.size > rule.count, () => `${alert.key}: ${[...ofAlert].map((id) => id.slice(0, 8)).join(', ')}`);
  }

  /** Whether such a choice came to something: a kill that left or was about to, of an earlier start too, or people who were asked. */
  function wasTried({ owner, start, ids, children }: Choice): boolean {
    const ofStart = table.partition(startPartition(owner)).map(({ rest }) => readStartRest(rest));
    if (ofStart.some(({ number, what }) => number <= start && ids.some((id) => what === `posted/${id}`))) return true;
    return [...children].some((child) => {
      const end = endOf(child);
      return end === undefined || end.code === 'STOPPED' || ['declined', 'expired', 'still-running', 'killed', 'finished-first', 'notified'].includes(end.outcome);
    });
  }

  /** Whether a start of an alert may be its last: an operator stopped it, the ledger knows nothing of it, or its choice or one that it met came to something. */
  function isServed({ name, status }: ExecutionView): boolean {
    const id = [requestOf(name), startOf(name)] as const;
    const isKnown = table.partition(startPartition(id[0])).some(({ rest }) => readStartRest(rest).number === id[1]);
    const met = endOf(name)?.of;
    const came = [choiceOf(name), met && choices.get(`${met.name}-${met.start}`)].filter((choice) => choice !== undefined);
    return status === 'STOPPED' || !isKnown || came.some(wasTried);
  }

  /** Whether people were told of as many jobs as a rule that only tells them may mean: each keeps its place for `askAgain`, whichever alert it was chosen for. */
  function isToldOfAll(rule: PickRule): boolean {
    const told = [...choices.values()].filter((choice) => choice.rule === rule && wasTried(choice));
    return rule.action === 'notify' && new Set(told.flatMap(({ ids }) => ids)).size >= rule.count;
  }

  const isPickOf = ({ name }: ExecutionView, alert: SentAlert): boolean => {
    const origin = origins.of(name);
    return origin?.alert === alert && origin.pick === undefined;
  };

  const isOlder = (job: SimulatedJob, alert: SentAlert): boolean => job.submitted_time < Math.min(alert.startsAt ?? Infinity, origins.firstStartOf(alert) ?? 0);

  /** Nothing forbids to pick it, and nobody has touched it or one of its name. */
  function isFree(job: SimulatedJob, alert: SentAlert): boolean {
    const record = jobs.get(job.job_id);
    if (record === undefined || refreshJob(record, killDelayMs(), world.now()).finished_time !== 0 || job.ignoresKill) return false;
    const namesakes = new Set([...jobs.values()].filter((other) => other.job.job_name === job.job_name).map((other) => other.job.job_id));
    return isMeant(job) && isOlder(job, alert) && ![...choices.values()].some(({ ids }) => ids.some((id) => namesakes.has(id)));
  }

  return {
    onWritten(_actor, keys) {
      for (const key of keys) {
        if (key.partition.startsWith('start/') && key.rest.endsWith('/choice')) noteChosen(key);
        if (key.partition.startsWith('pick/') && key.rest === '-') note(key);
      }
    },
    onChild: (child, pick) => void choiceOf(pick)?.children.add(child),
    onKill(actor, { execution, jobId }) {
      const { pick } = origins.of(execution) ?? {};
      const job = jobs.get(jobId)?.job;
      if (pick === undefined || job === undefined) return;
      const judge: World['judge'] = (rule, isBroken, line) => world.judge(rule, isBroken, () => `${actor.name}: ${line()}`);
      judge('kill of a stream by a pick', job.job_type !== 'SparkSubmit', () => `${job.job_name}, ${job.job_type || 'of no type'}`);
      judge('kill of a job that had not started by a pick', job.started_time === 0, () => job.job_name);
      const choice = choiceOf(pick);
      judge('kill by a pick without its choice', choice === undefined, () => shortName(pick));
      if (choice === undefined) return;
      judge('kill of a job that was not chosen', !choice.ids.includes(jobId), () => jobId.slice(0, 8));
      choice.posted.add(jobId);
      judgeCounts(choice);
    },
    judgeAtTheEnd({ alerts, percentOfRunning }, executions) {
      if (percentOfRunning < 100 || world.leavesOut() || world.wasDown('ledger', 20 * MINUTE_MS)) return;
      for (const alert of alerts) {
        const { rule, endsAt } = alert;
        const first = origins.firstStartOf(alert);
        if (rule === undefined || endsAt !== undefined || first === undefined || first > world.healsAt + 5 * HOUR_MS) continue;
        const served = executions.some((execution) => isPickOf(execution, alert) && isServed(execution)) || isToldOfAll(rule);
        const free = [...jobs.values()].find(({ job }) => isFree(job, alert));
        world.judge('an alert that never picks', !served && free !== undefined, () => `${alert.key} stands, and ${free?.job.job_name} (${free?.job.job_id.slice(0, 8)}) runs`);
      }
    },
  };
}
