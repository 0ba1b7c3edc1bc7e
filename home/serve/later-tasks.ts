import type { Log } from '../../lib/log/log.ts';
import { answerLater, type TaskParts } from '../../lib/slack/answer-later.ts';
import { isLaterTask } from '../../lib/slack/later.ts';
import { EngineFailed } from '../../lib/start/engine.ts';
import { countLostAnswer } from '../metrics/home-counts.ts';
import { within } from '../socket-mode/within.ts';
import { systemClock } from './system-clock.ts';

/** Slack waits 3 s for its answer. */
const SWITCH_WITHIN_MS = 1_500;
const LIST_WITHIN_MS = 2_500;

type House = { refresh: () => Promise<void>; loadStarting: () => TaskParts };

/** What Slack is answered after its 200 has gone out, each task beside the others. */
export type LaterTasks = {
  /**
   * Takes a task, and waits for no answer of it. A death loses what is in memory only, so what people rely on is waited for: the off
   * switch a little; the kills of a cleanup list until they are on disk. Throws EngineFailed where these are not in time: then the click
   * is not acknowledged, though the task goes on. A click that comes again starts none of them twice.
   */
  begin: (payload: unknown) => Promise<void>;
  /** Resolves when all that were begun are over. Never rejects. */
  settled(): Promise<void>;
};

/** Does the tasks in this process, as functions/slack does them in an invocation of itself. */
export function createLaterTasks(house: () => House, log: Log): LaterTasks {
  const open = new Set<Promise<void>>();
  const work = async (payload: unknown, onDone: () => void): Promise<void> => {
    try {
      if (typeof payload !== 'object' || payload === null || !isLaterTask(payload)) throw new Error('this is no task');
      const { refresh, loadStarting } = house();
      await refresh();
      await answerLater(loadStarting, log, payload, onDone);
    } catch (error) {
      countLostAnswer(log);
      log.error('an answer in Slack that was promised came to nothing', { error });
    }
  };
  return {
    async begin(payload) {
      const { promise: done, resolve } = Promise.withResolvers<'done'>();
      const task: Promise<void> = new Promise((next) => setImmediate(next)).then(() => work(payload, () => resolve('done'))).finally(() => open.delete(task));
      open.add(task);
      switch (kindOf(payload)) {
        case 'switch':
          return within(systemClock, SWITCH_WITHIN_MS, task);
        case 'cleanup':
          if ((await within(systemClock, LIST_WITHIN_MS, Promise.race([done, task]))) !== 'done') throw new EngineFailed('the kills of a list were not on record in time');
      }
    },
    settled: async () => void (await Promise.all(open)),
  };
}

function kindOf(payload: unknown): string | undefined {
  return typeof payload === 'object' && payload !== null && isLaterTask(payload) ? payload.slackTask : undefined;
}
