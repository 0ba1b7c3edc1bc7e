import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { beginHomeCounts, countRun } from '../../../home/metrics/home-counts.ts';
import { createHomeLog } from '../../../home/metrics/home-log.ts';
import { createMetrics } from '../../../home/metrics/metrics.ts';
import { type MetricsServer, serveMetrics } from '../../../home/metrics/metrics-server.ts';
import { countEnd, countLostReport } from '../../../lib/log/metrics.ts';
import { findProgram, type Program, startProgram } from '../../support/program.ts';
import { GENEROUS_MS } from '../../support/until.ts';
import { resourcesOfPart } from '../../deploy/serverless-part.ts';

const ROOT = join(import.meta.dirname, '../../..');
const RULES = join(ROOT, 'home/run/prometheus-rules.yml');
const NOON = Date.UTC(2026, 10, 29, 12);

const prometheus = findProgram('prometheus');
const promtool = findProgram('promtool');
if (prometheus === undefined || promtool === undefined) console.warn('SKIPPED: there is no prometheus here (Debian: apt-get install prometheus), so none of this was shown.');
const describeReal = prometheus === undefined || promtool === undefined ? describe.skip : describe;

const play = (...args: string[]): string => execFileSync(promtool ?? '', args, { cwd: ROOT, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'] });

function openHome() {
  const metrics = createMetrics();
  const log = createHomeLog({ env: {}, wall: () => NOON, write: () => {} }, metrics);
  beginHomeCounts(log, ['cleanup', 'digest']);
  metrics.tellState(() => ({ version: '0.2.0', upSince: NOON, openExecutions: { kill: 1, warn: 0 }, timerLateMs: 0, store: { bytes: 1, works: true }, clock: 'right', paused: false }), log);
  return { metrics, log };
}

describe('the example rules', () => {
  const rules = readFileSync(RULES, 'utf8');

  it("name metrics that this home has", async () => {
    const { metrics } = openHome();
    const text = await metrics.text();
    const named = [...rules.matchAll(/\b(?:mrs_killswitch|process)_[a-z_]+/g)].map(([name]) => name);
    expect(named.length).toBeGreaterThan(10);
    expect([...new Set(named)].filter((name) => !new RegExp(`^${name}[ {]`, 'm').test(text))).toEqual([]);
  });

  it("ring for all that the AWS home's alarms ring for", async () => {
    const alarms = Object.keys(await resourcesOfPart('alarms.cjs', { CLEANUP_ENABLED: 'true' }));
    const ours = [...rules.matchAll(/- alert: (\w+)/g)].map(([, name = '']) => name);
    // A start that was taken is on disk here: there is no queue of what was never begun, nobody else who hands events over, and no
    // gateway.
    expect(alarms.filter((name) => !ours.includes(name)).toSorted()).toEqual(['ApiFailed', 'CleanupUndelivered', 'EventsUndelivered', 'KillsUndelivered', 'WarningsUndelivered']);
  });
});

describeReal('promtool', () => {
  it('takes the example rules', () => {
    expect(play('check', 'rules', RULES)).toContain('SUCCESS');
  });

  it('sees them ring when they should, and at no other time', () => {
    expect(play('test', 'rules', 'test/fixtures/home/prometheus-rules.test.yml')).toContain('SUCCESS');
  });

  it('finds no fault with names and help of what is told', async () => {
    const { metrics, log } = openHome();
    countEnd(log, 'api', { outcome: 'killed' }, 2_500);
    const text = (await metrics.text()).replaceAll(/^(?:# \w+ )?(?:process|nodejs)_.*\n/gm, ''); // those are not ours to name
    expect(execFileSync(promtool ?? '', ['check', 'metrics'], { input: text, encoding: 'utf8' })).toBe('');
  });
});

describeReal('a real Prometheus', () => {
  const { metrics, log } = openHome();
  let server: MetricsServer;
  let real: Program;
  let folder: string;
  beforeAll(async () => {
    server = await serveMetrics(0, metrics, log);
    folder = mkdtempSync(join(tmpdir(), 'prometheus-'));
    const file = join(folder, 'prometheus.yml');
    const target = new URL(server.url).host;
    writeFileSync(file, `global: { scrape_interval: 200ms, evaluation_interval: 200ms }\nrule_files: ['${RULES}']\nscrape_configs:\n  - { job_name: mrs-killswitch, static_configs: [{ targets: ['${target}'] }] }\n`);
    real = await startProgram(prometheus ?? '', [`--config.file=${file}`, `--storage.tsdb.path=${join(folder, 'data')}`, '--web.listen-address=127.0.0.1:0']);
    while (!(await fetch(`${real.url}/-/ready`)).ok) await sleep(20);
  });
  afterAll(async () => {
    await real?.stop();
    await server?.close();
    rmSync(folder, { recursive: true, force: true });
  });

  const ask = async (query: string): Promise<[Record<string, string>, string][]> => {
    const { data } = (await (await fetch(`${real.url}/api/v1/query?query=${encodeURIComponent(query)}`)).json()) as { data: { result: { metric: Record<string, string>; value: [number, string] }[] } };
    return data.result.map(({ metric: { instance: _instance, job: _job, __name__: _name, ...labels }, value: [, value] }) => [labels, value]);
  };
  /** What it answers once that is something, or after 10 s. */
  const askUntil = async (query: string): Promise<[Record<string, string>, string][]> => {
    for (const end = performance.now() + GENEROUS_MS; ; await sleep(50)) {
      const found = await ask(query);
      if (found.length > 0 || performance.now() > end) return found;
    }
  };

  it('scrapes what is counted and how the home stands', async () => {
    countEnd(log, 'slack', { outcome: 'killed' }, 42_000);
    countRun(log, 'cleanup', 'done');
    expect(await askUntil('mrs_killswitch_ended_total > 0')).toEqual([[{ trigger: 'slack', outcome: 'killed' }, '1']]);
    expect(await ask('histogram_quantile(0.9, mrs_killswitch_requested_to_killed_seconds_bucket)')).toEqual([[{ trigger: 'slack' }, expect.stringMatching(/^(?:[345]\d)/)]]);
    expect(await ask('mrs_killswitch_open_executions')).toEqual([[{ function: 'kill' }, '1'], [{ function: 'warn' }, '0']]);
    expect(await ask('up')).toEqual([[{}, '1']]);
  });

  it('rings at the first report that is lost', async () => {
    expect(await ask('ALERTS{alertstate="firing"}')).toEqual([]);
    countLostReport(log);
    expect(await askUntil('ALERTS{alertstate="firing"}')).toEqual([[{ alertname: 'ReportsLost', alertstate: 'firing', severity: 'warning' }, '1']]);
  });
});
