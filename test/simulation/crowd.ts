import { JOBS_PATH } from '../simulator/client.ts';
import type { SimulatedJob } from '../simulator/jobs.ts';
import { API_TOKEN } from './doors.ts';
import { cycle } from './cycle.ts';
import type { Plot, Setting } from './plot.ts';
import { CROWD_QUEUE, GUARDED_USER, type PickRule } from './policy.ts';
import { keepSending, type SentAlert, type Stage } from './sender.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from './world.ts';

const ARRIVE_FOR_MS = 3 * HOUR_MS;

/** A queue full of jobs, and alerts that name none of them: rules that pick. Jobs come and go, people run again what was killed. */
export function crowd(stage: Stage, plot: Plot, { picks = {}, hasCycles }: Setting): void {
  const { world } = stage;
  const { chance, now } = world;
  plot.picks = (['Crowd', 'Swarm'] as const).slice(0, chance.whole(1, 2)).map((alertname) => ({
    alertname,
    order: chance.one(['longest-running', 'newest']),
    count: chance.happens(0.7) ? 1 : 2,
    cooldownMin: chance.one([1, 2, 5, 15]),
    action: chance.one(['kill', 'kill', 'kill', 'kill', 'kill', 'kill', 'ask', 'ask', 'ask', 'notify']),
    askAgainHours: chance.one([1, 3, 24]),
    ...picks,
  }));
  plot.percentOfRunning = chance.one([50, 100]);
  let numbers = 0;
  const add = (fields: Partial<SimulatedJob> = {}): unknown => addOne(stage, ++numbers, fields);
  for (let count = chance.whole(3, 7); count > 0; count--) {
    const startedAt = now() - chance.whole(1, 240) * MINUTE_MS;
    add({ submitted_time: startedAt - 5 * SECOND_MS, started_time: startedAt });
  }
  for (let atMs = now() + chance.whole(5, 40) * MINUTE_MS; atMs < now() + ARRIVE_FOR_MS; atMs += chance.whole(5, 40) * MINUTE_MS) {
    world.at(atMs, () => add({ submitted_time: world.now(), started_time: world.now() }));
  }
  for (const rule of plot.picks) for (let causes = chance.whole(1, 2); causes > 0; causes--) raise(stage, plot, rule, causes);
  for (const rule of plot.picks) if (hasCycles ?? chance.happens(0.15)) cycle(stage, plot, rule);
  for (let count = chance.whole(0, 2); count > 0; count--) world.after(chance.whole(1, 120) * MINUTE_MS, () => void killOne(stage));
}

function addOne(stage: Stage, number: number, fields: Partial<SimulatedJob>): void {
  const { world, cloud } = stage;
  const { chance } = world;
  const waits = chance.happens(0.08);
  const { job } = cloud.addJob({
    job_id: `${String(number).padStart(8, '5')}-0000-4000-9000-${String(number).padStart(12, '0')}`,
    job_name: `crowd-${chance.whole(1, 5)}`,
    user: chance.one(['etl-bot', 'etl-bot', 'etl-bot', 'ana', 'kim', 'kim', GUARDED_USER, '']),
    queue: chance.happens(0.9) ? CROWD_QUEUE : chance.one(['', 'other']),
    job_type: chance.happens(0.85) ? 'SparkSubmit' : chance.one(['Flink', 'SparkStreaming', '']),
    ...(chance.happens(0.4) && { endsItself: { afterMs: chance.whole(1, 90) * MINUTE_MS, result: chance.one(['SUCCEEDED', 'FAILED']) } }),
    ...(chance.happens(0.1) && { logCopyMs: chance.whole(SECOND_MS, 10 * MINUTE_MS) }),
    ...(chance.happens(0.03) && { ignoresKill: true }),
    ...fields,
    ...(waits && { job_state: 'ACCEPTED', started_time: 0 }),
  });
  if (!chance.happens(0.6)) return;
  const afterMs = chance.one([chance.whole(1, 60) * SECOND_MS, chance.whole(1, 35) * MINUTE_MS]);
  cloud.onKilled(job.job_id, () => world.after(afterMs, () => {
    world.tell('person', `runs ${job.job_name} again`);
    const { job_name, user, queue } = job;
    cloud.addJob({ job_id: `9${job.job_id.slice(1)}`, job_name, user, queue, submitted_time: world.now(), started_time: world.now() });
  }));
}

/** One cause: several nodes say it, each by one or two replicas of the sender, and it stands or flaps. */
function raise(stage: Stage, plot: Plot, rule: PickRule, cause: number): void {
  const { world } = stage;
  const { chance } = world;
  const flaps = chance.happens(0.4);
  const from = world.now() + chance.whole(0, 2 * 60) * MINUTE_MS;
  for (let node = chance.whole(1, 3); node > 0; node--) {
    let at = from + chance.whole(0, 90) * SECOND_MS;
    for (let times = flaps ? chance.whole(2, 4) : 1; times > 0; times--) {
      const lastsMs = flaps ? chance.whole(1, 25) * MINUTE_MS : chance.happens(0.3) ? chance.whole(10, 120) * MINUTE_MS : undefined;
      const id = `${rule.alertname}-${cause}-node-${node}`;
      const key = `${id}-${times}`;
      const alert: SentAlert = { key, id, occurrence: key, alertname: rule.alertname, by: 'pick', rule, startsAt: at, ...(lastsMs !== undefined && { endsAt: at + lastsMs }) };
      plot.alerts.push(alert);
      for (let replicas = chance.happens(0.4) ? 2 : 1; replicas > 0; replicas--) void keepSending(stage, alert, at + chance.whole(1, 60) * SECOND_MS);
      if (lastsMs === undefined) break;
      at += lastsMs + chance.whole(1, 15) * MINUTE_MS;
    }
  }
}

/** Somebody kills a job that happens to run. */
async function killOne({ world, cloud, doors, people }: Stage): Promise<void> {
  const running = [...cloud.cloud.jobs.values()].filter(({ job }) => job.finished_time === 0);
  if (running.length === 0) return;
  const { job } = world.chance.one(running);
  if (world.chance.happens(0.5)) await people.type(`kill ${job.job_id} on analytics`);
  else await doors.knock('api', 'rest', `POST ${JOBS_PATH}/${job.job_id}/kill`, { headers: { authorization: `Bearer ${API_TOKEN}` }, body: '' });
}
