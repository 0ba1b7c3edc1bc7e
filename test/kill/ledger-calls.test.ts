import { afterEach, describe, expect, it } from '@jest/globals';
import { type DoorStage, startDoorStage } from '../stage/doors.ts';
import { APPROVER } from '../stage/slack.ts';

// What the ledger costs: docs/ledger.md says it in money. A call that is not needed is a millisecond of a kill, and a place where it can fail.

let stage: DoorStage;
afterEach(() => stage.close());

/** The calls that `work` makes, with the end of all that it started, as `function call`. */
async function callsOf(work: () => Promise<unknown>): Promise<string[]> {
  const before = stage.ledger.calls.length;
  await work();
  await stage.idle();
  return stage.ledger.calls.slice(before).map(({ by, on }) => `${by} ${on}`);
}

const by = (name: string, calls: readonly string[]): number => calls.filter((call) => call.startsWith(`${name} `)).length;

describe('the calls of the ledger', () => {
  it('of a kill from Slack with its question are at most seventeen, two of them whether somebody keeps the job, and none comes before its first answer', async () => {
    stage = await startDoorStage();
    stage.simulator.addJob({ job_name: 'etl', job_type: 'Flink' });
    const release = stage.hold();
    expect(await callsOf(() => stage.type('kill etl').then(release))).not.toContainEqual(expect.stringMatching(/^slack /));
    const asked = stage.ledger.calls.length;
    const calls = await callsOf(() => stage.click(stage.card(), 'kill', APPROVER));
    expect(stage.outcomes()).toEqual(['killed']);
    expect(asked + calls.length).toBeLessThanOrEqual(17);
  });

  it("of an alert's kill by id are at most twelve, none of them at the door", async () => {
    stage = await startDoorStage();
    const job = stage.simulator.addJob({ job_name: 'etl' });
    const calls = await callsOf(() => stage.fire({ labels: { alertname: 'Stuck', cluster: 'analytics', job_id: job.job_id } }));
    expect(stage.outcomes()).toEqual(['killed']);
    expect([by('alerts', calls), by('kill', calls)]).toEqual([0, calls.length]);
    expect(calls.length).toBeLessThanOrEqual(12);
  });

  it('of a kill by REST are at most five, four of them before its POST', async () => {
    stage = await startDoorStage();
    const job = stage.simulator.addJob({ job_name: 'etl' });
    let beforePost = 0;
    stage.simulator.fault({ on: 'kill', times: Infinity, when: () => ((beforePost = stage.ledger.calls.length), false) });
    const calls = await callsOf(() => stage.kill(job.job_id));
    expect(stage.simulator.killed()).toEqual([job.job_id]);
    expect(beforePost).toBeLessThanOrEqual(4);
    expect(calls.length).toBeLessThanOrEqual(5);
  });

  it('of a refused alert are at most three, and one where it comes again', async () => {
    stage = await startDoorStage();
    const refused = { labels: { alertname: 'Other', job_name: 'etl' }, fingerprint: 'a1' };
    const first = await callsOf(() => stage.fire(refused));
    const again = await callsOf(() => stage.fire(refused));
    expect(first.length).toBeLessThanOrEqual(3);
    expect(again).toHaveLength(1);
    expect(stage.simulator.kills()).toEqual([]);
  });

  it('of a repeat of an alert are none where the same process started it a moment ago', async () => {
    stage = await startDoorStage();
    stage.simulator.addJob({ job_name: 'etl' });
    const alert = { labels: { alertname: 'Stuck', job_name: 'etl' }, fingerprint: 'a1' };
    await callsOf(() => stage.fire(alert));
    expect(await callsOf(() => stage.fire(alert))).toEqual([]);
  });

  it.each([1, 9])('of a run of cleanup are as many however many jobs match: %i', async (jobs) => {
    stage = await startDoorStage({ more: 'limits: { percentOfRunning: 100 }' });
    stage.addOld(Array.from({ length: jobs }, (_, job) => `nb-${job}`));
    const calls = await callsOf(() => stage.clean());
    expect(stage.simulator.killed()).toHaveLength(jobs);
    // One for the rule, one for the keeps, one for the switch, one for how long warnings live; what died lately stands in one day or two.
    expect(by('cleanup', calls)).toBeLessThanOrEqual(6);
  });
});
