import { setTimeout as sleep } from 'node:timers/promises';
import type { Log } from '../../lib/log/log.ts';
import { answerLater, type TaskParts } from '../../lib/slack/answer-later.ts';
import { isLaterTask } from '../../lib/slack/later.ts';
import { countLostAnswer } from '../metrics/home-counts.ts';

/** Slack waits 3 s for its answer. */
const SWITCH_WITHIN_MS = 1_500;

type House = { refresh: () => Promise<void>; loadStarting: () => TaskParts };

/** What Slack is answered after its 200 has gone out, each task beside the others. */
export type LaterTasks = {
  /** Takes a task and does not wait for it; for the off switch a little, since it holds from when it is on disk, and people rely on it. */
  begin: (payload: unknown) => Promise<void>;
  /** Resolves when all that were begun are over. Never rejects. */
  settled(): Promise<void>;
};

/** Does the tasks in this process, as functions/slack does them in an invocation of itself. */
export function createLaterTasks(house: () => House, log: Log): LaterTasks {
  const open = new Set<Promise<void>>();
  const work = async (payload: unknown): Promise<void> => {
    try {
      if (typeof payload !== 'object' || payload === null || !isLaterTask(payload)) throw new Error('this is no task');
      const { refresh, loadStarting } = house();
      await refresh();
      await answerLater(loadStarting, log, payload);
    } catch (error) {
      countLostAnswer(log);
      log.error('an answer in Slack that was promised came to nothing', { error });
    }
  };
  return {
    async begin(payload) {
      const task: Promise<void> = new Promise((resolve) => setImmediate(resolve)).then(() => work(payload)).finally(() => open.delete(task));
      open.add(task);
      if (isSwitch(payload)) await Promise.race([task, sleep(SWITCH_WITHIN_MS)]);
    },
    settled: async () => void (await Promise.all(open)),
  };
}

function isSwitch(payload: unknown): boolean {
  return typeof payload === 'object' && payload !== null && isLaterTask(payload) && payload.slackTask === 'switch';
}
