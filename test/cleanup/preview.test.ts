import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { keptKey, noKey } from '../../lib/ledger/keys.ts';
import { readButtonValue } from '../../lib/slack/button.ts';
import { readBlocks } from '../simulator/slack-blocks.ts';
import { buttonsOf } from '../simulator/slack-client.ts';
import type { SimulatedJob, SlackMessage } from '../simulator/simulator.ts';
import { APPROVER, CHANNEL, expectNoKill, policyOf, REQUESTER, STRANGER, wordsOf } from '../stage/slack.ts';
import { type CleanupStage, cleanupPolicy, DEV_ID, HOUR_MS, NOON, startCleanupStage, STALE } from '../stage/cleanup.ts';

const BOTH = `${STALE}\n  - { name: dev-notebooks, cluster: dev, match: { name: "nb-*" }, action: kill }`;

const SECOND = 'U0SECOND1';
const ASKED_BEFORE = '0 of 1 started; 1 asked for by this list before (for a new list use `/mrs cleanup`)';

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
    expect(buttonsOf(note)).toMatchObject([{ action_id: 'cleanup', style: 'danger', text: { text: 'Kill this job' } }]);
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
    expect(note.text).toMatch(/^\*1 job would be killed by the cleanup rules, 1 would be asked about\*$/m);
    expect(note.text).toMatch(/`asks`: `ask-1 .*, an approver will be asked$/m);
    const words = wordsOf(note);
    expect(words).toMatch(/cluster `dev` could not be read/);
    expect(words).toMatch(/`stale-notebooks` leaves `nb-pay .*? alone: protected/);
    expect(words).toMatch(/`shows` only tells people of `show-1 /);
    expect(listOf(note).toSorted()).toEqual([`analytics/${old.job_id}`, `analytics/${asked.job_id}`].toSorted());
  });

  it('says of a dry run that it is one, line by line', async () => {
    // A run of the schedule is live, a person's request is played.
    await restart(cleanupPolicy(STALE, 'dryRun: [slack]'));
    stage.addRunning('nb-old', 9);
    expect((await preview()).text).toMatch(/`stale-notebooks`: .*, dry run$/m);
    await restart(cleanupPolicy(STALE, 'dryRun: [cleanup]'));
    stage.addRunning('nb-old', 9);
    expect((await preview()).text).not.toContain('dry run');
    await restart(cleanupPolicy(`${STALE.replace('kill }', 'kill, dryRun: true }')}\n  - { name: live, cluster: analytics, match: { name: "bad-*" }, action: kill }`, 'dryRun: false'));
    stage.addRunning('nb-old', 9);
    expect(buttonsOf(await preview())).toMatchObject([{ text: { text: 'Dry run: would kill this job' } }]);
    stage.addRunning('bad-one', 1);
    const note = await preview();
    expect(note.text).toMatch(/`stale-notebooks`: .*, dry run$/m);
    expect(note.text).toMatch(/`live`: .*running for 1 h$/m);
    expect(buttonsOf(note)).toMatchObject([{ text: { text: 'Kill these 2 jobs' } }]);
  });

  it('says where an approver is asked: of a person, the click is the confirmation', async () => {
    const rules = '  - { name: all, cluster: analytics, match: { queue: default }, action: kill }';
    await restart(cleanupPolicy(rules, 'ask: [{ match: { type: Flink }, who: approver }, { trigger: slack, match: { name: "free-*" }, who: none }]'));
    for (const [name, type] of [['stream', 'Flink'], ['free-1', 'SparkSubmit'], ['etl', 'SparkSubmit']] as const) stage.addRunning(name, 1, { job_type: type, queue: 'default' });
    const { text } = await preview();
    expect(text).toMatch(/`stream .*, an approver will be asked$/m);
    expect(text.match(/an approver will be asked/g)).toHaveLength(1);
  });

  it('says of jobs that somebody said no to, or keeps, until when and by whom; the button does not mean them', async () => {
    const [no, kept, old] = ['nb-no', 'nb-kept', 'nb-old'].map((name) => stage.addRunning(name, 9));
    if (!no || !kept || !old) throw new Error('no jobs');
    const until = NOON + 26 * HOUR_MS;
    const rule = { name: 'stale-notebooks' };
    const seen = { cluster: 'analytics', job_id: kept.job_id, job_name: 'nb-kept', job_type: '', user: '', queue: '', app_id: '', launcher_id: '' };
    await stage.ledger.claim(noKey(rule, no.job_id, false), { owner: 'x', start: 1, until, value: { at: NOON, what: 'declined', by: APPROVER } }, { now: NOON });
    // Of a dry run: it holds back nothing live.
    await stage.ledger.claim(noKey(rule, old.job_id, true), { owner: 'x', start: 1, until, value: { at: NOON, what: 'declined', by: APPROVER } }, { now: NOON });
    await stage.ledger.put([{ key: keptKey(kept.job_id, { name: 'other' }, 'warn', 1), value: { at: NOON, until: NOON + HOUR_MS, usedMs: HOUR_MS, by: REQUESTER, rule: 'other', job: seen }, until: NOON + HOUR_MS }]);
    const note = await preview();
    expect(listOf(note)).toEqual([`analytics/${old.job_id}`]);
    const words = wordsOf(note);
    expect(words).toMatch(new RegExp(`leaves .nb-no \\(${no.job_id}\\). in .analytics. alone: declined by <@${APPROVER}>, until <!date.*2026-11-23 14:00 UTC>`));
    expect(words).toMatch(new RegExp(`leaves .nb-kept \\(${kept.job_id}\\). in .analytics. alone: kept by <@${REQUESTER}>, until <!date.*2026-11-22 13:00 UTC>`));
    const value = JSON.stringify({ do: 'cleanup', jobs: [no, kept].map(({ job_id }) => `analytics/${job_id}`) });
    const [text] = await stage.clickAndRead(note, 'cleanup', REQUESTER, { value });
    expect(text).toMatch(/^0 of 2 started; 2 left alone \(declined by .*kept by /);
    expect(stage.names()).toEqual([]);
    expectNoKill(stage);
  });

  it('says what percentOfRunning would say', async () => {
    for (let job = 0; job < 3; job++) stage.addRunning(`nb-${job}`, 9);
    stage.addRunning('etl', 9);
    const words = wordsOf(await preview());
    expect(words).toContain('*percentOfRunning*: 3 of the 4 running jobs of analytics were chosen and 50 percent (2) are allowed');
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
    expect(button?.text.text).toBe(`Kill these ${listed.length} jobs`);
    expect(note.text.split('\n')).toHaveLength(1 + listed.length);
    for (const id of listed) {
      const { job_id, job_name } = stage.simulator.job(id.split('/')[1] ?? '') ?? {};
      expect(note.text).toContain((job_name?.length ?? 0) < 100 ? job_id : '• `stale-notebooks`: `nb-');
    }
    expect(wordsOf(note)).toContain(`${Math.min(jobs, 250) - listed.length} more fit; use \`/mrs cleanup\` again`);
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
    const byPerson = { trigger: 'slack', requested_by: REQUESTER, answered_by: REQUESTER, reason: 'cleanup rule stale-notebooks', policy_rule: 'stale-notebooks' };
    expect(stage.logged('killing')).toMatchObject([byPerson, byPerson]);
    expect(stage.simulator.slack.messages().map(({ text }) => text.split(':')[0])).toEqual(['Killed', 'Killed']);
  });

  it.each([['a stranger', STRANGER], ['an approver who may not kill', APPROVER]])('of %s is refused, and nothing was killed', async (_, user) => {
    stage.addRunning('nb-old', 9);
    expect(await click(await preview(), user)).toEqual(['Refused: mayKill. You are not in slack.mayKill of policy.yml; ask somebody who is; nothing was killed.']);
    expect(stage.names()).toEqual([]);
    expectNoKill(stage);
  });

  it('with a list that was tampered with starts nothing that no rule fits', async () => {
    const other = stage.addRunning('etl', 9);
    const protectedJob = stage.addRunning('billing-1', 9);
    const shown = stage.addRunning('nb-old', 9);
    const value = JSON.stringify({ do: 'cleanup', jobs: [other, protectedJob].map(({ job_id }) => `analytics/${job_id}`) });
    expect(await stage.clickAndRead(await preview(), 'cleanup', REQUESTER, { value })).toEqual(['0 of 2 started; 2 over, or not fitting the rule any more']);
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
    expect(await click(note)).toEqual([expect.stringMatching(/^1 of 4 started; 2 over, or not fitting the rule any more; cluster `dev` could not be read: /)]);
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
    expect(await click(note)).toEqual([`0 of 1 started; 1 left alone (${by})`]);
    expect(stage.names()).toEqual([]);
    expectNoKill(stage);
  });

  it('on a job that a rule only shows by now kills nothing', async () => {
    stage.addRunning('nb-old', 9);
    const note = await preview();
    stage.deploy(cleanupPolicy(STALE.replace('action: kill', 'action: notify')));
    expect(await click(note)).toEqual(['0 of 1 started; 1 over, or not fitting the rule any more']);
    expect(stage.names()).toEqual([]);
    expectNoKill(stage);
  });

  it('is under percentOfRunning, which keeps all back, and nothing was killed', async () => {
    for (let job = 0; job < 3; job++) stage.addRunning(`nb-${job}`, 9);
    stage.addRunning('etl', 9);
    const [text] = await click(await preview());
    expect(text).toMatch(/^0 of 3 started; 3 refused by percentOfRunning: 3 of the 4 running jobs of analytics were chosen/);
    expect(stage.logged('kill request ended')).toMatchObject([{ trigger: 'slack', requested_by: REQUESTER, outcome: 'refused', rule: 'percentOfRunning' }]);
    expect(stage.names()).toEqual([]);
    expectNoKill(stage);
  });

  it('is not under perDelivery and perHour: it is a person who asks', async () => {
    await restart(cleanupPolicy(STALE, 'limits: { perDelivery: 2, perHour: 1, percentOfRunning: 100 }'));
    for (let job = 0; job < 3; job++) stage.addRunning(`nb-${job}`, 9);
    const note = await preview();
    expect(listOf(note)).toHaveLength(3);
    expect(await click(note)).toEqual(['3 of 3 started']);
    expect(stage.simulator.killed()).toHaveLength(3);
  });

  it('goes by what dryRun and ask say of slack, and the click is the confirmation that ask: requester wants', async () => {
    await restart(cleanupPolicy(STALE, 'ask: [{ trigger: slack, who: requester }]\nlimits: { percentOfRunning: 100 }'));
    const job = stage.addRunning('nb-old', 9);
    expect(await click(await preview())).toEqual(['1 of 1 started']);
    expect(stage.simulator.slack.messages().map(({ text }) => text.split(':')[0])).toEqual(['Killed']);
    expect(stage.simulator.killed()).toEqual([job.job_id]);

    await restart(cleanupPolicy(STALE, 'dryRun: [slack]'));
    stage.addRunning('nb-old', 9);
    expect(await click(await preview())).toEqual(['1 of 1 started']);
    expect(stage.ephemeral().text).toMatch(/^Would be killed \(dry run\): /);
    expectNoKill(stage);
  });

  it('asks an approver per job where ask: wants one of a person, who is never the person who clicked; nothing was killed before', async () => {
    await restart(cleanupPolicy(STALE, 'ask: [{ trigger: slack, who: approver }]\nlimits: { percentOfRunning: 100 }'));
    const jobs = ['nb-1', 'nb-2'].map((name) => stage.addRunning(name, 9));
    stage.deploy(cleanupPolicy(STALE, 'ask: [{ trigger: slack, who: approver }]\nlimits: { percentOfRunning: 100 }').replace(`mayApprove: [${APPROVER}]`, `mayApprove: [${APPROVER}, ${REQUESTER}]`));
    await click(await preview());
    const cards = stage.simulator.slack.messages();
    expect(cards.map(({ text }) => text.split(':')[0])).toEqual(['Kill this job? An approver has to approve it', 'Kill this job? An approver has to approve it']);
    for (const card of cards) {
      expect(wordsOf(card)).toContain(`may be approved by <@${APPROVER}>`);
      expect(await stage.clickAndRead(card, 'kill', REQUESTER)).toEqual([expect.stringMatching(/^Refused: mayApprove\. You asked for this yourself/)]);
    }
    expectNoKill(stage);
    for (const card of cards) await stage.clickAndRead(card, 'kill', APPROVER);
    expect(stage.simulator.killed().toSorted()).toEqual(jobs.map(({ job_id }) => job_id).toSorted());
  });

  it('takes the place of its list, unless there is something left to click for', async () => {
    stage.addRunning('nb-old', 9);
    const note = await preview();
    stage.lambda.script = ({ on, executionName }) => (on === 'start' && executionName.startsWith('slack-') ? { status: 500, type: 'ServiceException' } : undefined);
    expect(await click(note)).toEqual(['0 of 1 started; 1 could not be started; click again']);
    stage.lambda.script = () => undefined;
    expect(await click(note)).toEqual(['1 of 1 started']);
    expect(stage.simulator.slack.responses().slice(1).map(({ body }) => body['replace_original'])).toEqual([false, true]);
  });

  it('starts nothing while the ledger does not say who said no, and nothing was killed', async () => {
    stage.addRunning('nb-old', 9);
    const note = await preview();
    stage.ledger.script = ({ by, on }) => (by === 'slack' && on === 'list' ? 'fails' : undefined);
    expect(await click(note)).toEqual([expect.stringMatching(/Nothing was started\.$/)]);
    expect(stage.names()).toEqual([]);
    expectNoKill(stage);
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
    expect(stage.ephemeral().text).toMatch(/^Would be killed \(dry run\): /);
    expectNoKill(stage);
  });

  it('twice at once is one request for each job', async () => {
    stage.addRunning('nb-a', 9, { ignoresKill: true });
    stage.addRunning('etl', 9);
    const note = await preview();
    const release = stage.hold();
    const clicks = [stage.click(note, 'cleanup', REQUESTER), stage.click(note, 'cleanup', REQUESTER)];
    release();
    await Promise.all(clicks);
    await stage.idle();
    const texts = stage.simulator.slack.responses().map(({ body }) => body['text']).slice(1);
    expect(new Set(texts)).toEqual(new Set([ASKED_BEFORE, '1 of 1 started']));
    expect(stage.names()).toHaveLength(1);
    expect(stage.simulator.kills()).toHaveLength(1);
  });

  /** A list whose click asks an approver, who says no; gives the list and its job. */
  async function declined(): Promise<{ note: SlackMessage; job: SimulatedJob }> {
    const rights = `ask: [{ trigger: slack, who: approver }]\nlimits: { percentOfRunning: 100 }`;
    await restart(cleanupPolicy(STALE, rights).replace(`mayKill: [${REQUESTER}]`, `mayKill: [${REQUESTER}, ${SECOND}]`));
    const job = stage.addRunning('nb-old', 9);
    const note = await preview();
    expect(await click(note)).toEqual(['1 of 1 started']);
    await stage.clickAndRead(stage.card(), 'decline', APPROVER);
    expect(stage.card().text).toMatch(/^Declined: /);
    return { note, job };
  }

  it('once more, after it ended, asks nobody again and says how to; nothing was killed', async () => {
    const { note } = await declined();
    expect(await click(note)).toEqual([ASKED_BEFORE]);
    expect(stage.names()).toHaveLength(1);
    expectNoKill(stage);
  });

  it.each([['of the same person', REQUESTER], ['of another person', SECOND]])('on a new list %s within the hour is a new request', async (_, user) => {
    const { job } = await declined();
    expect(await click(await preview(user), user)).toEqual(['1 of 1 started']);
    expect(stage.simulator.slack.messages()).toHaveLength(2);
    expectNoKill(stage);
    const asked = stage.simulator.slack.messages().at(-1);
    await stage.clickAndRead(asked as SlackMessage, 'kill', APPROVER);
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });

  it('by another person on the same list is a request of that person; nothing was killed', async () => {
    const { note } = await declined();
    expect(await click(note, SECOND)).toEqual(['1 of 1 started']);
    expect(wordsOf(stage.simulator.slack.messages().at(-1) as SlackMessage)).toContain(`asked for by <@${SECOND}>`);
    expectNoKill(stage);
  });

  it('that an older version posted, without a name of its own, still works, and is one request an hour', async () => {
    const job = stage.addRunning('nb-old', 9, { ignoresKill: true });
    stage.addRunning('etl', 9);
    const note = await preview();
    const value = JSON.stringify({ do: 'cleanup', jobs: [`analytics/${job.job_id}`] });
    const release = stage.hold();
    const clicks = [1, 2].map(() => stage.click(note, 'cleanup', REQUESTER, { value }));
    release();
    await Promise.all(clicks);
    await stage.idle();
    expect(stage.names()).toHaveLength(1);
    expect(stage.simulator.kills()).toHaveLength(1);
  });
});
