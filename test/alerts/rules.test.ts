import { afterEach, describe, expect, it } from '@jest/globals';
import { ANALYTICS_ID } from '../simulator/client.ts';
import { type AlertStage, DEV_ID, nothingHappened, policyOf, startAlertStage } from '../stage/alerts.ts';

let stage: AlertStage;
afterEach(() => stage.close());

const KILL_ALL = '  - { match: { alertname: "*" }, action: kill }';

describe('an alert that is refused or ignored starts nothing, and nothing was killed', () => {
  const rules = `
  - { source: alertmanager, match: { alertname: "*" }, action: kill }
  - { match: { alertname: "Mrs*", severity: crit? }, action: kill }
  - { match: { alertname: Named }, job: victim, action: kill }
`;
  const POLICY = policyOf(rules);
  const severity = 'crit1';

  it.each<[string, Record<string, string>]>([
    ['no rule fits', { alertname: 'Other', severity }],
    ['a rule fits but for the letter case', { alertname: 'mrsJobStuck', severity }],
    ['a rule fits but for the length', { alertname: 'MrsJobStuck', severity: 'critical' }],
    ['a rule fits but for a label that is missing', { alertname: 'MrsJobStuck' }],
    ['a rule fits but for an empty label', { alertname: 'MrsJobStuck', severity: '' }],
    ['the rule that fits is for another source', { alertname: 'AnyOther' }],
  ])('%s: refused, rule alerts', async (_, labels) => {
    stage = await startAlertStage(POLICY);
    const { job_id } = stage.simulator.addJob({ queue: 'adhoc' });
    const result = await stage.alert({ id: 'alert-7', labels: { ...labels, job_id } });
    expect(result).toEqual({ alert: 'alert-7', outcome: 'refused', rule: 'alerts', reason: expect.stringMatching(/^alerts: /) });
    nothingHappened(stage);
  });

  it('there are no rules: refused, rule alerts', async () => {
    stage = await startAlertStage(policyOf('  []'));
    expect(await stage.alert({ labels: { job_name: 'nightly-etl' } })).toMatchObject({ outcome: 'refused', rule: 'alerts' });
    nothingHappened(stage);
  });

  it.each<[string, Record<string, string>]>([
    ['it names no job', { alertname: 'MrsJobStuck', severity }],
    ['it names the scrape job only', { alertname: 'MrsJobStuck', severity, job: 'nightly-etl' }],
    ['its job_id is no id', { alertname: 'MrsJobStuck', severity, job_id: '12345' }],
    ['it speaks of two YARN ids', { alertname: 'MrsJobStuck', severity, message: 'application_1_1 starves application_1_2' }],
    ['the label that the rule names is missing', { alertname: 'Named', job_id: '431b135e-c090-489f-b1db-0abe3822b855' }],
  ])('%s: refused, rule target', async (_, labels) => {
    stage = await startAlertStage(POLICY);
    stage.simulator.addJob({ job_name: 'nightly-etl', job_id: '431b135e-c090-489f-b1db-0abe3822b855', app_id: 'application_1_1' });
    expect(await stage.alert({ id: 'alert-7', labels })).toEqual({ alert: 'alert-7', outcome: 'refused', rule: 'target', policy_rule: expect.stringMatching(/^alerts\.[12]$/), reason: expect.stringMatching(/^target: /) });
    nothingHappened(stage);
  });

  it.each(['prod', 'ANALYTICS', 'analytics ,dev', '__proto__', 'constructor', '*', `${ANALYTICS_ID}x`, 'x'.repeat(100_000)])('its cluster is not listed: refused, rule clusters (%.20s)', async (cluster) => {
    stage = await startAlertStage(policyOf(KILL_ALL));
    const { job_id } = stage.simulator.addJob();
    const result = await stage.alert({ id: 'alert-7', labels: { job_id, cluster } });
    const shown = cluster.length > 200 ? `${cluster.slice(0, 200)}…` : cluster;
    expect(result).toEqual({ alert: 'alert-7', outcome: 'refused', rule: 'clusters', policy_rule: 'alerts.0', reason: expect.stringMatching(/^clusters: .*not listed/), target: { cluster: shown, job: job_id } });
    nothingHappened(stage);
  });

  it.each<[string, Record<string, string>]>([
    ['a rule fits', { alertname: 'MrsJobStuck', severity }],
    ['no rule fits', { alertname: 'Other' }],
  ])('it is resolved: ignored, where %s', async (_, labels) => {
    stage = await startAlertStage(POLICY);
    const { job_id } = stage.simulator.addJob();
    expect(await stage.alert({ id: 'alert-7', status: 'resolved', labels: { ...labels, job_id } })).toEqual({ alert: 'alert-7', outcome: 'ignored', reason: 'resolved' });
    nothingHappened(stage);
  });
});

