import { makeCloud } from '../simulation/cloud.ts';
import { removePolicyFiles } from '../simulation/policy.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../simulation/world.ts';
import { openAws } from './aws.ts';
import { type Aftermath, describeStorm, judgeStorm, minutes } from './figures.ts';
import { envOfStorm, PER_HOUR, SHIPPED, type Shipped } from './home.ts';
import { openOwn } from './own.ts';
import { beginStorm } from './senders.ts';
import { makeCalmWorld } from './world.ts';

export type HomeName = 'aws' | 'own';
export type StormFigures = { faults: string[]; lines: string[] };
/** Its size: so many deliveries within so long, and what AWS allows, where that is other than shipped. */
export type StormOptions = { count: number; stormMs?: number; shipped?: Partial<Shipped> };

const HOMES = { aws: openAws, own: openOwn };
const MOST_MS = 8 * HOUR_MS;
const LOOK_EVERY_MS = 10 * SECOND_MS;
const KILL_DELAY_MS = 4 * SECOND_MS;

/** Lets `count` deliveries come, in ten minutes unless told otherwise, a third of them repeats, waits until all of it is over, and says what became of it. */
export async function play(name: HomeName, { count, stormMs = 10 * MINUTE_MS, shipped }: StormOptions): Promise<StormFigures> {
  const began = performance.now();
  const world = makeCalmWorld(count);
  const posts: { jobId: string; at: number }[] = [];
  try {
    const { cloud, addJob, openSend } = makeCloud(world, {
      onKill(_actor, jobId) {
        posts.push({ jobId, at: world.now() });
        return () => undefined;
      },
      onJobSeen: () => undefined,
      onSlack: () => undefined,
    });
    cloud.killDelayMs = KILL_DELAY_MS;
    const places = (): number => Math.min(PER_HOUR, posts.filter(({ at }) => at > world.now() - HOUR_MS).length);
    const home = HOMES[name]({ world, openSend, env: envOfStorm(), places, shipped: { ...SHIPPED, ...shipped } });
    const senders = beginStorm(world, { count, stormMs }, {
      knock: home.knock,
      addJob: (number) => addJob({ job_id: jobIdOf(number), job_name: `job-${number}` }).job.job_id,
    });
    let mostOpen = 0;
    const isGoingOn = (): boolean => world.now() < world.startMs + stormMs || senders.left() > 0 || home.countOpen() > 0;
    while (world.now() < world.startMs + MOST_MS && isGoingOn()) {
      await world.run(world.now() + LOOK_EVERY_MS, Infinity);
      mostOpen = Math.max(mostOpen, home.countOpen());
    }
    const aftermath: Aftermath = { senders, executions: home.engine.all(), begunAt: home.begunAt, posts, open: home.countOpen(), mostOpen };
    const faults = [...world.faults.map(({ rule, line }) => `${rule}: ${line}`), ...judgeStorm(aftermath)];
    const title = `${name} home: ${count} deliveries of ${senders.alerts.length} alerts in ${minutes(stormMs)}, ${faults.length} faults; over after ${minutes(world.now() - world.startMs)}; played in ${((performance.now() - began) / 1_000).toFixed(0)} s`;
    const lines = [title, ...describeStorm(aftermath), ...home.lines()];
    home.close();
    return { faults, lines };
  } finally {
    world.giveBack();
    removePolicyFiles();
  }
}

const jobIdOf = (number: number): string => `00000000-0000-4000-9000-${String(number).padStart(12, '0')}`;
