import { refreshJob, type SimulatedJob } from '../simulator/jobs.ts';
import type { SimulatedCloud } from './cloud.ts';
import { ALERT_TOKEN, type Doors } from './doors.ts';
import type { People } from './people.ts';
import type { PickRule } from './policy.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS, type World } from './world.ts';

/** What those who set a story in motion work with. */
export type Stage = { world: World; cloud: SimulatedCloud; doors: Doors; people: People };

/** An alert as its sender keeps sending it: one time that it fires, from its start until it resolves. Moments are epoch ms. */
export type SentAlert = {
  /** Its own in a story; two times of one alert differ in it, and have one `id`. */
  key: string;
  id: string;
  /** What it is about, whatever it is called: later news of one cycle of Datadog are SentAlerts of one occurrence. */
  occurrence: string;
  /** Datadog's word for this news; undefined where a sender of its own body sends it. */
  transition?: string;
  alertname: string;
  /** How it names its job; `pick` names none. */
  by: 'id' | 'name' | 'pick';
  job?: SimulatedJob;
  rule?: PickRule;
  /** Undefined where its sender does not say. */
  startsAt?: number;
  /** When it recovers, whatever becomes of jobs; or when its sender has nothing more to say. */
  endsAt?: number;
  /** When a door took note of its recovery. */
  resolvedAt?: number;
};

const LAST_REPEAT_MS = 30 * HOUR_MS;

/** What a sender names its deliveries, by which they are known again. */
export const firingName = (key: string): string => `door ${key}`;
export const resolvedName = (key: string): string => `recovery ${key}`;

/** As senders do: again after a failure, and from time to time for as long as it fires; then once that it is over. */
export async function keepSending(stage: Stage, alert: SentAlert, beginsAt: number): Promise<void> {
  const { world } = stage;
  const { chance } = world;
  await world.sleep(beginsAt - world.now());
  const isOver = (): boolean => world.now() >= (alert.endsAt ?? world.startMs + LAST_REPEAT_MS);
  while (!isOver()) {
    await deliver(stage, alert, 'firing');
    const pauseMs = chance.one([chance.whole(10 * SECOND_MS, 5 * MINUTE_MS), chance.whole(5 * MINUTE_MS, HOUR_MS), chance.whole(HOUR_MS, 4 * HOUR_MS)]);
    await world.sleep(Math.min(pauseMs, Math.max(SECOND_MS, (alert.endsAt ?? Infinity) - world.now())));
    if (alert.endsAt === undefined && isJobOver(stage, alert) && chance.happens(0.5)) alert.endsAt = world.now();
  }
  if (alert.endsAt === undefined || alert.transition !== undefined) return;
  await world.sleep(chance.whole(0, 20) * SECOND_MS);
  if (!(await deliver(stage, alert, 'resolved'))) return;
  alert.resolvedAt ??= world.now();
  world.judge('a start by a recovery', false, () => alert.key); // who starts by one is blamed as it does
}

function isJobOver({ world, cloud: { cloud } }: Stage, { job }: SentAlert): boolean {
  const record = cloud.jobs.get(job?.job_id ?? '');
  return record !== undefined && refreshJob(record, cloud.killDelayMs, world.now()).finished_time !== 0;
}

/** Whether it was taken, in the end. */
async function deliver({ world, doors }: Stage, alert: SentAlert, status: 'firing' | 'resolved'): Promise<boolean> {
  const { key, transition } = alert;
  const body = JSON.stringify(transition === undefined ? bodyOf(alert, status) : cycleBodyOf(alert));
  const name = status === 'firing' ? firingName(key) : resolvedName(key);
  const line = `POST /alerts/${transition === undefined ? 'generic' : 'datadog'}`;
  for (let tries = 0; tries < 4; tries++) {
    const answer = await doors.knock('alerts', name, line, { headers: { authorization: `Bearer ${ALERT_TOKEN}` }, body });
    if (answer?.status === 202) return true;
    await world.sleep(world.chance.whole(5 * SECOND_MS, MINUTE_MS));
  }
  return false;
}

function bodyOf({ id, alertname, by, job, startsAt }: SentAlert, status: 'firing' | 'resolved'): unknown {
  return {
    id,
    status,
    ...(startsAt !== undefined && { startsAt: new Date(startsAt).toISOString() }),
    labels: { alertname, cluster: 'analytics', ...(by === 'id' && { mrs_job_id: job?.job_id }), ...(by === 'name' && { job_name: job?.job_name }) },
  };
}

/** As the template of docs/triggers/datadog.md has it: `date` is of this news, and not of the first. */
function cycleBodyOf({ occurrence, transition, alertname, startsAt }: SentAlert): unknown {
  return { alert_cycle_key: occurrence, transition, date: String(startsAt), title: alertname, tags: `alertname:${alertname}`, cluster: 'analytics' };
}
