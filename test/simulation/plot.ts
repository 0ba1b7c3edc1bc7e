import { JOBS_PATH } from '../simulator/client.ts';
import { endJobByHand, type JobRecord, refreshJob } from '../simulator/jobs.ts';
import { crowd } from './crowd.ts';
import { setOutDays } from './days.ts';
import { API_TOKEN } from './doors.ts';
import { type Pause, pause, type PauseByLedger } from './pause.ts';
import type { Deployed, Limits, PickRule } from './policy.ts';
import { keepSending, type SentAlert, type Stage } from './sender.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from './world.ts';

/** What happens in a seed's story, apart from what goes wrong: jobs, who wants them dead, and when. */
export type Plot = Limits & { alerts: SentAlert[]; pauses: Pause[]; /** In their order. */ deployments: Deployed[] };

const LAST_CLEANUP_MS = 43 * HOUR_MS;
const NAMES = ['etl', 'billing', 'report'];

/** What need not be drawn: whether rules pick, and how; the hour's limit; whether Datadog speaks; how often cleanup comes, how often (0 to 1) the ledger
 *  is lost just when a pick has chosen, and whether what is killed takes many minutes to die.
 *  Days of warnings are never drawn: `isWarned` alone sets them in motion, and then nothing else counts. */
export type Setting = { isCrowd?: boolean; perHour?: number; picks?: Partial<PickRule>; hasCycles?: boolean; cleanupEveryHours?: number; ledgerLostAtChoice?: number; diesSlowly?: boolean; isWarned?: boolean };

/** Sets everything in motion; what follows, follows by itself. */
export function setOut(stage: Stage, pauseByLedger: PauseByLedger, setting: Setting): Plot {
  const { world } = stage;
  const { chance, now } = world;
  if (setting.isWarned) return setOutDays(stage, pauseByLedger);
  const isCrowd = setting.isCrowd ?? chance.happens(0.5);
  const jobs = NAMES.slice(0, chance.whole(1, isCrowd ? 1 : 3)).map((name, index) => addJob(stage, name, index + 1).job);
  const plot: Plot = { perHour: setting.perHour ?? chance.one([1, 2, 30]), percentOfRunning: 50, picks: [], alerts: [], pauses: [], deployments: [] };
  for (const by of ['parameter', 'ledger'] as const) if (chance.happens(0.25)) plot.pauses.push(pause(stage, by, pauseByLedger));
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
  if (isCrowd) crowd(stage, plot, setting);
  const everyHours = setting.cleanupEveryHours ?? (chance.happens(0.15) ? 24 : 1);
  // Once a day is often enough to come after what died in the first hours can have been closed in vain.
  const first = everyHours === 1 ? chance.whole(0, HOUR_MS) : chance.whole(2 * HOUR_MS, 18 * HOUR_MS);
  for (let atMs = now() + first; atMs < world.startMs + LAST_CLEANUP_MS; atMs += everyHours * HOUR_MS) {
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
  const send = (id: string, atMs: number, startsAt: number): void => {
    // By its id, a job can be meant without a word on when it began.
    const isTimed = by === 'name' || chance.happens(0.5);
    const endsAt = isTimed && chance.happens(0.15) ? atMs + chance.one([chance.whole(1, 120) * SECOND_MS, chance.whole(1, 60) * MINUTE_MS]) : undefined;
    const alert: SentAlert = { key: id, id, occurrence: id, alertname, by, job, ...(isTimed && { startsAt }), ...(endsAt !== undefined && { endsAt }) };
    plot.alerts.push(alert);
    void keepSending(stage, alert, atMs);
  };
  send(`${job.job_name}-1`, beginsAt, beginsAt - chance.whole(0, 120) * SECOND_MS);
  if (!chance.happens(0.25)) return;
  const again = beginsAt + chance.whole(MINUTE_MS, 5 * HOUR_MS);
  send(`${job.job_name}-2`, again, again);
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