describe('the first rule that fits decides', () => {
  it('a stricter one above a kill keeps the job alive', async () => {
    const rules = `
  - { match: { alertname: "Mrs*", team: billing }, action: kill, dryRun: true }
  - { match: { alertname: "Mrs*" }, action: kill }
`;
    stage = await startAlertStage(policyOf(rules));
    const billing = stage.simulator.addJob();
    const other = stage.simulator.addJob();
    await stage.alert({ labels: { team: 'billing', job_id: billing.job_id } });
    await stage.alert({ labels: { job_id: other.job_id } });
    expect(await stage.outcomes()).toEqual(['would-kill', 'killed']);
    expect(stage.simulator.killed()).toEqual([other.job_id]);
    expect(stage.simulator.kills()).toHaveLength(1);
  });

  it('a stricter one below a kill does not: it is never asked', async () => {
    const rules = `
  - { source: generic, match: { alertname: "Mrs*" }, action: kill }
  - { match: { alertname: MrsJobStuck }, action: kill, dryRun: true }
`;
    stage = await startAlertStage(policyOf(rules));
    await stage.alert({ labels: { job_id: stage.simulator.addJob().job_id } });
    expect(await stage.outcomes()).toEqual(['killed']);
  });

  it('and its globs are read in labels first, then in annotations', async () => {
    stage = await startAlertStage(policyOf('  - { match: { alertname: "*", severity: crit }, action: kill }'));
    const [inLabel, inAnnotation, hidden] = [1, 2, 3].map(() => stage.simulator.addJob().job_id);
    const outcomes = [
      await stage.alert({ labels: { severity: 'crit', job_id: inLabel ?? '' }, annotations: { severity: 'info' } }),
      await stage.alert({ labels: { job_id: inAnnotation ?? '' }, annotations: { severity: 'crit' } }),
      await stage.alert({ labels: { severity: 'info', job_id: hidden ?? '' }, annotations: { severity: 'crit' } }),
    ].map(({ outcome }) => outcome);
    expect(outcomes).toEqual(['accepted', 'accepted', 'refused']);
    await stage.outcomes();
    expect(stage.simulator.killed()).toEqual([inLabel, inAnnotation]);
  });

  it.each([
    ['yarn-memory-*', 'yarn-memory-', true],
    ['yarn-memory-*', 'yarn-memory-a/b.c', true],
    ['yarn-memory-*', 'x-yarn-memory-1', false],
    ['*', '.hidden/path', true],
    ['crit?', 'crit', false],
    ['a.c', 'abc', false],
    ['[ab]', 'a', false],
    ['!x', 'y', false],
    ['{a,b}', 'a', false],
    ['*a*a*a*a*a*a*a*a*a*a*b', 'a'.repeat(20_000), false],
    ['?', '🙂', true],
  ])('a glob %s on %.20s: %s', async (glob, value, fits) => {
    stage = await startAlertStage(policyOf(`  - { match: { tag: ${JSON.stringify(glob)} }, action: kill }`));
    expect((await stage.alert({ labels: { tag: value, job_name: 'nightly-etl' } })).outcome).toBe(fits ? 'accepted' : 'refused');
    await stage.outcomes();
    expect(stage.simulator.killed()).toEqual([]);
  });

  it('and a rule about a label named like a part of every object fits only alerts that have it', async () => {
    stage = await startAlertStage(policyOf('  - { match: { constructor: "*", toString: "*" }, action: kill }'));
    const { job_id } = stage.simulator.addJob();
    expect((await stage.alert({ labels: { job_id } })).outcome).toBe('refused');
    nothingHappened(stage);
    expect((await stage.alert({ labels: { job_id, constructor: 'x', toString: 'y' } })).outcome).toBe('accepted');
    expect(await stage.outcomes()).toEqual(['killed']);
  });
});

