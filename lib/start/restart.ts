import type { Clock } from '../core/time.ts';
import type { Engine, Execution, KillResult } from './engine.ts';
import { namesOfRestarts } from './names.ts';

type Known = ReadonlyMap<string, Execution>;

const RESTART_AFTER_MS = 15 * 60_000;

/**
 * The name under which a repeat of an alert may start anew: the next free one, where its latest execution came to a bad end and
 * began more than 15 minutes ago. Undefined for every other repeat. Throws EngineFailed where that end cannot be read.
 */
export async function findRestart(parts: { engine: Engine; clock: Clock }, name: string, known: Known): Promise<string | undefined> {
  let latest = known.get(name);
  for (const next of namesOfRestarts(name)) {
    const started = known.get(next);
    if (started === undefined) {
      const isOldEnough = latest !== undefined && parts.clock.now() - latest.startedAt.getTime() >= RESTART_AFTER_MS;
      return latest !== undefined && isOldEnough && (await endedBadly(parts.engine, latest)) ? next : undefined;
    }
    latest = started;
  }
  return undefined;
}

async function endedBadly(engine: Engine, { arn, status }: Execution): Promise<boolean> {
  switch (status) {
    case 'FAILED':
    case 'TIMED_OUT':
      return true;
    case 'RUNNING':
    case 'STOPPED': // by an operator, who had a reason
      return false;
    case 'SUCCEEDED': {
      const { result = '{}' } = await engine.get(arn);
      const { outcome } = JSON.parse(result) as Partial<KillResult>;
      return outcome === 'failed' || outcome === 'expired';
    }
  }
}
