import { alertDelivery } from '../events.ts';
import type { Ground, Part } from '../part.ts';
import { ours } from '../runnable.ts';
import { startCold, startWarm, type Warm } from '../starts.ts';
import type { Call } from '../upstream.ts';

type Run = { loadedMs: number; firstStepMs: number; followsMs: number; checkpoints: Call[] };

/** The durable function at the beginning of an execution that an alert started. Nothing stands beside it: it is held against its past. */
export const kill: Part = {
  name: 'kill',
  about: 'The function of the kill: load and first invocation',
  async measure(ground) {
    const door = await startWarm(ours(ground, 'alerts'));
    try {
      const runs: Run[] = [];
      for (let round = 0; round < ground.rounds; round++) runs.push(await measureOne(ground, door, round));
      return [
        { what: 'process until loaded', unit: 'ms', ours: runs.map(({ loadedMs }) => loadedMs) },
        { what: 'process until its first step is on record', unit: 'ms', ours: runs.map(({ firstStepMs }) => firstStepMs) },
        { what: 'process until it waits for the end: look, decide, record, kill', unit: 'ms', ours: runs.map(({ followsMs }) => followsMs) },
        { what: 'first invocation: checkpoints', unit: 'calls', ours: runs.map(({ checkpoints }) => checkpoints.length) },
        { what: 'first invocation: sent in checkpoints', unit: 'KB', ours: runs.map(({ checkpoints }) => checkpoints.reduce((sum, { bytes }) => sum + bytes, 0) / 1_000) },
      ];
    } finally {
      door.stop();
    }
  },
};

async function measureOne(ground: Ground, door: Warm, round: number): Promise<Run> {
  const { upstream } = ground;
  const [job] = await upstream.addJobs(1);
  await door.call([alertDelivery(`kill${round}`, [job?.id ?? ''])]);
  const { event } = await upstream.lastInvocation();
  await upstream.takeCalls();
  const { loadedMs, answeredMs, startedAt, status, body } = await startCold(ours(ground, 'kill'), event);
  const calls = await upstream.takeCalls();
  const checkpoints = calls.filter(({ to }) => to === 'POST checkpoint');
  const [first] = checkpoints;
  if (status !== 'PENDING' || first === undefined || !calls.some(({ to }) => to === 'POST kill')) throw new Error(`kill ended ${status} ${body} after ${calls.map(({ to }) => to).join(', ')}`);
  return { loadedMs, firstStepMs: first.at - startedAt, followsMs: answeredMs, checkpoints };
}
