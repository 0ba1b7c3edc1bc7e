import { createProcessLog, type Log } from '../../lib/log/log.ts';
import { beginCounts } from '../../lib/log/metrics.ts';
import type { Metrics } from './metrics.ts';

type Outside = { env: Record<string, string | undefined>; /** The clock on the wall, epoch ms. */ wall: () => number; /** Gets one line without its end. */ write: (line: string) => void };

/** The log of this home: JSON lines at `LOG_LEVEL`, and what is counted goes to `metrics` instead of a line. */
export function createHomeLog({ env, wall, write }: Outside, metrics: Pick<Metrics, 'count'>): Log {
  const log = createProcessLog(env, { now: wall, write, count: metrics.count });
  beginCounts(log);
  return log;
}