describe('a rule', () => {
  it('may name the cluster: a job of that name in another one is left alone', async () => {
    stage = await startAlertStage(policyOf('  - { match: { alertname: "*" }, cluster: dev, action: kill }'));
    stage.simulator.addJob({ job_name: 'nightly-etl' });
    const inDev = stage.simulator.addJob({ job_name: 'nightly-etl', cluster_id: DEV_ID });
    expect(await stage.alert({ labels: { job_name: 'nightly-etl', cluster: 'prod-k8s' } })).toMatchObject({ outcome: 'accepted', target: { cluster: 'dev', job: 'nightly-etl' } });
    expect(await stage.outcomes()).toEqual(['killed']);
    expect(stage.simulator.killed()).toEqual([inDev.job_id]);
  });

  it('may name the label of the job', async () => {
    stage = await startAlertStage(policyOf('  - { match: { alertname: "*" }, job: victim, action: kill }'));
    const victim = stage.simulator.addJob({ job_name: 'nightly-etl' });
    const other = stage.simulator.addJob();
    expect((await stage.alert({ labels: { victim: 'nightly-etl', job_id: other.job_id } })).target).toEqual({ job: 'nightly-etl' });
    expect(await stage.outcomes()).toEqual(['killed']);
    expect(stage.simulator.killed()).toEqual([victim.job_id]);
  });

  it('may want a dry run for itself, and nothing was killed', async () => {
    stage = await startAlertStage(policyOf('  - { match: { alertname: "*" }, action: kill, dryRun: true }'));
    const { job_id } = stage.simulator.addJob();
    expect((await stage.alert({ labels: { job_id } })).outcome).toBe('accepted');
    expect(await stage.outcomes()).toEqual(['would-kill']);
    expect(stage.backend.list({})[0]?.name).toMatch(/^alerts-dry-/);
    expect(stage.simulator.kills()).toEqual([]);
    expect(stage.simulator.killed()).toEqual([]);
  });

  it.each([
    ['dryRun: true', 'would-kill'],
    ['dryRun: [alerts, cleanup]', 'would-kill'],
    ['dryRun: [slack, api]', 'killed'],
  ])('that says dryRun: false makes nothing less strict: with %s of the policy the end is %s', async (dryRun, outcome) => {
    stage = await startAlertStage(policyOf('  - { match: { alertname: "*" }, action: kill, dryRun: false }', dryRun));
    const { job_id } = stage.simulator.addJob();
    await stage.alert({ labels: { job_id } });
    expect(await stage.outcomes()).toEqual([outcome]);
    expect(stage.simulator.killed()).toEqual(outcome === 'killed' ? [job_id] : []);
  });

  it('that asks has an approver asked, and without an answer nothing was killed', async () => {
    const slack = 'dryRun: false\nslack: { channel: C0123456789, mayApprove: [U045EF6GH] }';
    stage = await startAlertStage(policyOf('  - { match: { alertname: "*" }, action: ask }', slack));
    const { job_id } = stage.simulator.addJob();
    expect((await stage.alert({ labels: { job_id } })).outcome).toBe('accepted');
    await stage.backend.idle();
    expect(stage.shown.at(-1)?.view).toMatchObject({ stage: 'ask', question: { who: 'approver' } });
    stage.clock.advanceTo(stage.clock.now() + 900_000);
    expect(await stage.outcomes()).toEqual(['expired']);
    expect(stage.simulator.kills()).toEqual([]);
    expect(stage.simulator.killed()).toEqual([]);
  });

  it('and the off switch: refused in the report, and nothing was killed', async () => {
    stage = await startAlertStage(policyOf(KILL_ALL), { PAUSED: 'true' });
    await stage.alert({ labels: { job_id: stage.simulator.addJob().job_id } });
    expect(await stage.outcomes()).toEqual(['refused']);
    expect(stage.shown).toMatchObject([{ view: { end: { outcome: 'refused', rule: 'paused' } } }]);
    expect(stage.simulator.killed()).toEqual([]);
  });
});

describe('the job that is named', () => {
  it.each(['analytics', ANALYTICS_ID])('is looked for in the cluster %s alone', async (cluster) => {
    stage = await startAlertStage(policyOf(KILL_ALL));
    const { job_id } = stage.simulator.addJob({ job_name: 'nightly-etl' });
    stage.simulator.addJob({ job_name: 'nightly-etl', cluster_id: DEV_ID });
    await stage.alert({ labels: { job_name: 'nightly-etl', cluster } });
    expect(await stage.outcomes()).toEqual(['killed']);
    expect(stage.simulator.killed()).toEqual([job_id]);
  });

  it('is looked for in all listed clusters where none is named: two of that name are ambiguous, and nothing was killed', async () => {
    stage = await startAlertStage(policyOf(KILL_ALL));
    stage.simulator.addJob({ job_name: 'nightly-etl' });
    stage.simulator.addJob({ job_name: 'nightly-etl', cluster_id: DEV_ID });
    await stage.alert({ labels: { job_name: 'nightly-etl' } });
    expect(await stage.outcomes()).toEqual(['ambiguous']);
    expect(stage.simulator.killed()).toEqual([]);
  });

  it.each(['app_id', 'launcher_id'] as const)('by a YARN id in a URL is the one whose %s it is', async (field) => {
    stage = await startAlertStage(policyOf(KILL_ALL));
    stage.simulator.addJob();
    const job = stage.simulator.addJob();
    await stage.alert({ labels: { tracking: `https://rm.example/proxy/${job[field]}/` } });
    expect(await stage.outcomes()).toEqual(['killed']);
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });
});
