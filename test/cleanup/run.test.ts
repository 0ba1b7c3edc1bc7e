import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { SlackMessage } from '../simulator/simulator.ts';
import { buttonsOf } from '../simulator/slack-client.ts';
import { APPROVER, CHANNEL, expectNoKill, policyOf, REQUESTER, saidBy, wordsOf } from '../stage/slack.ts';
import { type CleanupStage, cleanupPolicy, DEV_ID, HOUR_MS, MINUTE_MS, NOON, startCleanupStage, STALE } from '../stage/cleanup.ts';

let stage: CleanupStage;
beforeEach(async () => {
  stage = await startCleanupStage();
});
afterEach(() => stage.close());

async function restart(...args: Parameters<typeof startCleanupStage>): Promise<void> {
  await stage.close();
  stage = await startCleanupStage(...args);
}

describe('a run', () => {
  it('kills what a rule fits, and nothing else', async () => {
    const stale = stage.addRunning('nb-old', 9);
    stage.addRunning('nb-new', 1);
    stage.addRunning('etl-old', 9);
    stage.addRunning('nb-other-cluster', 9, { cluster_id: DEV_ID });
    stage.addRunning('nb-over', 9, { job_state: 'FINISHED' });
    const { rules, unreadable } = await stage.run();
    expect([rules, unreadable]).toEqual([[{ rule: 'stale-notebooks', action: 'kill', dryRun: false, matched: 1, started: 1, asked: 0, warned: 0, repeated: 0, spared: [], failed: 0 }], []]);
    await stage.idle();
    expect(stage.simulator.killed()).toEqual([stale.job_id]);
    expect(stage.outcomes()).toEqual(['killed']);
  });

  it('names the rule as who asks and why in the record', async () => {
    stage.addRunning('nb-old', 9);
    await stage.run();
    await stage.idle();
    expect(stage.logged('killing')).toMatchObject([{ trigger: 'cleanup', requested_by: 'cleanup rule stale-notebooks', policy_rule: 'stale-notebooks', reason: 'stale-notebooks' }]);
  });

  it('lists only what is not over, and never walks the history', async () => {
    for (let job = 0; job < 30; job++) stage.addRunning(`nb-${job}`, 9, { job_state: 'FINISHED' });
    await stage.run();
    const lists = stage.simulator.requests.filter(({ path }) => path.endsWith('/job-executions'));
    expect(lists.map(({ query }) => query['job_result'])).toEqual(['UNDEFINED']);
  });

  it('asks an approver where its rule says so: a card in the channel, killed after the click', async () => {
    await restart(cleanupPolicy('  - { name: ask-first, cluster: dev, match: { queue: adhoc }, action: ask }'));
    const job = stage.addRunning('nb-old', 9, { cluster_id: DEV_ID, queue: 'adhoc' });
    expect((await stage.run()).rules).toMatchObject([{ started: 1, asked: 1 }]);
    await stage.idle();
    expectNoKill(stage);
    expect(stage.report().text).toBe('*Cleanup*\n• `ask-first`: 1 matched, 1 asked about');
    const card = stage.simulator.slack.messages().at(-1);
    if (card === undefined) throw new Error('no card');
    expect([card.channel, buttonsOf(card).length]).toEqual([CHANNEL, 2]);
    expect(wordsOf(card)).toContain('An approver has to approve it');
    await stage.clickAndRead(card, 'kill', REQUESTER);
    expectNoKill(stage);
    await stage.clickAndRead(card, 'kill', APPROVER);
    expect(stage.simulator.killed()).toEqual([job.job_id]);
    expect(stage.simulator.slack.messages().at(-1)?.text).toMatch(/^Killed: `nb-old/);
  });

  it('says of a job that ask: wants a person for that it was asked about, not that it is being killed', async () => {
    stage.addRunning('nb-flink', 9, { job_type: 'Flink' });
    stage.addRunning('nb-spark', 9);
    for (let other = 0; other < 4; other++) stage.addRunning(`etl-${other}`, 1);
    expect((await stage.run()).rules).toMatchObject([{ matched: 2, started: 2, asked: 1 }]);
    expect(stage.report().text).toBe('*Cleanup*\n• `stale-notebooks`: 2 matched, 1 being killed, 1 asked about');
  });

  it('shows a job with a button where its rule only notifies, and nothing was killed', async () => {
    await restart(cleanupPolicy('  - { name: look-at, cluster: analytics, match: { name: "nb-*" }, action: notify }'));
    const job = stage.addRunning('nb-old', 9);
    stage.clock.stopAt(NOON + MINUTE_MS);
    await stage.run();
    await stage.idle();
    expect(stage.report().text).toBe('*Cleanup*\n• `look-at`: 1 matched, 1 shown');
    const card = (): SlackMessage => stage.simulator.slack.messages().at(-1) as SlackMessage;
    expect(buttonsOf(card())).toMatchObject([{ action_id: 'start' }]);
    stage.simulator.endJob(job.job_id, 'SUCCEEDED');
    stage.clock.stopAt(NOON + 2 * MINUTE_MS);
    await stage.idle();
    expect(buttonsOf(card())).toEqual([]);
    expect(stage.outcomes()).toEqual(['notified']);
    expectNoKill(stage);
  });

  it('that finds nothing is silent in the channel, and has its line in the log', async () => {
    stage.addRunning('nb-new', 1);
    expect(await stage.run()).toEqual({ rules: [], unreadable: [] });
    expect(stage.posts()).toEqual([]);
    expect(stage.logged('cleanup')).toMatchObject([{ level: 'info', rules: [], unreadable: [] }]);
    expectNoKill(stage);
  });

  it('without rules asks nobody anything', async () => {
    await restart(cleanupPolicy('  []'));
    expect(await stage.run()).toEqual({ rules: [], unreadable: [] });
    expect(stage.simulator.requests).toEqual([]);
  });

  it('spares what is protected and what MRS cannot stop, with the reason', async () => {
    await restart(cleanupPolicy(STALE, 'protected: [{ user: svc-payroll }]'));
    stage.addRunning('nb-pay', 9, { user: 'svc-payroll' });
    stage.addRunning('nb-sql', 9, { job_type: 'SparkSql' });
    const spared = [{ job: 'nb-sql', by: 'SparkSql' }, { job: 'nb-pay', by: 'protected' }];
    expect((await stage.run()).rules).toMatchObject([{ matched: 2, started: 0, spared: expect.arrayContaining(spared) }]);
    expect(stage.report().text).toMatch(/^\*Cleanup\*\n• `stale-notebooks`: 2 matched, 0 being killed, 2 left alone\n {3}left alone: .*`nb-pay` \(protected\)/);
    expect(stage.names()).toEqual([]);
    expectNoKill(stage);
  });

  it('while PAUSED spares everything and says so, and nothing was killed', async () => {
    stage.env['PAUSED'] = 'true';
    stage.addRunning('nb-old', 9);
    expect((await stage.run()).rules).toMatchObject([{ matched: 1, started: 0, spared: [{ job: 'nb-old', by: 'paused' }] }]);
    expect(stage.report().text).toContain('`nb-old` (paused)');
    expect(stage.names()).toEqual([]);
    expectNoKill(stage);
  });

  it('whose jobs are PAUSED for after the start kills nothing either', async () => {
    stage.addRunning('nb-old', 9);
    const release = stage.hold();
    await stage.run();
    stage.env['PAUSED'] = 'true';
    release();
    await stage.idle();
    expect(stage.outcomes()).toEqual(['refused']);
    expectNoKill(stage);
  });
});

describe('clocks that differ', () => {
  const RULES = `${STALE}\n  - { name: by-name, cluster: analytics, match: { name: "bad-*" }, action: kill }`;

  it.each([[5 * MINUTE_MS + 1_000], [-5 * MINUTE_MS - 1_000], [24 * HOUR_MS]])('by %d ms spare what a rule with an age fits; other rules go on', async (skewMs) => {
    await restart(cleanupPolicy(RULES));
    stage.simulator.fault({ on: 'jobs', times: Infinity, headers: { date: new Date(NOON + skewMs).toUTCString() } });
    stage.addRunning('nb-old', 9);
    const bad = stage.addRunning('bad-one', 1);
    const { rules } = await stage.run();
    expect(rules).toMatchObject([
      { rule: 'stale-notebooks', started: 0, spared: [{ job: 'nb-old', by: 'clock' }] },
      { rule: 'by-name', started: 1, spared: [] },
    ]);
    await stage.idle();
    expect(stage.simulator.killed()).toEqual([bad.job_id]);
  });

  it.each([[5 * MINUTE_MS], [-5 * MINUTE_MS]])('by %d ms are near enough', async (skewMs) => {
    stage.simulator.fault({ on: 'jobs', times: Infinity, headers: { date: new Date(NOON + skewMs).toUTCString() } });
    stage.addRunning('nb-old', 9);
    expect((await stage.run()).rules).toMatchObject([{ started: 1 }]);
  });
});

describe('the report', () => {
  it('stands in the channel before anything is started, is updated with the counts, and the ends are replies to it', async () => {
    const job = stage.addRunning('nb-old', 9);
    await stage.run();
    await stage.idle();
    const order = stage.simulator.requests.map(({ method, path }) => `${method} ${path.split('/').at(-1)}`);
    expect(order.indexOf('POST chat.postMessage')).toBeLessThan(order.indexOf('POST kill'));
    const report = stage.report();
    expect(report.channel).toBe(CHANNEL);
    expect(saidBy(report)).toEqual(['*Cleanup begins*\n• `stale-notebooks`: 1 matched', '*Cleanup*\n• `stale-notebooks`: 1 matched, 1 being killed']);
    expect(stage.posts()).toEqual([
      { channel: CHANNEL, text: expect.stringMatching(/^\*Cleanup begins/), threadTs: undefined },
      { channel: CHANNEL, text: expect.stringMatching(/^Killing … `nb-old/), threadTs: report.ts },
    ]);
    expect(stage.simulator.slack.messages().at(-1)?.text).toMatch(new RegExp(`^Killed: \`nb-old \\(${job.job_id}`));
  });

  it('is the same in the return value, in the log and in the channel', async () => {
    const rules = `${STALE}
  - { name: look-at, cluster: dev, match: { name: "*" }, action: notify }`;
    await restart(cleanupPolicy(rules, 'protected: [{ user: svc-payroll }]'));
    for (const name of ['nb-a', 'nb-b']) stage.addRunning(name, 9);
    stage.addRunning('nb-pay', 9, { user: 'svc-payroll' });
    for (let other = 0; other < 3; other++) stage.addRunning(`etl-${other}`, 1);
    stage.addRunning('in-dev', 1, { cluster_id: DEV_ID });
    const report = await stage.run();
    const { time: _time, level, message, ...line } = stage.logged('cleanup')[0] ?? {};
    expect([level, message]).toEqual(['info', 'cleanup']);
    expect(line).toEqual(report);
    expect(report.rules).toMatchObject([{ matched: 3, started: 2 }, { matched: 1, started: 1 }]);
    expect(stage.report().text).toBe(
      ['*Cleanup*', '• `stale-notebooks`: 3 matched, 2 being killed, 1 left alone', '   left alone: `nb-pay` (protected)', '• `look-at`: 1 matched, 1 shown'].join('\n'),
    );
  });

  it('that cannot be posted stops nothing; it is tried again at the end, and the log has it', async () => {
    stage.simulator.fault({ on: 'slack', status: 503, body: { ok: false, error: 'service_unavailable' } });
    const job = stage.addRunning('nb-old', 9);
    expect((await stage.run()).rules).toMatchObject([{ started: 1 }]);
    await stage.idle();
    expect(stage.simulator.killed()).toEqual([job.job_id]);
    expect(stage.report().text).toBe('*Cleanup*\n• `stale-notebooks`: 1 matched, 1 being killed');
    expect(stage.logged('the cleanup report could not be posted')).toHaveLength(1);
  });

  it('needs no Slack: without a channel the log has it', async () => {
    await restart(policyOf({ slack: '{ team: T0123ABCD }', more: `ask: []\ncleanup:\n${STALE}` }));
    const job = stage.addRunning('nb-old', 9);
    await stage.run();
    await stage.idle();
    expect(stage.simulator.killed()).toEqual([job.job_id]);
    expect(stage.posts()).toEqual([]);
    expect(stage.logged('cleanup')).toHaveLength(1);
  });
});

