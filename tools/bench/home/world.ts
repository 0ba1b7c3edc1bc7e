import { fork } from 'node:child_process';
import { join } from 'node:path';
import { ask, nextMessage } from '../ask.ts';

/** `url` serves all but MRS's calls, which go to `mrsUrl`. */
export type Served = { url: string; mrsUrl: string; slackUrl: string };
export type Asked =
  | { do: 'add-jobs'; count: number; cluster: string }
  | { do: 'late'; ms: number }
  | { do: 'killed' }
  | { do: 'new-response-urls'; count: number }
  | { do: 'answered' };

/** What stands for MRS, IAM and Slack. */
export type World = {
  served: Served;
  /** Running jobs of a cluster, by its id, the oldest first; their ids. */
  addJobs(count: number, cluster: string): Promise<string[]>;
  /** From now on each answer leaves so many ms later. */
  late(ms: number): Promise<void>;
  /** Of how many jobs a kill was taken. */
  killed(): Promise<number>;
  newResponseUrls(count: number): Promise<string[]>;
  /** What came at response URLs since this was asked last, and when (epoch ms). */
  answered(): Promise<{ url: string; at: number }[]>;
  stop(): void;
};

/** Starts it in a process of its own. `killDelayMs`: from an accepted kill to the job's end. */
export async function startWorld(killDelayMs: number): Promise<World> {
  const child = fork(join(import.meta.dirname, 'world-process.ts'), { stdio: ['ignore', 'ignore', 'inherit', 'ipc'], env: { KILL_DELAY_MS: String(killDelayMs) } });
  const served = await nextMessage<Served>(child);
  let last: Promise<unknown> = Promise.resolve();
  const say = <T>(asked: Asked): Promise<T> => {
    const answer = last.then(() => ask<T>(child, asked));
    last = answer.catch(() => undefined);
    return answer;
  };
  return {
    served,
    addJobs: (count, cluster) => say({ do: 'add-jobs', count, cluster }),
    late: async (ms) => void (await say({ do: 'late', ms })),
    killed: () => say({ do: 'killed' }),
    newResponseUrls: (count) => say({ do: 'new-response-urls', count }),
    answered: () => say({ do: 'answered' }),
    stop: () => child.disconnect(),
  };
}
