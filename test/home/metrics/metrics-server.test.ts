import { connect } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { HomeState } from '../../../home/metrics/gauges.ts';
import { createHomeLog } from '../../../home/metrics/home-log.ts';
import { createMetrics, type Metrics } from '../../../home/metrics/metrics.ts';
import { type MetricsServer, serveMetrics } from '../../../home/metrics/metrics-server.ts';
import type { Log } from '../../../lib/log/log.ts';

const NOON = Date.UTC(2026, 10, 29, 12);
const STATE: HomeState = {
  version: '0.2.0',
  upSince: NOON,
  openExecutions: { kill: 3, warn: 1 },
  invocationsInFlight: 2,
  timerLateMs: 1_500,
  mrs: { inFlight: 10, waiting: { person: 0, kill: 4, follow: 7 } },
  store: { bytes: 4_096, works: true },
  clock: 'right',
  paused: 'unreadable',
  cleanupRanAt: NOON - 60_000,
};

let metrics: Metrics;
let log: Log;
let lines: string[];
let server: MetricsServer;
beforeEach(async () => {
  metrics = createMetrics();
  lines = [];
  log = createHomeLog({ env: {}, wall: () => NOON, write: (line) => void lines.push(line) }, metrics);
  server = await serveMetrics(0, metrics, log);
});
afterEach(() => server.close());

const read = async (): Promise<string[]> => (await (await fetch(server.url)).text()).split('\n').filter((line) => !line.startsWith('#'));
const gauges = async (): Promise<string[]> => (await read()).filter((line) => line.startsWith('mrs_killswitch_') && !line.includes('_total'));

describe('GET /metrics', () => {
  it("tells the counts, how the home stands and Node's own, in Prometheus's text format", async () => {
    metrics.tellState(() => STATE, log);
    const answer = await fetch(server.url);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([200, 'text/plain; version=0.0.4; charset=utf-8']);
    expect(await gauges()).toEqual([
      'mrs_killswitch_build_info{version="0.2.0"} 1',
      'mrs_killswitch_up_since_timestamp_seconds 1795953600',
      'mrs_killswitch_open_executions{function="kill"} 3',
      'mrs_killswitch_open_executions{function="warn"} 1',
      'mrs_killswitch_invocations_in_flight 2',
      'mrs_killswitch_timer_lateness_seconds 1.5',
      'mrs_killswitch_mrs_requests_in_flight 10',
      'mrs_killswitch_mrs_requests_waiting{rank="person"} 0',
      'mrs_killswitch_mrs_requests_waiting{rank="kill"} 4',
      'mrs_killswitch_mrs_requests_waiting{rank="follow"} 7',
      'mrs_killswitch_store_bytes 4096',
      'mrs_killswitch_store_works 1',
      'mrs_killswitch_clock_trouble{state="behind"} 0',
      'mrs_killswitch_clock_trouble{state="jumped"} 0',
      'mrs_killswitch_paused 1',
      'mrs_killswitch_paused_unreadable 1',
      'mrs_killswitch_cleanup_last_run_timestamp_seconds 1795953540',
    ]);
    expect((await read()).join('\n')).toMatch(/^process_resident_memory_bytes \d+$/m);
  });

  it('tells nothing of what is not known: no 0 that would be taken for trouble', async () => {
    expect(await gauges()).toEqual([]);
    metrics.tellState(() => ({ version: '0.2.0', upSince: NOON }), log);
    expect(await gauges()).toEqual(['mrs_killswitch_build_info{version="0.2.0"} 1', 'mrs_killswitch_up_since_timestamp_seconds 1795953600']);
  });

  it('tells the state anew each time, and what is over is gone', async () => {
    let state = STATE;
    metrics.tellState(async () => state, log);
    await read();
    state = { ...STATE, openExecutions: { warn: 2 }, clock: 'jumped', paused: false };
    const lines = await gauges();
    expect(lines).toEqual(expect.arrayContaining(['mrs_killswitch_open_executions{function="warn"} 2', 'mrs_killswitch_clock_trouble{state="jumped"} 1', 'mrs_killswitch_paused 0', 'mrs_killswitch_paused_unreadable 0']));
    expect(lines.join()).not.toContain('function="kill"');
  });

  it('goes on where the state cannot be read, and says that the store does not work', async () => {
    let isBroken = false;
    metrics.tellState(() => {
      if (isBroken) throw new Error('disk I/O error');
      return STATE;
    }, log);
    await read();
    isBroken = true;
    expect(await read()).toEqual(expect.arrayContaining(['mrs_killswitch_store_works 0', 'mrs_killswitch_open_executions{function="kill"} 3', 'mrs_killswitch_reports_lost_total 0']));
    expect(lines.map((line) => (JSON.parse(line) as { message: string }).message)).toEqual(['the state for the metrics cannot be read']);
  });
});

describe('the metrics port', () => {
  it.each(['/', '/metrics/', '/health', '/metrics/../slack/command', '/%6detrics'])('has nothing at %s', async (path) => {
    expect((await fetch(new URL(path, server.url))).status).toBe(404);
  });

  it.each(['POST', 'HEAD', 'DELETE'])('does nothing for %s', async (method) => {
    expect((await fetch(server.url, { method })).status).toBe(404);
  });

  it('is on loopback only', () => {
    expect(new URL(server.url).hostname).toBe('127.0.0.1');
  });

  it('that is taken is one line that names the setting', async () => {
    const port = Number(new URL(server.url).port);
    await expect(serveMetrics(port, metrics, log)).rejects.toThrow(`settings: METRICS_PORT: is taken by another program on 127.0.0.1: choose a free port`);
  });

  it('lives through what is no HTTP, and closes while somebody hangs on it', async () => {
    const socket = connect(Number(new URL(server.url).port), '127.0.0.1');
    socket.on('error', () => {}).resume();
    socket.write('\x16\x03\x01 no HTTP\r\n\r\n');
    await new Promise((resolve) => socket.once('close', resolve));
    expect((await fetch(server.url)).status).toBe(200);
    const hanging = connect(Number(new URL(server.url).port), '127.0.0.1');
    await new Promise((resolve) => hanging.once('connect', resolve));
    hanging.on('error', () => {});
    await server.close();
    hanging.destroy();
  });
});
