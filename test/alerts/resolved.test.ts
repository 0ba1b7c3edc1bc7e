import { afterEach, describe, expect, it } from '@jest/globals';
import { resolvedKey, RUN_KEPT_MS } from '../../lib/ledger/keys.ts';
import { nameOccurrence } from '../../lib/start/names.ts';
import { NOON } from '../core/a-job.ts';
import { type AlertStage, nothingHappened, policyOf, type Reply, startAlertStage } from '../stage/alerts.ts';

const SLACK = 'dryRun: false\nslack: { channel: C0123456789, mayApprove: [U045EF6GH] }';

let stage: AlertStage;
afterEach(() => stage.close());
const start = async (...rules: string[]): Promise<void> => {
  stage = await startAlertStage(policyOf(rules.map((rule) => `  - ${rule}`).join('\n'), SLACK), { SLACK_BOT_TOKEN: 'xoxb-token-of-this-test' });
};
const deliver = (source: string, body: unknown): Promise<Reply> => stage.deliver(body, { line: `POST /alerts/${source}` });
const outcomes = ({ body }: Reply): string[] => (body.results ?? []).map(({ outcome }) => outcome);
const puts = () => stage.ledger.calls.filter(({ on, partitions }) => on === 'put' && partitions.some((partition) => partition.startsWith('resolved/')));
const kept = (source: string, words: string) => stage.ledger.get([resolvedKey(nameOccurrence(source, words))], { now: stage.clock.now() });

const AT = Date.parse('2026-03-01T11:50:00Z');
const group = (count: number, status: string, labels: Record<string, string> = {}): unknown => ({
  alerts: Array.from({ length: count }, (_, index) => ({ status, labels: { alertname: 'MrsJobStuck', job_name: 'etl', ...labels }, startsAt: '2026-03-01T11:50:00Z', fingerprint: `f${index}` })),
});
/** [source, the body in that state, what its firing and its resolved have in common]. */
const SENDERS: [string, (isResolved: boolean) => unknown, string][] = [
  ['alertmanager', (isResolved) => group(1, isResolved ? 'resolved' : 'firing'), `f0 ${AT}`],
  ['grafana', (isResolved) => group(1, isResolved ? 'resolved' : 'firing'), `f0 ${AT}`],
  ['datadog', (isResolved) => ({ alert_cycle_key: '58', transition: isResolved ? 'Recovered' : 'Triggered', title: isResolved ? '[Recovered] x' : '[Triggered] x', tags: 'alertname:MrsJobStuck', job_name: 'etl' }), '58'],
  ['generic', (isResolved) => ({ id: 'a', status: isResolved ? 'resolved' : 'firing', labels: { alertname: 'MrsJobStuck', job_name: 'etl' } }), 'a'],
  ['generic', (isResolved) => ({ id: 'a', startsAt: '2026-03-01T11:50:00Z', status: isResolved ? 'resolved' : 'firing', labels: { alertname: 'MrsJobStuck', job_name: 'etl' } }), `a ${AT}`],
];

describe('an alert that is resolved', () => {
  it.each(SENDERS)('of %s leaves word of it under what its request carries', async (source, body, words) => {
    for (const action of ['kill', 'ask']) {
      await start(`{ match: { alertname: MrsJobStuck }, action: ${action} }`);
      expect(outcomes(await deliver(source, body(false)))).toEqual(['accepted']);
      expect(stage.payloads()).toMatchObject([{ request: { occurrence: nameOccurrence(source, words) } }]);
      expect(await kept(source, words)).toEqual([undefined]);
      expect(outcomes(await deliver(source, body(true)))).toEqual(['ignored']);
      expect(await kept(source, words)).toMatchObject([{ value: { at: NOON }, until: NOON + RUN_KEPT_MS }]);
      await stage.outcomes();
      if (action === 'kill') await stage.close();
    }
  });

  it('of Datadog does so too where the rule looks at what says its state', async () => {
    await start('{ source: datadog, match: { alertname: MrsJobStuck, transition: "*Triggered", title: "[Triggered]*" }, action: kill }');
    expect(outcomes(await deliver('datadog', SENDERS[2]?.[1](true)))).toEqual(['ignored']);
    expect(await kept('datadog', '58')).toMatchObject([{ value: { at: NOON } }]);
    nothingHappened(stage);
  });

  it.each([
    ['that no rule takes', '{ match: { alertname: Other }, action: kill }'],
    ['that a rule of another source takes', '{ source: datadog, match: { alertname: MrsJobStuck }, action: kill }'],
    ['that a rule only tells of', '{ match: { alertname: MrsJobStuck }, action: notify }'],
  ])('%s leaves nothing, and nothing was killed', async (_, rule) => {
    await start(rule);
    expect(outcomes(await deliver('alertmanager', group(3, 'resolved')))).toEqual(['ignored', 'ignored', 'ignored']);
    expect(stage.ledger.calls).toEqual([]);
    nothingHappened(stage);
  });

  it.each([
    [25, 1],
    [60, 3],
  ])('is written with all others of its delivery: %d of them in %d calls', async (count, calls) => {
    await start('{ match: { alertname: MrsJobStuck }, action: kill }');
    expect(new Set(outcomes(await deliver('alertmanager', group(count, 'resolved'))))).toEqual(new Set(['ignored']));
    expect(puts()).toHaveLength(calls);
    expect(await kept('alertmanager', `f${count - 1} ${AT}`)).toMatchObject([{ value: { at: NOON } }]);
    nothingHappened(stage);
  });

  it('that cannot be written is wanted again: 503 after three tries, the others of the delivery are started, and its repeat writes it', async () => {
    await start('{ match: { alertname: MrsJobStuck }, action: kill }');
    const job = stage.simulator.addJob({ job_name: 'other', submitted_time: NOON - 3_600_000 });
    const both = { alerts: [...(group(1, 'resolved') as { alerts: unknown[] }).alerts, ...(group(2, 'firing', { job_name: 'other' }) as { alerts: unknown[] }).alerts.slice(1)] };
    stage.ledger.script = ({ partitions }) => (partitions[0]?.startsWith('resolved/') ? 'fails' : undefined);
    const reply = await deliver('alertmanager', both);
    expect([reply.status, outcomes(reply)]).toEqual([503, ['failed', 'accepted']]);
    expect(reply.body.error_msg).toContain('send the delivery again');
    expect(puts()).toHaveLength(3);

    stage.ledger.script = () => undefined;
    const again = await deliver('alertmanager', both);
    expect([again.status, outcomes(again)]).toEqual([202, ['ignored', 'duplicate']]);
    expect(await kept('alertmanager', `f0 ${AT}`)).toMatchObject([{ value: { at: expect.any(Number) } }]);
    expect(await stage.outcomes()).toEqual(['killed']);
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });

  it('before its kill leaves keeps that from it, and nothing was killed', async () => {
    await start('{ match: { alertname: MrsJobStuck }, action: ask }');
    stage.simulator.addJob({ job_name: 'etl', submitted_time: AT - 1 });
    const release = stage.hold();
    await deliver('alertmanager', group(1, 'firing'));
    await deliver('alertmanager', group(1, 'resolved'));
    release();
    expect(await stage.outcomes()).toEqual(['refused']);
    expect(stage.shown.at(-1)?.view).toMatchObject({ stage: 'end', end: { outcome: 'refused', rule: 'resolved' } });
    expect(stage.simulator.killed()).toEqual([]);
  });
});
