import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readButtonValue } from '../../lib/slack/button.ts';
import { readBlocks } from '../simulator/slack-blocks.ts';
import { buttonsOf } from '../simulator/slack-client.ts';
import type { SlackMessage } from '../simulator/simulator.ts';
import { APPROVER, CHANNEL, expectNoKill, policyOf, REQUESTER, STRANGER, wordsOf } from '../stage/slack.ts';
import { type CleanupStage, cleanupPolicy, DEV_ID, HOUR_MS, MINUTE_MS, NOON, startCleanupStage, STALE } from '../stage/cleanup.ts';

const BOTH = `${STALE}\n  - { name: dev-notebooks, cluster: dev, match: { name: "nb-*" }, action: kill }`;

let stage: CleanupStage;
beforeEach(async () => {
  stage = await startCleanupStage();
});
afterEach(() => stage.close());

async function restart(...args: Parameters<typeof startCleanupStage>): Promise<void> {
  await stage.close();
  stage = await startCleanupStage(...args);
}

/** `/mrs cleanup`: the note that the person gets. Nothing is started by it. */
async function preview(user = REQUESTER): Promise<SlackMessage> {
  const before = stage.simulator.slack.responses().length;
  const executions = stage.names().length;
  const kills = stage.simulator.kills().length;
  expect((await stage.type('cleanup', { user_id: user })).body).toEqual({ response_type: 'ephemeral', text: 'Looking …' });
  await stage.idle();
  const answer = stage.simulator.slack.responses()[before];
  if (answer === undefined) throw new Error('no answer');
  const { text, blocks = [], response_type: type } = answer.body as { text: string; blocks?: SlackMessage['blocks']; response_type: string };
  expect(type).toBe('ephemeral');
  expect(readBlocks(blocks)).toMatchObject({ ok: true });
  expect(text.length).toBeLessThan(3_000);
  expect([stage.names().length, stage.simulator.kills().length]).toEqual([executions, kills]);
  return { text, blocks, channel: CHANNEL, ts: '1795348800.000100', history: [], ephemeralFor: user };
}

function listOf(note: SlackMessage): string[] {
  const value = readButtonValue(buttonsOf(note)[0]?.value ?? '');
  return value?.do === 'cleanup' ? value.jobs : [];
}

const click = (note: SlackMessage, user = REQUESTER): Promise<string[]> => stage.clickAndRead(note, 'cleanup', user);

describe('/mrs cleanup', () => {
  it('lists what the rules would kill now, with a button; nothing was killed', async () => {
    const job = stage.addRunning('nb-old', 9);
    stage.addRunning('nb-new', 1);
    const note = await preview();
    expect(note.text).toBe(`*1 job would be killed by the cleanup rules*\n• \`stale-notebooks\`: \`nb-old (${job.job_id})\` in \`analytics\`, running for 9 h`);
    expect(buttonsOf(note)).toMatchObject([{ action_id: 'cleanup', style: 'danger', text: { text: 'Kill these 1' } }]);
    expect(listOf(note)).toEqual([`analytics/${job.job_id}`]);
    expectNoKill(stage);
  });

  it('has no button where nothing fits', async () => {
    const note = await preview();
    expect(note.text).toBe('*0 jobs would be killed by the cleanup rules*');
    expect(buttonsOf(note)).toEqual([]);
  });

  it('says what is spared, what is only shown, what is asked about, and which cluster could not be read', async () => {
    const rules = `${BOTH}
  - { name: asks, cluster: analytics, match: { name: "ask-*" }, action: ask }
  - { name: shows, cluster: analytics, match: { name: "show-*" }, action: notify }`;
    await restart(cleanupPolicy(rules, 'protected: [{ user: svc-payroll }]'));
    stage.simulator.fault({ on: 'jobs', times: Infinity, when: ({ path }) => path.includes(DEV_ID), status: 403, body: { error_code: '0192', error_msg: 'no' } });
    const old = stage.addRunning('nb-old', 9);
    stage.addRunning('nb-pay', 9, { user: 'svc-payroll' });
    const asked = stage.addRunning('ask-1', 1, { submitted_time: NOON - 10_000 });
    stage.addRunning('show-1', 1);
    const note = await preview();
    expect(note.text).toMatch(/^\*2 jobs would be killed/);
    expect(note.text).toMatch(/`asks`: `ask-1 .*, an approver is asked$/m);
    const words = wordsOf(note);
    expect(words).toMatch(/cluster `dev` could not be read/);
    expect(words).toMatch(/`stale-notebooks` spares `nb-pay .*?: protected/);
    expect(words).toMatch(/`shows` only shows `show-1 /);
    expect(listOf(note).toSorted()).toEqual([`analytics/${old.job_id}`, `analytics/${asked.job_id}`].toSorted());
  });

  it('says of a dry run that it is one, line by line', async () => {
    await restart(cleanupPolicy(`${STALE.replace('kill }', 'kill, dryRun: true }')}\n  - { name: live, cluster: analytics, match: { name: "bad-*" }, action: kill }`, 'dryRun: false'));
    stage.addRunning('nb-old', 9);
    expect(buttonsOf(await preview())).toMatchObject([{ text: { text: 'Play these 1' } }]);
    stage.addRunning('bad-one', 1);
    const note = await preview();
    expect(note.text).toMatch(/`stale-notebooks`: .*, dry run$/m);
    expect(note.text).toMatch(/`live`: .*running for 1 h$/m);
    expect(buttonsOf(note)).toMatchObject([{ text: { text: 'Kill these 2' } }]);
  });

  it.each([
    ['plain names', 'nb-%', 5_000],
    ['names of hundreds of letters', `nb-${'long-'.repeat(40)}%`, 60],
    ['names that are all escapes', `nb-${'<&>'.repeat(60)}%`, 60],
  ])('with many jobs of %s: all that the button holds is listed, the rest is counted, and the value is below 2,000 characters', async (_, name, jobs) => {
    for (let job = 0; job < Math.min(jobs, 250); job++) stage.addRunning(name.replace('%', String(job)), 9);
    const note = await preview();
    const [button] = buttonsOf(note);
    const listed = listOf(note);
    expect(listed.length).toBeGreaterThan(2);
    expect(button?.value?.length).toBeLessThanOrEqual(2_000);
    expect(button?.text.text).toBe(`Kill these ${listed.length}`);
    expect(note.text.split('\n')).toHaveLength(1 + listed.length);
    for (const id of listed) {
      const { job_id, job_name } = stage.simulator.job(id.split('/')[1] ?? '') ?? {};
      expect(note.text).toContain((job_name?.length ?? 0) < 100 ? job_id : '• `stale-notebooks`: `nb-');
    }
    expect(wordsOf(note)).toContain(`${Math.min(jobs, 250) - listed.length} more fit; run this again`);
  });

  it('has a button whatever the length of the cluster names', async () => {
    const long = 'c'.repeat(64);
    await restart(policyOf({ more: `ask: []\ncleanup:\n  - { name: stale, cluster: ${long}, match: { name: "nb-*" }, action: kill }` }).replace('analytics:', `${long}:`));
    for (let job = 0; job < 25; job++) stage.addRunning(`nb-${job}`, 9);
    const listed = listOf(await preview());
    expect(listed.length).toBeGreaterThan(5);
    expect(listed.length).toBeLessThan(20);
  });
});

