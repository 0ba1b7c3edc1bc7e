import { afterEach, describe, expect, it } from '@jest/globals';
import type { CleanupReport } from '../../lib/core/report.ts';
import type { KillPayload } from '../../lib/start/engine.ts';
import { expectNoKill, saidBy } from '../stage/slack.ts';
import { type CleanupStage, cleanupPolicy, DEV_ID, MINUTE_MS, NOON, startCleanupStage, STALE } from '../stage/cleanup.ts';

let stage: CleanupStage | undefined;
afterEach(() => stage?.close());

/** One stage at a time: where Lambda is stands in the environment of the process. */
async function start(policy: string): Promise<CleanupStage> {
  await stage?.close();
  return (stage = await startCleanupStage(policy));
}

/** The same jobs in each stage, ids included. */
function fill(stage: CleanupStage): void {
  const id = (number: number): string => `00000000-0000-4000-8000-${String(number).padStart(12, '0')}`;
  const names = ['nb-a', 'etl-a', 'nb-b', 'nb-flink', 'nb-pay', 'nb-sql', 'nb-fresh', 'etl-b', 'etl-c', 'etl-d', 'ask-a', 'show-a'];
  for (const [index, name] of names.entries()) {
    const type = name === 'nb-flink' ? { job_type: 'Flink' } : name === 'nb-sql' ? { job_type: 'SparkSql' } : {};
    const user = name === 'nb-pay' ? { user: 'svc-payroll' } : {};
    stage.addRunning(name, name === 'nb-fresh' ? 1 : 9, { job_id: id(index), submitted_time: NOON - 10 * 3_600_000 + index, ...type, ...user });
  }
  for (let job = 0; job < 4; job++) stage.addRunning(`nb-dev-${job}`, 9, { job_id: id(100 + job), cluster_id: DEV_ID, submitted_time: NOON - 10 * 3_600_000 + job });
}

const RULES = `${STALE}
  - { name: asks, cluster: analytics, match: { name: "ask-*" }, action: ask }
  - { name: shows, cluster: analytics, match: { name: "show-*" }, action: notify }
  - { name: dev-notebooks, cluster: dev, match: { name: "nb-dev-1*" }, action: kill }`;
const PROTECTED = 'protected: [{ user: svc-payroll }]';

type Decided = { report: CleanupReport; texts: string[]; started: string[]; outcomes: string[] };

/** What one run over the jobs of fill decides and says. */
async function decide(policy: string, happen: (stage: CleanupStage) => void): Promise<Decided> {
  const stage = await start(policy);
  fill(stage);
  happen(stage);
  const release = stage.hold(); // so that nothing dies during the run
  const report = await stage.run();
  const started = stage.backend.list({ oldestFirst: true }).flatMap(({ input }) => {
    const payload = JSON.parse(input) as KillPayload;
    return payload.kind === 'kill' ? [`${payload.request.policyRule} ${JSON.stringify(payload.request.target)}`] : [];
  });
  // A card that only tells people is looked after for 8 h, unless its job ends.
  stage.clock.stopAt(NOON + MINUTE_MS);
  release();
  await stage.idle();
  for (const { job_id, job_name } of stage.simulator.jobs()) if (job_name.startsWith('show-')) stage.simulator.endJob(job_id, 'SUCCEEDED');
  stage.clock.stopAt(Infinity);
  await stage.idle();
  if (report.rules.some(({ dryRun }) => dryRun)) expectNoKill(stage);
  return { report, texts: stage.reports().flatMap(saidBy), started: started.toSorted(), outcomes: stage.outcomes().toSorted() };
}

const asLive = (text: string): string => text.replaceAll('would be killed (dry run)', 'being killed').replaceAll(' in a dry run', '');

