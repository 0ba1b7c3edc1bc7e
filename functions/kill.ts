import { withDurableExecution } from '@aws/durable-execution-sdk-js';
import { createKillHandler } from '../lib/kill/handle-payload.ts';
import type { KillPayload } from '../lib/kill/payload.ts';
import { loadKillswitch } from '../lib/load.ts';
import { createProcessLog } from '../lib/log/log.ts';

const load = loadKillswitch(process.env, new URL('../build/policy.json', import.meta.url));
const kill = createKillHandler(load, createProcessLog(process.env, { now: Date.now, write: (line) => process.stdout.write(`${line}\n`) }));

/** The durable function: one execution is one kill, from the first look to the report. */
export const handler = withDurableExecution(async (payload: KillPayload, context) => {
  await load.refresh(); // outside of any step: secrets must never stand in a checkpoint
  return kill(payload, context);
});
