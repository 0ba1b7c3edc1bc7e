import type { Clock } from '../../lib/core/time.ts';
import { createDurableHandler } from '../../lib/house/durable-handler.ts';
import type { Ledger } from '../../lib/ledger/port.ts';
import type { Log } from '../../lib/log/log.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { warningLifeSec } from '../../lib/policy/warning-life.ts';
import { noteBadEnd } from '../../lib/start/bad-end.ts';
import { runPayload } from '../../lib/start/run-payload.ts';
import { runWarningPayload } from '../../lib/start/run-warning.ts';
import { WORKFLOW_VERSION } from '../../lib/start/workflow-version.ts';
import { enginePort } from '../engine/engine-port.ts';
import { createEngine, type DurableEngine } from '../engine/engine.ts';
import type { EngineClock } from '../engine/timers.ts';
import { countExecution } from '../metrics/home-counts.ts';
import { isDamage } from '../store/sqlite-trouble.ts';
import type { Store } from '../store/store.ts';
import { KILL, WARN } from './names.ts';

export type EngineParts = {
  store: Store;
  ledger: Ledger;
  clock: Clock & EngineClock;
  createId: () => string;
  log: Log;
  policy: Policy;
  house: Parameters<typeof createDurableHandler>[1];
  /** An invocation does not settle though it was told to: only this helps. */
  endProcess: (why: string, fields: Record<string, unknown>) => void;
};

// As serverless.yml has them for these functions.
const INVOCATION_SEC = 120;
const KILL_LIFE_SEC = 36_000;

/** The engine with kill and warn in it; an execution that comes to a bad end is closed by another one, as on AWS. Nothing runs before its `resume`. */
export function openEngineOfHome({ store, ledger, clock, createId, log, policy, house, endProcess }: EngineParts): DurableEngine {
  const engine: DurableEngine = createEngine({
    store,
    clock,
    createId,
    version: WORKFLOW_VERSION,
    onBadEnd: ({ arn, status }) => noteBadEnd({ ledger, engine: enginePort(engine, KILL, clock), clock, log, createId }, { arn, status }),
    onStatusChange: ({ functionName, status }) => countExecution(log, functionName === WARN ? 'warn' : 'kill', status),
    onThrow: ({ name }, error) => log.error('an invocation threw; it is repeated', { execution: name, error }),
    onStuck: (name) => endProcess('an invocation does not settle though its time is up', { execution: name }),
    onTrouble(error) {
      store.note(error);
      if (!isDamage(error)) log.error('the store did not take something; it is tried again', { error }); // that it is damaged is said once
    },
  });
  engine.register(KILL, { handler: createDurableHandler({ clock, log }, house, runPayload, engine.client), lifeSec: KILL_LIFE_SEC, timeoutSec: INVOCATION_SEC });
  engine.register(WARN, { handler: createDurableHandler({ clock, log }, house, runWarningPayload, engine.client), lifeSec: warningLifeSec(policy), timeoutSec: INVOCATION_SEC });
  return engine;
}