describe('a dry run tells the truth', () => {
  it.each<[string, string, ((stage: CleanupStage) => void)?]>([
    ['of a run that goes well', PROTECTED],
    ['of a run over percentOfRunning', `${PROTECTED}\nlimits: { percentOfRunning: 10 }`],
    ['of a run over perDelivery', `${PROTECTED}\nlimits: { perDelivery: 3 }`],
    ['of a run exactly at the limits', `${PROTECTED}\nlimits: { perHour: 5, perDelivery: 6, percentOfRunning: 50 }`],
    ['of a run while PAUSED', PROTECTED, (stage) => void (stage.env['PAUSED'] = 'true')],
    ['of a run with a cluster that cannot be read', PROTECTED, ({ simulator }) => simulator.fault({ on: 'jobs', times: Infinity, when: ({ path }) => path.includes(DEV_ID), status: 403, headers: { 'x-request-id': 'request-1' }, body: { error_code: '0192', error_msg: 'no' } })],
    ['of a run while the clocks differ', PROTECTED, ({ simulator }) => simulator.fault({ on: 'jobs', times: Infinity, headers: { date: 'Sun, 22 Nov 2026 13:00:00 GMT' } })],
  ])('%s: same decisions, same order, same text but for the verb', async (_, more, happen = () => undefined) => {
    const live = await decide(cleanupPolicy(RULES, more), happen);
    const dry = await decide(cleanupPolicy(RULES, `dryRun: true\n${more}`), happen);
    expect(live.report.rules.map(({ dryRun }) => dryRun)).toEqual(live.report.rules.map(() => false));
    expect(live.report.rules.length).toBeGreaterThan(1);
    expect(dry.report).toEqual({ ...live.report, rules: live.report.rules.map((rule) => ({ ...rule, dryRun: true })) });
    expect(dry.texts.map(asLive)).toEqual(live.texts);
    expect(dry.started).toEqual(live.started);
    expect(dry.outcomes).toEqual(live.outcomes.map((outcome) => (outcome === 'killed' ? 'would-kill' : outcome)).toSorted());
  });

  it('and its ends are replies that say what would be killed', async () => {
    const stage = await start(cleanupPolicy(STALE, 'dryRun: [cleanup]'));
    stage.addRunning('nb-old', 9);
    await stage.run();
    await stage.idle();
    const report = stage.report();
    expect(report.text).toBe('*Cleanup*\n• `stale-notebooks`: 1 matched, 1 would be killed (dry run)');
    expect(stage.posts().at(-1)).toMatchObject({ text: expect.stringMatching(/^Would be killed \(dry run\): `nb-old/), threadTs: report.ts });
    expectNoKill(stage);
  });

  it('and keeps nothing from the live run of the same hour', async () => {
    const stage = await start(cleanupPolicy(STALE, 'dryRun: [cleanup]'));
    const job = stage.addRunning('nb-old', 9);
    await stage.run();
    await stage.idle();
    stage.deploy(cleanupPolicy(STALE));
    expect((await stage.run()).rules).toMatchObject([{ dryRun: false, started: 1, repeated: 0 }]);
    await stage.idle();
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });

  it('but takes no place in the hour: that is judged before a kill, and there is none', async () => {
    const stage = await start(cleanupPolicy(STALE, 'dryRun: true\nlimits: { perHour: 1, percentOfRunning: 100 }'));
    for (const name of ['nb-a', 'nb-b']) stage.addRunning(name, 9);
    await stage.run();
    await stage.idle();
    expect(stage.outcomes()).toEqual(['would-kill', 'would-kill']);
    expect(stage.ledger.calls.filter(({ on }) => on === 'take')).toEqual([]);
    expectNoKill(stage);
  });
});

describe('what makes a run dry', () => {
  it('a rule of its own: the others kill', async () => {
    const stage = await start(cleanupPolicy(`${STALE.replace('kill }', 'kill, dryRun: true }')}\n  - { name: live, cluster: analytics, match: { name: "bad-*" }, action: kill }`, 'dryRun: false'));
    stage.addRunning('nb-old', 9);
    stage.addRunning('etl', 1);
    const bad = stage.addRunning('bad-one', 1);
    stage.addRunning('etl-2', 1);
    await stage.run();
    await stage.idle();
    expect(stage.report().text).toBe('*Cleanup*\n• `stale-notebooks`: 1 matched, 1 would be killed (dry run)\n• `live`: 1 matched, 1 being killed');
    expect(stage.simulator.killed()).toEqual([bad.job_id]);
  });

  it.each([
    ['dryRun: true', { dryRun: true }],
    ['dryRun: true', { dryRun: false }],
    ['dryRun: true', {}],
    ['dryRun: [cleanup]', { dryRun: false }],
    ['dryRun: false', { dryRun: true }],
    ['dryRun: [slack, alerts, api]', { dryRun: true }],
  ])('%s and an event of %j: the stricter wins, and nothing was killed', async (more, event) => {
    const stage = await start(cleanupPolicy(STALE, more));
    stage.addRunning('nb-old', 9);
    expect((await stage.run(event)).rules).toMatchObject([{ dryRun: true, started: 1 }]);
    await stage.idle();
    expect(stage.outcomes()).toEqual(['would-kill']);
    expectNoKill(stage);
  });

  it.each([{ dryRun: false }, {}])('an event of %j with a rule of its own: still dry, and nothing was killed', async (event) => {
    const stage = await start(cleanupPolicy(STALE.replace('kill }', 'kill, dryRun: true }'), 'dryRun: false'));
    stage.addRunning('nb-old', 9);
    await stage.run(event);
    await stage.idle();
    expect(stage.outcomes()).toEqual(['would-kill']);
    expectNoKill(stage);
  });
});
