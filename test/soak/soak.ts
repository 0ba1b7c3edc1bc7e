import { execFileSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';
import { chanceOf } from '../simulation/chance.ts';
import { startAwsHome } from './aws-home.ts';
import { planDeliveries } from './deliveries.ts';
import { judgeSoak } from './judge.ts';
import { startOwnHome } from './own-home.ts';
import { sendAll } from './send.ts';
import type { HomeName, SoakOptions } from './soaked.ts';

const HOMES = { aws: startAwsHome, own: startOwnHome };
/** What is open by then is asked, killed and followed to its end. */
const REST_MS = 20 * 60_000;
/** So often the memory is read. */
const READS = 10;
/** Flat: the last third needs no more than the third before it, but for so much. */
const MAY_GROW = 1.08;

export type SoakFigures = { faults: string[]; lines: string[] };

/** Sends `count` deliveries to a home in a process of its own, lets all that they led to end, and accounts for each of them. */
export async function playSoak(home: HomeName, count: number, given: Partial<SoakOptions> = {}): Promise<SoakFigures> {
  const { random } = chanceOf(count);
  const options: SoakOptions = { random, faults: 0.1, hangsUp: true, ...given };
  const soaked = await HOMES[home](options);
  try {
    const beganAt = performance.now();
    const { next, all } = planDeliveries(soaked.simulator, random);
    const memory: number[] = [];
    const every = Math.max(1, Math.floor(count / READS));
    const answers = await sendAll(count, { url: soaked.url, next, countOpen: soaked.countOpen, random, onEach: (done) => void (done % every === 0 && memory.push(memoryMib(soaked.process.child.pid ?? 0))) });
    for (const giveUpAt = performance.now() + REST_MS; soaked.countOpen() > 0 && performance.now() < giveUpAt; ) await sleep(100);
    const tookSec = (performance.now() - beganAt) / 1_000;
    const { faults, ends, posts } = judgeSoak(soaked.simulator, all, soaked.process.lines());
    if (soaked.countOpen() > 0) faults.push(`open for good: ${soaked.countOpen()}`);
    if (!isFlat(memory)) faults.push(`the memory grows: ${memory.join(', ')} MiB`);
    return {
      faults,
      lines: [
        `${home} home: ${count} deliveries of ${all.length} alerts, ${faults.length} faults; ${tookSec.toFixed(0)} s`,
        `  senders saw: ${listOf(answers)}`,
        `  the audit says: ${listOf(ends)}; ${posts} POSTs, ${soaked.simulator.killed().length} jobs killed`,
        `  spoilt: ${Object.entries(soaked.spoilt).map(([where, { calls, spoilt }]) => `${spoilt} of ${calls} calls of ${where}`).join(', ')}`,
        `  memory at each tenth: ${memory.join(', ')} MiB`,
      ],
    };
  } finally {
    await soaked.close();
  }
}

/** What the kernel counts for it. */
function memoryMib(pid: number): number {
  return Math.round(Number(execFileSync('ps', ['-o', 'rss=', '-p', String(pid)], { encoding: 'utf8' })) / 1_024);
}

/** A short run says nothing: a heap fills before it is swept. */
function isFlat(memory: readonly number[]): boolean {
  if (memory.length < READS) return true;
  const third = Math.floor(memory.length / 3);
  return Math.max(...memory.slice(-third)) <= MAY_GROW * Math.max(...memory.slice(-2 * third, -third));
}

function listOf(counts: ReadonlyMap<string, number>): string {
  return [...counts].toSorted(([, one], [, other]) => other - one).map(([what, count]) => `${count} ${what}`).join(', ');
}
