import { afterEach, describe, expect, it } from '@jest/globals';
import { silentReporter } from '../../lib/core/report.ts';
import { NOON } from '../core/a-job.ts';
import { virtualClock } from '../local/clock.ts';
import { PUBLISHED_QUOTAS, type Quotas } from '../local/quotas.ts';
import { policyOf, TOKEN } from '../stage/alerts.ts';
import { onlyOnAws } from '../stage/only-on-aws.ts';
import { KILL_FUNCTION, type Reply, type Stage, startStage } from '../stage/stage.ts';

const POLICY = policyOf('  - { match: { alertname: Stuck }, action: kill }\n  - { match: { alertname: Big }, action: notify }', 'dryRun: false\nslack: { channel: C0123456789 }\nlimits: { perDelivery: 100 }');

let stage: Stage;
let ticking: NodeJS.Timeout;
afterEach(async () => {
  clearInterval(ticking);
  await stage.close();
});

/** A stage whose Lambda has these quotas, whose time runs by itself, 50 ms in about 1, and whose executions end at once. */
async function start(quotas: Quotas): Promise<void> {
  const virtual = virtualClock(NOON);
  const clock = { ...virtual, wall: virtual.now, sleep: (ms: number) => new Promise<void>((resolve) => void virtual.setTimer(virtual.now() + ms, resolve)), random: () => 0.5 };
  stage = await startStage({ policy: POLICY, clock, env: { ALERT_TOKENS: `all:${TOKEN}`, SLACK_BOT_TOKEN: 'xoxb-bot-token-of-this-test' }, reporter: silentReporter }, NOON);
  stage.backend.register(KILL_FUNCTION.replace(':durable', ''), async () => ({ Status: 'SUCCEEDED', Result: '{}' }));
  stage.lambda.limit(quotas);
  ticking = setInterval(() => clock.advanceTo(clock.now() + 50), 1);
}

/** Alerts number `first` and on, in deliveries of so many. */
function deliveries(alertname: string, first: number, counts: readonly number[]): string[] {
  let next = first;
  return counts.map((count) =>
    JSON.stringify({
      version: '4',
      alerts: Array.from({ length: count }, () => ({ status: 'firing', fingerprint: `alert-${next++}`, startsAt: '2026-03-01T11:00:00Z', labels: { alertname, job_name: `job-${next}`, cluster: 'analytics' }, annotations: {} })),
    }),
  );
}
const send = (body: string): Promise<Reply> => stage.call('POST /alerts/alertmanager', { body, headers: { authorization: `Bearer ${TOKEN}` } });

function tally(replies: readonly Reply[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const { status, body } of replies) {
    for (const { outcome } of (body.results ?? []) as { outcome: string }[]) counts[`${status} ${outcome}`] = (counts[`${status} ${outcome}`] ?? 0) + 1;
  }
  return counts;
}
const executions = (): number => stage.backend.list({}).length;

describe('a storm of alerts, under the quotas of Lambda', () => {
  it.each([
    ['as published', PUBLISHED_QUOTAS],
    ['of which a neighbour took most', { ...PUBLISHED_QUOTAS, start: 25 }],
  ])('%s: a hundred notifying alerts in four deliveries, and all of them again', async (_, quotas) => {
    await start(quotas);
    const bodies = deliveries('Big', 1, [25, 25, 25, 25]);
    expect(tally(await Promise.all(bodies.map(send)))).toEqual({ '202 notified': 100 });
    expect(executions()).toBe(100);
    expect(tally(await Promise.all(bodies.map(send)))).toEqual({ '202 duplicate': 100 });
    expect(executions()).toBe(100);
    expect([stage.lambda.of('list'), stage.lambda.of('get')]).toEqual([[], []]);
    expect(stage.simulator.killed()).toEqual([]);
  });

  it('with 2,500 executions known, ten deliveries a second for three seconds, each twice: all are taken, none twice', async () => {
    await start(PUBLISHED_QUOTAS);
    for (let index = 0; index < 2_500; index++) stage.backend.start(KILL_FUNCTION, `alerts-live-${index}`, '{}');
    await stage.backend.idle();
    const bodies = deliveries('Stuck', 1, Array.from({ length: 30 }, () => 5));
    const replies: Promise<Reply>[] = [];
    for (const [index, body] of bodies.entries()) {
      const at = NOON + 60_000 + index * 100;
      await new Promise<void>((resolve) => void stage.clock.setTimer(at, resolve));
      replies.push(send(body), send(body));
    }
    expect(tally(await Promise.all(replies))).toEqual({ '202 accepted': 150, '202 duplicate': 150 });
    expect(executions()).toBe(2_650);
    expect([stage.lambda.of('list'), stage.lambda.of('get')]).toEqual([[], []]);
  }, 20_000);

  onlyOnAws('Lambda takes so many starts a second').it('that is more than Lambda takes within the answer’s time: 503, and the repeats start only what is missing, each once', async () => {
    await start({ ...PUBLISHED_QUOTAS, start: 2 });
    const bodies = deliveries('Stuck', 1, [40, 40]);
    const began = stage.clock.now();
    const first = await Promise.all(bodies.map(send));
    expect(first.map(({ status }) => status)).toEqual([503, 503]);
    expect(stage.clock.now() - began).toBeLessThan(20_000);
    const started = executions();
    expect(started).toBeGreaterThan(10);
    expect(tally(first)).toEqual({ '503 accepted': started, '503 failed': 80 - started });
    stage.lambda.limit(PUBLISHED_QUOTAS);
    expect(tally(await Promise.all(bodies.map(send)))).toEqual({ '202 accepted': 80 - started, '202 duplicate': started });
    expect(executions()).toBe(80);
    expect(new Set(stage.backend.list({}).map(({ input }) => (JSON.parse(input) as { name: string }).name)).size).toBe(80);
  });
});