describe('a click on the list', () => {
  it('starts exactly the jobs that are on it', async () => {
    const listed = [1, 2].map((number) => stage.addRunning(`nb-${number}`, 9));
    for (let job = 0; job < 8; job++) stage.addRunning(`etl-${job}`, 1);
    const note = await preview();
    stage.addRunning('nb-later', 9);
    expect(await click(note)).toEqual(['2 of 2 started']);
    expect(stage.simulator.killed().toSorted()).toEqual(listed.map(({ job_id }) => job_id).toSorted());
    expect(stage.logged('killing')).toMatchObject([{ requested_by: `cleanup rule stale-notebooks, by ${REQUESTER}` }, { requested_by: `cleanup rule stale-notebooks, by ${REQUESTER}` }]);
    expect(stage.simulator.slack.messages().map(({ text }) => text.split(':')[0])).toEqual(['Killed', 'Killed']);
  });

  it.each([['a stranger', STRANGER], ['an approver who may not kill', APPROVER]])('of %s is refused, and nothing was killed', async (_, user) => {
    stage.addRunning('nb-old', 9);
    expect(await click(await preview(), user)).toEqual(['Refused: mayKill. you are not in slack.mayKill of policy.yml; nothing was killed.']);
    expect(stage.names()).toEqual([]);
    expectNoKill(stage);
  });

  it('with a list that was tampered with starts nothing that no rule fits', async () => {
    const other = stage.addRunning('etl', 9);
    const protectedJob = stage.addRunning('billing-1', 9);
    const shown = stage.addRunning('nb-old', 9);
    const value = JSON.stringify({ do: 'cleanup', jobs: [other, protectedJob].map(({ job_id }) => `analytics/${job_id}`) });
    expect(await stage.clickAndRead(await preview(), 'cleanup', REQUESTER, { value })).toEqual(['0 of 2 started; 2 over, or not fitting any more']);
    expect(stage.simulator.killed()).not.toContain(shown.job_id);
    expectNoKill(stage);
  });

  it('passes over what changed meanwhile, and says so', async () => {
    await restart(cleanupPolicy(BOTH, 'limits: { percentOfRunning: 100 }'));
    const [over, renamed, stays] = ['nb-over', 'nb-renamed', 'nb-stays'].map((name) => stage.addRunning(name, 9));
    const inDev = stage.addRunning('nb-dev', 9, { cluster_id: DEV_ID });
    if (!over || !renamed || !stays) throw new Error('no jobs');
    const note = await preview();
    expect(listOf(note)).toHaveLength(4);
    stage.simulator.endJob(over.job_id, 'SUCCEEDED');
    renamed.job_name = 'etl';
    stage.simulator.fault({ on: 'jobs', times: Infinity, when: ({ path }) => path.includes(DEV_ID), status: 403, body: { error_code: '0192', error_msg: 'no' } });
    expect(await click(note)).toEqual([expect.stringMatching(/^1 of 4 started; 2 over, or not fitting any more; cluster `dev` could not be read: /)]);
    expect(stage.simulator.killed()).toEqual([stays.job_id]);
    expect(stage.simulator.killed()).not.toContain(inDev.job_id);
  });

  it.each<[string, string, (stage: CleanupStage) => void]>([
    ['are PAUSED for', 'paused', ({ env }) => void (env['PAUSED'] = 'true')],
    ['became protected', 'protected', (on) => on.deploy(cleanupPolicy(STALE, 'protected: [{ name: "nb-*" }]'))],
  ])('on jobs that %s meanwhile kills none of them, and says so', async (_, by, happen) => {
    stage.addRunning('nb-old', 9);
    const note = await preview();
    happen(stage);
    expect(await click(note)).toEqual([`0 of 1 started; 1 spared (${by})`]);
    expect(stage.names()).toEqual([]);
    expectNoKill(stage);
  });

  it('on a job that a rule only shows by now kills nothing', async () => {
    stage.addRunning('nb-old', 9);
    const note = await preview();
    stage.deploy(cleanupPolicy(STALE.replace('action: kill', 'action: notify')));
    expect(await click(note)).toEqual(['0 of 1 started; 1 over, or not fitting any more']);
    expect(stage.names()).toEqual([]);
    expectNoKill(stage);
  });

  it.each([
    ['perDelivery', 'limits: { perDelivery: 2, percentOfRunning: 100 }', 'this delivery would start 3 kills and 2 are allowed'],
    ['percentOfRunning', 'limits: { percentOfRunning: 50 }', '3 of the 4 running jobs of analytics were chosen'],
  ])('is under the limits of cleanup: %s keeps all back, and nothing was killed', async (by, limits, reason) => {
    for (let job = 0; job < 3; job++) stage.addRunning(`nb-${job}`, 9);
    stage.addRunning('etl', 9);
    const note = await preview();
    stage.deploy(cleanupPolicy(STALE, limits));
    const [text] = await click(note);
    expect(text).toMatch(new RegExp(`^0 of 3 started; 3 kept back by ${by}: `));
    expect(text).toContain(reason);
    expectNoKill(stage);
  });

  it('never lists more than may start at once', async () => {
    await restart(cleanupPolicy(STALE, 'limits: { perDelivery: 2, percentOfRunning: 100 }'));
    for (let job = 0; job < 3; job++) stage.addRunning(`nb-${job}`, 9);
    const note = await preview();
    expect(listOf(note)).toHaveLength(2);
    expect(JSON.stringify(note)).toContain('1 more fit');
    expect(await click(note)).toEqual(['2 of 2 started']);
  });

  it('needs the approver where the rule asks', async () => {
    await restart(cleanupPolicy('  - { name: asks, cluster: analytics, match: { name: "nb-*" }, action: ask }'));
    const job = stage.addRunning('nb-old', 9);
    await click(await preview());
    expectNoKill(stage);
    const card = stage.card();
    await stage.clickAndRead(card, 'kill', APPROVER);
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });

  it('on a dry run plays it, and nothing was killed', async () => {
    await restart(cleanupPolicy(STALE, 'dryRun: true'));
    stage.addRunning('nb-old', 9);
    expect(await click(await preview())).toEqual(['1 of 1 started']);
    expect(stage.card().text).toMatch(/^Would be killed \(dry run\): /);
    expectNoKill(stage);
  });

  it('twice, or after the run of this hour, finds them handled already', async () => {
    stage.addRunning('nb-a', 9, { logCopyMs: HOUR_MS, ignoresKill: true });
    stage.addRunning('etl', 9);
    const note = await preview();
    const release = stage.hold();
    expect((await stage.run({ scheduledTime: '2026-11-22T12:00:00Z' })).rules).toMatchObject([{ started: 1 }]);
    stage.clock.advanceTo(NOON + 5 * MINUTE_MS);
    release();
    await stage.click(note, 'cleanup', REQUESTER);
    await stage.click(note, 'cleanup', REQUESTER);
    await stage.idle();
    const texts = stage.simulator.slack.responses().map(({ body }) => body['text']).slice(1);
    expect(texts).toEqual(['0 of 1 started; 1 handled already', '0 of 1 started; 1 handled already']);
    expect(stage.names()).toHaveLength(1);
  });

  it('takes the place of the run of this hour', async () => {
    stage.addRunning('nb-a', 9, { ignoresKill: true });
    stage.addRunning('etl', 9);
    const note = await preview();
    await stage.click(note, 'cleanup', REQUESTER);
    const executions = stage.backend.list({}).length;
    await stage.idle();
    expect(stage.names()).toHaveLength(1);
    expect(executions).toBeLessThanOrEqual(1);
    expect(stage.clock.now()).toBeLessThan(NOON + HOUR_MS);
    stage.clock.advanceTo(NOON + 58 * MINUTE_MS);
    expect((await stage.run({ scheduledTime: '2026-11-22T12:59:00Z' })).rules).toMatchObject([{ matched: 1, started: 0, repeated: 1 }]);
  });
});
