import { endJobByHand, type JobRecord, refreshJob } from '../simulator/jobs.ts';
import { JOBS_PATH } from '../simulator/client.ts';
import type { SimulatedCloud } from './cloud.ts';
import { ALERT_TOKEN, API_TOKEN, type Doors } from './doors.ts';
import type { People } from './people.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS, type World } from './world.ts';

type Stage = { world: World; cloud: SimulatedCloud; doors: Doors; people: People };

/** An alert as its sender keeps sending it. */
export type SentAlert = { id: string; alertname: 'Stuck' | 'Slow'; by: 'id' | 'name'; job: JobRecord['job']; startsAt: number };

/** What happens in a seed's story, apart from what goes wrong: jobs, who wants them dead, and when. */
export type Plot = { perHour: number; alerts: SentAlert[]; pausedFrom?: number; pausedUntil?: number };

const LAST_REPEAT_MS = 30 * HOUR_MS;
const LAST_CLEANUP_MS = 43 * HOUR_MS;
const NAMES = ['etl', 'billing', 'report'];

/** Sets everything in motion; what follows, follows by itself. */
export function setOut(stage: Stage): Plot {
  const { world } = stage;
  const { chance, now } = world;
  const jobs = NAMES.slice(0, chance.whole(1, 3)).map((name, index) => addJob(stage, name, index + 1).job);
  const plot: Plot = { perHour: chance.one([1, 2, 30]), alerts: [] };
  if (chance.happens(0.3)) {
    plot.pausedFrom = now() + chance.whole(0, 30) * MINUTE_MS;
    plot.pausedUntil = plot.pausedFrom + chance.one([chance.whole(5, 60) * SECOND_MS, chance.whole(1, 90) * MINUTE_MS]);
    world.at(plot.pausedFrom, () => world.tell('operator', 'turns PAUSED on'));
    world.at(plot.pausedUntil, () => world.tell('operator', 'turns PAUSED off'));
  }
  for (const [index, job] of jobs.entries()) {
    const beginsAt = now() + chance.whole(SECOND_MS, 10 * MINUTE_MS);
    const kind = index === 0 ? 'alert' : chance.one(['alert', 'alert', 'slack', 'rest']);
    if (kind === 'alert') raiseAlert(stage, plot, job, beginsAt);
    if (kind === 'slack') world.at(beginsAt, () => void stage.people.type(`kill ${chance.happens(0.5) ? job.job_id : job.job_name} on analytics`));
    if (kind === 'rest') world.at(beginsAt, () => void killByRest(stage, job.job_id));
    // Two who want the same.
    if (chance.happens(0.15)) world.at(beginsAt + chance.whole(0, 3) * MINUTE_MS, () => void stage.people.type(`kill ${job.job_id} on analytics`));
    if (chance.happens(0.15)) world.at(beginsAt + chance.whole(0, 3) * MINUTE_MS, () => void killByRest(stage, job.job_id));
    const next = chance.one(['again', 'again', 'by hand', 'nothing']);
    if (next === 'again') runAgainOnceKilled(stage, job);
    if (next === 'by hand') world.at(beginsAt + chance.one([chance.whole(-60, 1) * SECOND_MS, chance.whole(1, 90) * MINUTE_MS]), () => killAndRunAgainByHand(stage, job));
  }
  for (let atMs = now() + chance.whole(0, HOUR_MS); atMs < world.startMs + LAST_CLEANUP_MS; atMs += HOUR_MS) {
    world.at(atMs, () => void stage.doors.deliver('cleanup', 'cleanup', {}));
  }
  return plot;
}

function addJob({ world, cloud }: Stage, name: string, number: number): JobRecord {
  const { chance } = world;
  return cloud.addJob({
    job_id: `${number}111111${number}-0000-4000-8000-${String(number).padStart(12, '0')}`,
    job_name: name,
    ...(chance.happens(0.25) && { endsItself: { afterMs: chance.one([chance.whole(0, 15 * MINUTE_MS), chance.whole(0, 4 * HOUR_MS)]), result: chance.one(['SUCCEEDED', 'FAILED']) } }),
    ...(chance.happens(0.15) && { logCopyMs: chance.whole(SECOND_MS, 10 * MINUTE_MS) }),
    ...(chance.happens(0.05) && { ignoresKill: true }),
  });
}

