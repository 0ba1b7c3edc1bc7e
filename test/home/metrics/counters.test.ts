import { describe, expect, it } from '@jest/globals';
import { createHomeLog } from '../../../home/metrics/home-log.ts';
import { beginHomeCounts, countExecution, countLostAnswer, countRun } from '../../../home/metrics/home-counts.ts';
import { createMetrics } from '../../../home/metrics/metrics.ts';
import type { Log } from '../../../lib/log/log.ts';
import { countAfterWarning, countBadRequest, countEnd, countLostReport, countStarts, countUnauthorized, countUnusable, countWarning } from '../../../lib/log/metrics.ts';

const NOON = Date.UTC(2026, 10, 29, 12);

function open(env: Record<string, string> = {}): { log: Log; lines: string[]; ours: () => Promise<string[]> } {
  const metrics = createMetrics();
  const lines: string[] = [];
  const log = createHomeLog({ env, wall: () => NOON, write: (line) => void lines.push(line) }, metrics);
  const ours = async () => (await metrics.text()).split('\n').filter((line) => line.startsWith('mrs_killswitch_'));
  return { log, lines, ours };
}

describe("what is counted at home", () => {
  it('has the names and labels that it has on AWS, as Prometheus writes them', async () => {
    const { log, ours } = open();
    countEnd(log, 'api', { outcome: 'killed' }, 2_500);
    countEnd(log, 'slack', { outcome: 'refused', rule: 'paused' }, 1);
    countEnd(log, 'alerts', { outcome: 'failed', code: '0175' }, 1);
    countStarts(log, 'alerts', [{ outcome: 'accepted' }, { outcome: 'accepted' }, { outcome: 'duplicate' }]);
    countUnauthorized(log);
    countBadRequest(log, 'alerts', 413);
    countUnusable(log, 'sns');
    countLostReport(log);
    countWarning(log, 'cleanup', 'Warned');
    countAfterWarning(log, 'cleanup', 'already-over');
    const lines = await ours();
    expect(lines.filter((line) => !line.includes('_bucket'))).toEqual(expect.arrayContaining([
      'mrs_killswitch_ended_total{trigger="api",outcome="killed"} 1',
      'mrs_killswitch_requested_to_killed_seconds_sum{trigger="api"} 2.5',
      'mrs_killswitch_requested_to_killed_seconds_count{trigger="api"} 1',
      'mrs_killswitch_refused_total{trigger="slack",rule="paused"} 1',
      'mrs_killswitch_failed_total{trigger="alerts",code="0175"} 1',
      'mrs_killswitch_started_total{trigger="alerts",outcome="accepted"} 2',
      'mrs_killswitch_started_total{trigger="alerts",outcome="duplicate"} 1',
      'mrs_killswitch_unauthorized_total 1',
      'mrs_killswitch_bad_request_total{trigger="alerts",status="413"} 1',
      'mrs_killswitch_unusable_event_total{carrier="sns"} 1',
      'mrs_killswitch_reports_lost_total 1',
      'mrs_killswitch_warned_total{trigger="cleanup"} 1',
      'mrs_killswitch_ended_after_warning_total{trigger="cleanup"} 1',
    ]));
    const upTo = (sec: number): string | undefined => lines.find((line) => line.startsWith('mrs_killswitch_requested_to_killed_seconds_bucket') && line.includes(`le="${sec}"`))?.split(' ')[1];
    expect([upTo(2), upTo(5)]).toEqual(['0', '1']);
  });

  it('is counted at every log level and writes no line', async () => {
    const { log, lines, ours } = open({ LOG_LEVEL: 'error' });
    countUnauthorized(log.with({ source: 'alertmanager' }));
    expect(lines).toEqual([]);
    expect(await ours()).toContain('mrs_killswitch_unauthorized_total 1');
  });

  it('what raises an alarm at the first count begins with 0', async () => {
    const { log, ours } = open();
    beginHomeCounts(log, ['cleanup']);
    expect(await ours()).toEqual(expect.arrayContaining([
      'mrs_killswitch_unauthorized_total 0',
      'mrs_killswitch_reports_lost_total 0',
      'mrs_killswitch_answers_lost_total 0',
      'mrs_killswitch_durable_execution_failed_total{function="kill"} 0',
      'mrs_killswitch_durable_execution_timed_out_total{function="warn"} 0',
      'mrs_killswitch_scheduled_run_total{run="cleanup",outcome="done"} 0',
    ]));
    expect((await ours()).join()).not.toContain('digest');
    countExecution(log, 'kill', 'FAILED');
    countRun(log, 'cleanup', 'done');
    countLostAnswer(log);
    expect(await ours()).toEqual(expect.arrayContaining([
      'mrs_killswitch_durable_execution_failed_total{function="kill"} 1',
      'mrs_killswitch_scheduled_run_total{run="cleanup",outcome="done"} 1',
      'mrs_killswitch_answers_lost_total 1',
    ]));
  });

  it('what comes with other dimensions than before is lost, and nothing else', async () => {
    const { log, ours } = open();
    countEnd(log, 'api', { outcome: 'killed' }, 1);
    expect(() => log.metric({ Ended: { value: 1, unit: 'Count' } }, { stage: 'prod' })).not.toThrow();
    expect((await ours()).filter((line) => line.includes('ended_total') && !line.endsWith(' 0'))).toEqual(['mrs_killswitch_ended_total{trigger="api",outcome="killed"} 1']);
  });

  it('log lines are JSON at the time by the clock on the wall, and secrets stay out', () => {
    const { log, lines } = open();
    log.info('up', { error: new TypeError('no') });
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([{ time: '2026-11-29T12:00:00.000Z', level: 'info', message: 'up', error: { name: 'TypeError', message: 'no' } }]);
  });
});
