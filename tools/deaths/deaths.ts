import { setTimeout as sleep } from 'node:timers/promises';
import { type HomeProcess, until } from '../../test/home/serve/process.ts';
import { readArgs, wholeNumberOf } from '../command-line.ts';
import { countOpen, judge } from './judge.ts';
import { beginLoad } from './load.ts';
import { beginPeople } from './people.ts';
import { makeTrouble, openWorld, type World } from './world.ts';

const HELP = `Usage: npm run deaths -- [--times <n>]

Kills the own home with SIGKILL at random moments, under load and with trouble in MRS and Slack; a standby takes over each time.
At the end all is judged: what was taken on, what was sent to MRS, how each ended, what was said in Slack, and the store.
Each promise that was broken is a line; the store and what the processes said are then kept in a folder that is named.

Options:
  --times   how many deaths, default 300: about twelve minutes
  --help

Exit code: 0 no promise was broken, 1 some were, or the arguments are wrong.

Examples:
  npm run deaths -- --times 20`;

type Print = (line: string) => void;
/** `restMs`: so long may what is open take to come to its end. */
export type Deaths = { times: number; hangsUp: boolean; restMs: number };

const REST_MS = 300_000;
const STOP_MS = 40_000;
/** With more open nothing new is asked for: on a slow machine a life is too short for all of it. */
const MOST_OPEN = 80;
const MOST_SHOWN = 30;

/** The command: gives the exit code. Throws WrongUsage. */
export async function deaths(args: string[], print: Print): Promise<0 | 1> {
  const read = readArgs(args, { name: 'npm run deaths', options: { times: { type: 'string', default: '300' } } });
  if (read === 'help') {
    print(HELP);
    return 0;
  }
  const times = wholeNumberOf('--times', read.values.times, 999_999);
  return playDeaths({ times, hangsUp: true, restMs: REST_MS }, print);
}

/** Plays so many deaths. `hangsUp`: MRS leaves kills without an answer, which are waited for 10 s each. */
export async function playDeaths({ times, hangsUp, restMs }: Deaths, print: Print): Promise<0 | 1> {
  const beganAt = performance.now();
  const world = await openWorld();
  const faults: string[] = [];
  makeTrouble(world, { hangsUp });
  let home = world.start();
  try {
    await home.url;
    const [load, people] = [beginLoad(world), beginPeople(world)];
    const gapsMs: number[] = [];
    for (let death = 1; death <= times; death++) {
      home = await killAndFollow(world, home, faults, gapsMs);
      load.isHeld = countOpen(world) > MOST_OPEN;
      if (death % 50 === 0) print(`${death} deaths, ${load.asked.length} requests`);
    }
    await load.stop();
    world.simulator.clearFaults();
    await rest(world, restMs);
    await people.stop();
    const code = await Promise.race([home.end('SIGTERM'), sleep(STOP_MS).then(() => 'it still runs')]);
    if (code !== 0) faults.push(`the last process does not stop: ${code}`);
    world.note(home);
    const judged = judge(world, load.asked, people.clicked);
    faults.push(...judged.faults);
    for (const fault of faults.slice(0, MOST_SHOWN)) print(fault);
    const tookSec = Math.round((performance.now() - beganAt) / 1_000);
    const taken = load.asked.filter(({ said }) => said !== undefined).length;
    print(`${times} deaths, ${faults.length} faults; ${load.asked.length} requests, ${taken} taken on, ${people.clicked.length} clicks, ${judged.starts} starts, ${judged.ends} Ends, ${judged.posts} POSTs; the next one served after ${middle(gapsMs)} ms, at most ${Math.max(...gapsMs)} ms; ${tookSec} s`);
    if (faults.length > 0) print(`kept: ${world.folder}`);
    else world.remove();
    return faults.length === 0 ? 0 : 1;
  } finally {
    await home.end();
    await world.simulator.close();
  }
}

/** Some die before they serve. */
const SHARE_DYING_EARLY = 0.15;
const LONGEST_LIFE_MS = 1_500;

const hasSaid = (home: HomeProcess, said: string): boolean => home.lines().some(({ message }) => message === said);
const standsBy = (home: HomeProcess): boolean => hasSaid(home, 'waiting for the store');

/** Lets a process live for a while, kills it, and gives the one that stood by. */
async function killAndFollow(world: World, waiting: HomeProcess, faults: string[], gapsMs: number[]): Promise<HomeProcess> {
  let [home, next] = [waiting, world.start('--standby')];
  if (Math.random() >= SHARE_DYING_EARLY) {
    await Promise.race([home.url, next.url, home.exitCode]);
    if (hasSaid(next, 'serving')) [home, next] = [next, home]; // the one before it died early: both stood by, and this one was faster
    await until(() => standsBy(next) || next.child.exitCode !== null);
  }
  await sleep(Math.random() * LONGEST_LIFE_MS);
  if (home.child.exitCode !== null) faults.push(`a process ended by itself: ${home.child.exitCode}`);
  const isFollowed = standsBy(next);
  await home.end('SIGKILL');
  const diedAt = performance.now();
  world.note(home);
  if (isFollowed) next.url.then(() => gapsMs.push(Math.round(performance.now() - diedAt)), () => undefined);
  return next;
}

/** Waits until nothing is open any more. */
async function rest(world: World, restMs: number): Promise<void> {
  for (const giveUpAt = performance.now() + restMs; performance.now() < giveUpAt && countOpen(world) > 0; ) await sleep(200);
}

function middle(values: readonly number[]): number {
  return values.toSorted((one, other) => one - other)[Math.floor(values.length / 2)] ?? 0;
}
