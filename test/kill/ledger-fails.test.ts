import { afterEach, describe, expect, it } from '@jest/globals';
import { type DoorStage, startDoorStage } from '../stage/doors.ts';
import { HOUR_MS } from '../core/a-job.ts';
import { APPROVER } from '../stage/slack.ts';
import type { WatchedCall } from '../stage/watched-ledger.ts';
import { isFullSize, thinned } from '../support/full-size.ts';

// The ledger fails at each call of each trigger: once, once after it did what was asked, or from there on.

let stage: DoorStage;
afterEach(() => stage?.close());

const JOB = '00000000-0000-4000-8000-0000000000aa';

/** A kill by each trigger, up to its end. */
const KILLS: Record<string, () => Promise<void>> = {
  async slack() {
    await stage.type('kill etl');
    await stage.idle();
    const card = stage.simulator.slack.messages().at(-1);
    if (card === undefined) return;
    await stage.click(card, 'kill', APPROVER);
    await stage.idle();
    // Who is told that a click could not be taken clicks again.
    if (stage.simulator.slack.responses().length > 0) await stage.click(card, 'kill', APPROVER);
  },
  async alerts() {
    await stage.fire({ labels: { alertname: 'Stuck', cluster: 'analytics', job_id: JOB } });
  },
  async api() {
    await stage.kill(JOB);
  },
  async cleanup() {
    await stage.clean();
  },
};

/** One kill by `trigger`, where `fault` says what becomes of a call, by its number from 1. */
async function play(trigger: string, fault: (call: number) => 'fails' | 'after-effect' | undefined): Promise<{ calls: WatchedCall[]; postsOnRecord: number }> {
  stage = await startDoorStage({ more: 'limits: { percentOfRunning: 100 }' });
  const [job] = stage.addOld([trigger === 'cleanup' ? 'nb-1' : 'etl'], { job_id: JOB, ...(trigger === 'slack' && { job_type: 'Flink' }) });
  expect(job?.job_id).toBe(JOB);
  const calls: WatchedCall[] = [];
  let postsOnRecord = 0;
  // A POST is on record where its put was done, answered or not.
  stage.ledger.script = (call: WatchedCall) => {
    const told = fault(calls.push(call));
    if (call.on === 'put' && told !== 'fails' && call.partitions.some((partition) => partition.startsWith('run/'))) postsOnRecord += 1;
    return told;
  };
  let recordedAtPost = Infinity;
  stage.simulator.fault({ on: 'kill', times: Infinity, when: () => ((recordedAtPost = Math.min(recordedAtPost, postsOnRecord)), false) });
  await KILLS[trigger]?.();
  await stage.idle();
  // A question whose click could not be taken stands until its time is up.
  if (stage.ends().length === 0) stage.clock.advanceTo(stage.now() + HOUR_MS);
  await stage.idle();
  expect(recordedAtPost).toBeGreaterThan(0); // no record, no kill
  return { calls, postsOnRecord };
}

/** The calls by their number from 1; not at full size, the first of each kind: by whom, what, and where in the ledger. */
function numbersOf(calls: readonly WatchedCall[]): number[] {
  const kinds = calls.map(({ by, on, partitions }) => [by, on, ...partitions.map((partition) => partition.replace(/\/.*/, ''))].join(' '));
  return kinds.flatMap((kind, index) => (isFullSize || kinds.indexOf(kind) === index ? [index + 1] : []));
}

/** What a kill that went well comes to: REST does not wait for its end. */
const DONE: Record<string, string> = { slack: 'killed', alerts: 'killed', cleanup: 'killed', api: 'accepted' };

const kills = (): number => stage.simulator.kills().length;
/** Every message that people in the channel saw. */
const cards = (): number => stage.simulator.slack.messages().length;

describe.each(Object.keys(KILLS))('a kill by %s', (trigger) => {
  it('is one kill, one End and one card where any one call fails, and the same where its answer is lost', async () => {
    const { calls } = await play(trigger, () => undefined);
    const cardsOfGood = cards();
    expect(calls.length).toBeGreaterThan(1);
    for (const [index, bad] of numbersOf(calls).entries()) {
      for (const how of isFullSize ? (['fails', 'after-effect'] as const) : ([index % 2 === 0 ? 'fails' : 'after-effect'] as const)) {
        await stage.close();
        await play(trigger, (call) => (call === bad ? how : undefined));
        expect([bad, how, kills(), stage.simulator.killed(), stage.ends().map(({ outcome }) => outcome), cards()]).toEqual([bad, how, 1, [JOB], [DONE[trigger]], cardsOfGood]);
      }
    }
  });

  it('that cannot be put on record, from any call on, kills nothing or what is on record, has one End at most, and is told', async () => {
    const { calls } = await play(trigger, () => undefined);
    // Each such run tries for hours of its clock; a kill of cleanup runs as one by an alert does.
    const step = { cleanup: 5, alerts: 3, slack: 3 }[trigger] ?? 1;
    for (const first of thinned(calls.flatMap((_, index) => (index % step === 0 ? [index + 1] : [])), 10)) {
      await stage.close();
      await play(trigger, (call) => (call >= first ? 'fails' : undefined));
      const [end] = stage.ends();
      // A switch that cannot be read counts as on: a run of cleanup spares all and says so, and no request began.
      if (trigger === 'cleanup' && first === 1) expect([stage.ends(), stage.log().filter(({ message }) => message === 'cleanup')]).toMatchObject([[], [{ rules: [{ spared: [{ by: 'paused' }] }] }]]);
      else expect([first, kills() <= 1, stage.ends().length]).toEqual([first, true, 1]);
      if (kills() === 0) expect(['failed', 'expired', 'refused', undefined]).toContain(end?.['outcome']);
      else expect(end).toMatchObject({ outcome: DONE[trigger] });
    }
  }, 90_000);
});

it.each([
  ['named by an alert', 'etl', { alertname: 'Stuck', cluster: 'analytics', job_name: 'etl' }],
  ['picked by a rule', 'nb-1', { alertname: 'Crowd' }],
])('a job that is %s is killed though each kind of call of its run fails five times first', async (_, name, labels) => {
  stage = await startDoorStage({ more: 'limits: { percentOfRunning: 100 }' });
  const [job] = stage.addOld([name]);
  const failed = new Map<string, number>();
  stage.ledger.script = ({ by, on, partitions }) => {
    const kind = [on, ...partitions.map((partition) => partition.replace(/\/.*/, ''))].join(' ');
    const times = (failed.get(kind) ?? 0) + 1;
    if (by !== 'kill' || times > 5) return undefined;
    failed.set(kind, times);
    return 'fails';
  };
  await stage.fire({ labels });
  for (let waits = 0; stage.simulator.killed().length === 0 && waits < 20; waits++) {
    stage.clock.advanceTo(stage.now() + 30_000);
    await stage.idle();
  }
  expect(failed.size).toBeGreaterThan(5);
  expect(stage.simulator.killed()).toEqual([job?.job_id]);
});
