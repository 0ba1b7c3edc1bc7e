import { handleCleanup } from '../../lib/cleanup/handle-schedule.ts';
import { createForgetOver } from '../ledger/forget-over.ts';
import { beginHomeCounts } from '../metrics/home-counts.ts';
import { type Schedule, startSchedule } from '../schedule/schedule.ts';
import { scheduledTasks } from '../schedule/scheduled-tasks.ts';
import { startTidying } from '../store/tidy.ts';
import { watchPlace } from '../store/watch-place.ts';
import type { HomeParts } from './home-parts.ts';
import type { OpenHouse } from './open-house.ts';
import type { Owned } from './open-owned.ts';

/** An execution's name is held so long after its end, as on AWS. */
const KEPT_MS = 14 * 24 * 3_600_000;

/** What a home does of itself. `stop` begins nothing more, and resolves when what its schedule has begun is over. */
export type Chores = { schedule: Schedule; stop(): Promise<void> };

/** Begins what comes by the clock: cleanup and digest, the tidying of the store, and looking after its file. */
export function startChores({ log, endProcess }: HomeParts, { owned: { path }, settings, policy }: Owned, { store, clock, house, engine }: OpenHouse): Chores {
  const scheduled = scheduledTasks({ cleanup: settings.cleanupSchedule, digest: policy.slack.digest });
  const run = async (event: unknown) => {
    await house.refresh();
    return handleCleanup(house.loadStarting, log, event);
  };
  const schedule = startSchedule(scheduled, { clock, log, run });
  beginHomeCounts(log, scheduled.map(({ name }) => name));
  const stopWatching = watchPlace(path, () => endProcess('the store was moved or replaced', { store: path }));
  const tidying = startTidying({
    clock,
    forget: [createForgetOver(store), (now, most) => engine.forgetEnded(now - KEPT_MS, most)],
    onTrouble: (error) => log.warn('the store could not be tidied now', { error }),
  });
  return {
    schedule,
    async stop() {
      stopWatching();
      tidying.stop();
      await schedule.stop();
    },
  };
}
