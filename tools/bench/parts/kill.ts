import { alertDelivery } from '../events.ts';
import { type Ground, interleave, type Part, type Row } from '../part.ts';
import { ours } from '../runnable.ts';
import { startCold, startWarm, type Warm } from '../starts.ts';
import { type Call, startUpstream } from '../upstream.ts';

type Run = { loadedMs: number; firstStepMs: number; followsMs: number; checkpoints: Call[] };

/** The durable function at the beginning of an execution that an alert started, beside that of an older version where there is one. */
export const kill: Part = {
  name: 'kill',
  about: 'The function of the kill: load and first invocation',
  async measure(ground) {
    // Of its own: an older version counts the kills of the hour that the other parts started.
    const upstream = await startUpstream();
    const grounds = [{ ...ground, upstream }, ...(ground.older ? [{ ...ground, upstream, packages: ground.older }] : [])];
    const doors = await Promise.all(grounds.map((one) => startWarm(ours(one, 'alerts'))));
    try {
      const [runs = [], before] = await interleave(ground.rounds, grounds.map((one, at) => (round: number) => measureOne(one, doors[at] as Warm, `${at}-${round}`)));
      const row = (what: string, unit: string, of: (run: Run) => number, most?: Row['most']): Row =>
        ({ what, unit, ours: runs.map(of), ...(before && { peer: { name: 'the older version', values: before.map(of) }, ...(most && { most }) }) });
      return [
        row('kill: process until loaded', 'ms', ({ loadedMs }) => loadedMs),
        row('kill: process until its first step is on record', 'ms', ({ firstStepMs }) => firstStepMs, { ratio: 0.5 }),
        row('kill: process until it waits for the end: look, decide, record, kill', 'ms', ({ followsMs }) => followsMs),
        row('first invocation: checkpoints', 'calls', ({ checkpoints }) => checkpoints.length),
        row('first invocation: sent in checkpoints', 'KB', ({ checkpoints }) => checkpoints.reduce((sum, { bytes }) => sum + bytes, 0) / 1_000),
      ];
    } finally {
      for (const door of doors) door.stop();
      upstream.stop();
    }
  },
};

async function measureOne(ground: Ground, door: Warm, round: string): Promise<Run> {
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
