import type { SimulatedJob } from '../simulator/jobs.ts';
import { pause, type PauseByLedger } from './pause.ts';
import type { Plot } from './plot.ts';
import { type Deployed, DOOMED, GUARDED_USER, LONG_QUEUE, type Warned, type WarnRule } from './policy.ts';
import { keepSending, type SentAlert, type Stage } from './sender.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from './world.ts';

const JOBS_COME_FOR_MS = 2 * HOUR_MS;
const BUSY_FOR_MS = 10 * HOUR_MS;
const CHANGES_FOR_MIN = 4 * 60;
/** Twelve hours after the longest life of a warning that could not be closed: then it is tried once more. */
const LAST_CLEANUP_MS = 48 * HOUR_MS;

/** Days on which owners are warned: jobs come and go, rules and alerts warn of them, people keep them, and the policy changes. */
export function setOutDays(stage: Stage, pauseByLedger: PauseByLedger): Plot {
  const { world } = stage;
  const { chance, now } = world;
  const warned: Warned = { rules: [drawRule(stage, 'long', 'cleanup'), drawRule(stage, 'notebooks', 'cleanup'), drawRule(stage, 'doomed', 'alert')], ...(chance.happens(0.3) && { asksFor: chance.one(['ana', 'kim']) }) };
  const plot: Plot = { perHour: chance.one([1, 2, 30, 30]), percentOfRunning: chance.one([50, 100, 100]), picks: [], alerts: [], pauses: [], deployments: [], warned };
  for (const by of ['parameter', 'ledger'] as const) if (chance.happens(0.2)) plot.pauses.push(pause(stage, by, pauseByLedger));
  let numbers = 0;
  const add = (startedAt: number): SimulatedJob => addJob(stage, ++numbers, startedAt);
  const jobs = Array.from({ length: chance.whole(1, 4) }, () => add(now() - chance.whole(0, 5 * 60) * MINUTE_MS));
  for (let count = chance.whole(0, 2); count > 0; count--) world.after(chance.whole(1, JOBS_COME_FOR_MS / MINUTE_MS) * MINUTE_MS, () => add(world.now()));
  for (let count = chance.whole(1, 3); count > 0; count--) raise(stage, plot, DOOMED, chance.one(jobs), count);
  if (chance.happens(0.2)) raise(stage, plot, 'Stuck', chance.one(jobs), 1);
  if (chance.happens(0.3)) world.after(chance.whole(10, 200) * MINUTE_MS, () => void stage.people.type(`kill ${chance.one(jobs).job_id} on analytics`));
  if (chance.happens(0.25)) world.after(chance.whole(5, 200) * MINUTE_MS, () => void stage.people.clickOnCleanup());
  if (chance.happens(0.25)) world.after(chance.whole(0, 80) * MINUTE_MS, () => world.breakDown('slack', chance.whole(20, 95) * MINUTE_MS));
  plot.deployments = drawDeployments(stage, jobs);
  const everyMs = chance.one([20, 20, 60]) * MINUTE_MS;
  // Later on less happens, and a few runs are enough.
  for (let atMs = now() + chance.whole(0, everyMs); atMs < world.startMs + LAST_CLEANUP_MS; atMs += atMs < world.startMs + BUSY_FOR_MS ? everyMs : 2 * HOUR_MS) {
    world.at(atMs, () => void stage.doors.deliver('cleanup', 'cleanup', {}));
  }
  return plot;
}

function drawRule({ world: { chance } }: Stage, name: string, by: WarnRule['by']): WarnRule {
  const warnMin = chance.one([5, 10, 30]);
  if (chance.happens(0.15)) return { name, by, warnMin };
  const keepMin = chance.one([10, 20, 40, 120]);
  return { name, by, warnMin, keepMin, ...(chance.happens(0.8) && { keepAtMostMin: keepMin * chance.whole(1, 3) + chance.one([0, 0, 5]) }) };
}

function addJob({ world, cloud }: Stage, number: number, startedAt: number): SimulatedJob {
  const { chance } = world;
  const isNotebook = chance.happens(0.4);
  const { job } = cloud.addJob({
    job_id: `${String(number).padStart(8, '3')}-0000-4000-8000-${String(number).padStart(12, '0')}`,
    job_name: `${isNotebook ? 'nb' : 'job'}-${number}`,
    user: chance.one(['ana', 'ana', 'kim', 'kim', 'etl-bot', chance.one([GUARDED_USER, ''])]),
    queue: chance.happens(0.8) ? LONG_QUEUE : 'other',
    submitted_time: startedAt,
    started_time: startedAt,
    ...(chance.happens(0.3) && { endsItself: { afterMs: chance.one([chance.whole(1, 60), chance.whole(1, 240)]) * MINUTE_MS, result: chance.one(['SUCCEEDED', 'FAILED']) } }),
    ...(chance.happens(0.1) && { logCopyMs: chance.whole(SECOND_MS, 10 * MINUTE_MS) }),
  });
  return job;
}

/** Somebody's alert names a job, says so again and again, and is over one day, or is not. */
function raise(stage: Stage, plot: Plot, alertname: string, job: SimulatedJob, number: number): void {
  const { chance, now } = stage.world;
  const startsAt = now() + chance.whole(0, 150) * MINUTE_MS;
  const key = `${alertname}-${number}`;
  // One that kills at once is over one day, so that whatever held it back may hold for good.
  const endsAt = alertname !== DOOMED || chance.happens(0.6) ? startsAt + chance.one([chance.whole(1, 12), chance.whole(5, 60), chance.whole(5, 120)]) * MINUTE_MS : undefined;
  const alert: SentAlert = { key, id: key, occurrence: key, alertname, by: chance.one(['id', 'name']), job, startsAt, ...(endsAt !== undefined && { endsAt }) };
  plot.alerts.push(alert);
  void keepSending(stage, alert, startsAt + chance.whole(1, 60) * SECOND_MS);
}

/** What is deployed when: a job is protected, a rule is gone, nothing is to be killed for now, or all is as it was. */
function drawDeployments({ world }: Stage, jobs: readonly SimulatedJob[]): Deployed[] {
  const { chance } = world;
  const deployments: Deployed[] = [{ at: world.startMs, protects: [], drops: [], isDry: chance.happens(0.05) }];
  const moments = Array.from({ length: chance.whole(0, 3) }, () => world.startMs + chance.whole(1, CHANGES_FOR_MIN) * MINUTE_MS);
  const asItWas: Partial<Deployed> = { protects: [], drops: [], isDry: false };
  const putBackAt = chance.happens(0.7) ? world.startMs + chance.whole(CHANGES_FOR_MIN, CHANGES_FOR_MIN + 60) * MINUTE_MS : undefined;
  for (const at of [...moments.toSorted((one, other) => one - other), ...(putBackAt === undefined ? [] : [putBackAt])]) {
    const before = deployments.at(-1) as Deployed;
    const change = chance.one<Partial<Deployed>>([
      { protects: [...before.protects, chance.one(jobs).job_name] },
      { drops: [...before.drops, chance.one(['long', 'notebooks', 'doomed', 'ancient'])] },
      { isDry: true },
      asItWas,
    ]);
    const after: Deployed = { ...before, ...(at === putBackAt ? asItWas : change), at };
    deployments.push(after);
    world.at(at, () => world.tell('operator', `deploys: ${[...after.protects.map((name) => `${name} is protected`), ...after.drops.map((name) => `no rule ${name}`), after.isDry ? 'dry run' : 'live'].join(', ')}`));
  }
  return deployments;
}