function raiseAlert(stage: Stage, plot: Plot, job: JobRecord['job'], beginsAt: number): void {
  const { world: { chance } } = stage;
  const alertname = chance.one(['Stuck', 'Stuck', 'Slow'] as const);
  const by = chance.one(['id', 'name', 'name'] as const);
  const first: SentAlert = { id: `${job.job_name}-1`, alertname, by, job, startsAt: beginsAt - chance.whole(0, 120) * SECOND_MS };
  plot.alerts.push(first);
  void keepSending(stage, first, beginsAt);
  if (!chance.happens(0.25)) return;
  const again = beginsAt + chance.whole(MINUTE_MS, 5 * HOUR_MS);
  const second = { ...first, id: `${job.job_name}-2`, startsAt: again };
  plot.alerts.push(second);
  void keepSending(stage, second, again);
}

/** As senders do: again after a failure, and from time to time for as long as it fires. */
async function keepSending({ world, cloud, doors }: Stage, alert: SentAlert, beginsAt: number): Promise<void> {
  const { chance } = world;
  await world.sleep(beginsAt - world.now());
  const body = JSON.stringify({
    id: alert.id,
    ...(alert.by === 'name' && { startsAt: new Date(alert.startsAt).toISOString() }),
    labels: { alertname: alert.alertname, cluster: 'analytics', ...(alert.by === 'id' ? { mrs_job_id: alert.job.job_id } : { job_name: alert.job.job_name }) },
  });
  while (world.now() < world.startMs + LAST_REPEAT_MS) {
    for (let tries = 0; tries < 4; tries++) {
      const answer = await doors.knock('alerts', `door ${alert.id}`, 'POST /alerts/generic', { headers: { authorization: `Bearer ${ALERT_TOKEN}` }, body });
      if (answer !== undefined && answer.status === 202) break;
      await world.sleep(chance.whole(5 * SECOND_MS, MINUTE_MS));
    }
    await world.sleep(chance.one([chance.whole(10 * SECOND_MS, 5 * MINUTE_MS), chance.whole(5 * MINUTE_MS, HOUR_MS), chance.whole(HOUR_MS, 4 * HOUR_MS)]));
    const isOver = cloud.cloud.jobs.get(alert.job.job_id)?.job.finished_time !== 0;
    if (isOver && chance.happens(0.5)) return; // it resolves
  }
}

async function killByRest({ world, doors }: Stage, jobId: string): Promise<void> {
  const headers: Record<string, string> = { authorization: `Bearer ${API_TOKEN}`, ...(world.chance.happens(0.5) && { prefer: 'wait=20' }) };
  await doors.knock('api', 'rest', `POST ${JOBS_PATH}/${jobId}/kill`, { headers, body: '' });
}

/** A person starts the job again under its name once it was killed: the new run must not be killed for the old one's sake. */
function runAgainOnceKilled(stage: Stage, job: JobRecord['job']): void {
  const { world, cloud } = stage;
  const afterMs = world.chance.whole(1, 90) * SECOND_MS;
  cloud.onKilled(job.job_id, () => world.after(afterMs, () => runAgain(stage, job)));
}

/** Who is on call was faster, past us. */
function killAndRunAgainByHand(stage: Stage, job: JobRecord['job']): void {
  const { world, cloud } = stage;
  const record = cloud.cloud.jobs.get(job.job_id);
  if (record === undefined || refreshJob(record, cloud.cloud.killDelayMs, world.now()).finished_time !== 0) return;
  world.tell('person', `kills ${job.job_name} in the console`);
  endJobByHand(record, 'KILLED', world.now());
  runAgain(stage, job);
}

function runAgain({ world, cloud }: Stage, job: JobRecord['job']): void {
  world.tell('person', `runs ${job.job_name} again`);
  cloud.addJob({ job_id: `9${job.job_id.slice(1)}`, job_name: job.job_name, submitted_time: world.now(), started_time: world.now() });
}
