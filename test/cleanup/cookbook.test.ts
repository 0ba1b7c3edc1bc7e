import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { buttonsOf } from '../simulator/slack-client.ts';
import { APPROVER, expectNoKill, REQUESTER } from '../stage/slack.ts';
import { type CleanupStage, DEV_ID, HOUR_MS, NOON, startCleanupStage } from '../stage/cleanup.ts';

const ROOT = join(import.meta.dirname, '../..');
const POLICY = readFileSync(join(ROOT, 'test/fixtures/cleanup/cookbook.yml'), 'utf8');
const recipes = (text: string): string | undefined => /# cookbook: begin\n([^]*?)# cookbook: end/.exec(text)?.[1];

let stage: CleanupStage;
beforeEach(async () => {
  stage = await startCleanupStage(`dryRun: false\n${POLICY}`);
});
afterEach(() => stage.close());

describe('the cookbook', () => {
  it('stands on its page as it is tried here', () => {
    expect(recipes(POLICY)).toMatch(/^cleanup:\n/);
    expect(recipes(readFileSync(join(ROOT, 'docs/triggers/cleanup.md'), 'utf8'))).toBe(recipes(POLICY));
  });

  it('with dryRun left out only plays, and nothing was killed', async () => {
    await stage.close();
    stage = await startCleanupStage(POLICY);
    stage.addRunning('nb-old', 9, { cluster_id: DEV_ID, queue: 'adhoc' });
    expect((await stage.run()).rules).toMatchObject([{ rule: 'stale-notebooks', dryRun: true, started: 1 }]);
    await stage.idle();
    expect(stage.outcomes()).toEqual(['would-kill']);
    expectNoKill(stage);
  });

  it('stale notebooks: kills those that run too long in their queue, and no other job', async () => {
    const inDev = { cluster_id: DEV_ID, queue: 'adhoc' };
    const stale = stage.addRunning('nb-forgotten', 7, inDev);
    stage.addRunning('nb-in-use', 5, inDev);
    stage.addRunning('NB-other-case', 7, inDev);
    stage.addRunning('etl-nightly', 7, inDev);
    stage.addRunning('nb-elsewhere', 7, { ...inDev, queue: 'production' });
    stage.addRunning('nb-other-type', 7, { ...inDev, job_type: 'Flink' });
    stage.addRunning('nb-other-cluster', 7, { queue: 'adhoc' });
    stage.simulator.addJob({ ...inDev, job_name: 'nb-waiting', job_state: 'ACCEPTED', submitted_time: NOON - 9 * HOUR_MS });
    expect((await stage.run()).rules).toMatchObject([{ rule: 'stale-notebooks', matched: 1, started: 1 }]);
    await stage.idle();
    expect(stage.simulator.killed()).toEqual([stale.job_id]);
  });

  it('stuck in queue: asks about what has waited too long, and kills it after the click of an approver', async () => {
    const waiting = (job_name: string, hours: number, job_state: string) => stage.simulator.addJob({ job_name, job_state, submitted_time: NOON - hours * HOUR_MS });
    const stuck = waiting('etl-stuck', 3, 'ACCEPTED');
    waiting('etl-waiting', 1, 'ACCEPTED');
    waiting('billing-stuck', 9, 'NEW');
    stage.addRunning('etl-long', 50);
    expect((await stage.run()).rules).toMatchObject([{ rule: 'stuck-in-queue', matched: 2, started: 1, asked: 1, spared: [{ job: 'billing-stuck', by: 'protected' }] }]);
    await stage.idle();
    expectNoKill(stage);
    const card = stage.simulator.slack.messages().at(-1);
    if (card === undefined) throw new Error('no card');
    expect(buttonsOf(card)).toHaveLength(2);
    await stage.clickAndRead(card, 'kill', REQUESTER);
    expectNoKill(stage);
    await stage.clickAndRead(card, 'kill', APPROVER);
    expect(stage.simulator.killed()).toEqual([stuck.job_id]);
  });

  it('everything of a leaver: plays it first, then kills all of it but what is protected', async () => {
    const theirs = [stage.addRunning('a', 1, { user: 'jdoe' }), stage.addRunning('b', 1, { user: 'jdoe', queue: 'gold' })];
    stage.addRunning('billing-c', 1, { user: 'jdoe' });
    for (const user of ['jdoe2', 'JDOE', 'ana', 'bob']) stage.addRunning(`of-${user}`, 1, { user });
    expect((await stage.run()).rules).toMatchObject([{ rule: 'leaver-jdoe', dryRun: true, matched: 3, started: 2, spared: [{ job: 'billing-c', by: 'protected' }] }]);
    await stage.idle();
    expect(stage.outcomes()).toEqual(['would-kill', 'would-kill']);
    expectNoKill(stage);

    stage.deploy(`dryRun: false\n${POLICY.replace('action: kill, dryRun: true', 'action: kill')}`);
    expect((await stage.run()).rules).toMatchObject([{ rule: 'leaver-jdoe', dryRun: false, started: 2 }]);
    await stage.idle();
    expect(stage.simulator.killed().toSorted()).toEqual(theirs.map(({ job_id }) => job_id).toSorted());
  });
});