describe('a cluster that cannot be read', () => {
  const BOTH = `${STALE}\n  - { name: dev-notebooks, cluster: dev, match: { name: "nb-*" }, olderThan: 6h, action: kill }`;

  it.each<[string, object]>([
    ['refuses us', { status: 403, body: { error_code: '0192', error_msg: 'The user is not synchronised.' } }],
    ['is down', { status: 503, body: 'down' }],
    ['ends its list half way', { status: 202, body: { total_record: '9', job_list: [] } }],
    ['answers with what is no list', { status: 200, body: '<html>' }],
  ])('%s: it is named, the others go on, and nothing of it was killed', async (_, fault) => {
    await restart(cleanupPolicy(BOTH));
    stage.simulator.fault({ on: 'jobs', times: Infinity, when: ({ path }) => path.includes(DEV_ID), ...fault });
    stage.addRunning('nb-dev', 9, { cluster_id: DEV_ID });
    const job = stage.addRunning('nb-old', 9);
    const { rules, unreadable } = await stage.run();
    expect(rules).toMatchObject([{ rule: 'stale-notebooks', started: 1 }]);
    expect(unreadable).toEqual([{ cluster: 'dev', reason: expect.stringMatching(/\w/) }]);
    await stage.idle();
    expect(stage.report().text).toMatch(/^\*Cleanup\*\n• cluster `dev` could not be read: .+\n• `stale-notebooks`: 1 matched, 1 being killed$/);
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });

  it('is named though nothing else is to be said', async () => {
    stage.simulator.fault({ on: 'jobs', times: Infinity, status: 403, body: { error_code: '0192', error_msg: 'no' } });
    expect((await stage.run()).unreadable).toMatchObject([{ cluster: 'analytics' }]);
    expect(stage.report().text).toMatch(/^\*Cleanup\*\n• cluster `analytics` could not be read: /);
    expectNoKill(stage);
  });

  it('is read half only and then fails: none of its jobs is touched', async () => {
    for (let job = 0; job < 150; job++) stage.addRunning(`nb-${job}`, 9);
    stage.simulator.fault({ on: 'jobs', times: Infinity, when: ({ query }) => query['offset'] === '2', status: 500, body: 'broken' });
    expect(await stage.run()).toMatchObject({ rules: [], unreadable: [{ cluster: 'analytics' }] });
    expect(stage.names()).toEqual([]);
    expectNoKill(stage);
  });
});
