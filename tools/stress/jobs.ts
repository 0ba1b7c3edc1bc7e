import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { PlayedKind } from './play-seed.ts';

const WORKER = join(import.meta.dirname, 'worker.ts');

/** Plays seeds, one after the other here, or in `jobs` processes at once; `onPlayed` is told of each as soon as it is over. Rejects where a process dies. */
export async function playSeeds(seeds: Iterator<number>, jobs: number, onPlayed: (played: PlayedKind[]) => void): Promise<void> {
  if (jobs === 1) {
    const { playAllOf } = await import('./play-seed.ts');
    for (let next = seeds.next(); !next.done; next = seeds.next()) onPlayed(await playAllOf(next.value));
    return;
  }
  const workers = Array.from({ length: jobs }, () => fork(WORKER));
  try {
    await Promise.all(workers.map((worker) => playWith(worker, seeds, onPlayed)));
  } finally {
    for (const worker of workers) worker.kill();
  }
}

async function playWith(worker: ChildProcess, seeds: Iterator<number>, onPlayed: (played: PlayedKind[]) => void): Promise<void> {
  const died = once(worker, 'exit').then(([code, signal]) => Promise.reject(new Error(`a process that played seeds ended: ${code ?? signal}`)));
  died.catch(() => undefined); // also when nobody waits for it any more
  for (let next = seeds.next(); !next.done; next = seeds.next()) {
    const answer = once(worker, 'message');
    worker.send(next.value);
    const [played] = (await Promise.race([answer, died])) as [PlayedKind[]];
    onPlayed(played);
  }
}
