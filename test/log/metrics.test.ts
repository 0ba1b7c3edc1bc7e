import { describe, expect, it } from '@jest/globals';
import { createLog, metricLine } from '../../lib/log/log.ts';
import { beginCounts, countAfterWarning, countBadRequest, countClockOff, countEnd, countLostReport, countSlackConnectionLost, countStarts, countUnauthorized, countUnusable, countWarning, metricCode } from '../../lib/log/metrics.ts';

const NOON = Date.UTC(2026, 10, 22, 12);

/** The metrics that were written, as name, value and dimensions. */
function recorded(count: (log: ReturnType<typeof createLog>) => void): unknown[] {
  const lines: string[] = [];
  count(createLog({ level: 'error', now: () => NOON, write: (line) => void lines.push(line) }));
  return lines.map((line) => {
    const { _aws: aws, ...rest } = JSON.parse(line) as { _aws: { CloudWatchMetrics: { Dimensions: string[][]; Metrics: { Name: string }[] }[] } } & Record<string, unknown>;
    const [directive] = aws.CloudWatchMetrics;
    // Every name that CloudWatch is told of has to stand in the line.
    for (const name of [...(directive?.Dimensions[0] ?? []), ...(directive?.Metrics ?? []).map((metric) => metric.Name)]) expect(rest).toHaveProperty(name);
    return rest;
  });
}

describe('a metric', () => {
  it('that an alarm reads is counted once more without its dimensions', () => {
    const { _aws: aws } = JSON.parse(metricLine(NOON, { Failed: { value: 1, unit: 'Count', total: true } }, { trigger: 'api', code: '0175' })) as { _aws: { CloudWatchMetrics: unknown[] } };
    expect(aws.CloudWatchMetrics).toEqual([{ Namespace: 'mrs-killswitch', Dimensions: [['trigger', 'code'], []], Metrics: [{ Name: 'Failed', Unit: 'Count' }] }]);
  });

  it("is one line in CloudWatch's embedded format", () => {
    expect(JSON.parse(metricLine(NOON, { Ended: { value: 1, unit: 'Count' } }, { trigger: 'api', outcome: 'killed' }))).toEqual({
      _aws: {
        Timestamp: NOON,
        CloudWatchMetrics: [{ Namespace: 'mrs-killswitch', Dimensions: [['trigger', 'outcome']], Metrics: [{ Name: 'Ended', Unit: 'Count' }] }],
      },
      trigger: 'api',
      outcome: 'killed',
      Ended: 1,
    });
  });

  it('is written at every log level, and a log that cannot be written loses it and nothing else', () => {
    const broken = createLog({ level: 'error', now: () => NOON, write: () => { throw new Error('disk full'); } });
    expect(() => countUnauthorized(broken)).not.toThrow();
  });
});

describe('the code that a failure is counted by', () => {
  it.each(['0175', 'APIGW.0308', 'timeout', 'not-found', 'FAILED', 'TIMED_OUT', 'STOPPED', 'unanswered'])('is %s itself', (code) => {
    expect(metricCode(code)).toBe(code);
  });

  it.each([
    ['APIG.0308', 'APIGW.0308'], // a dedicated gateway's spelling
    ['IAM.0061', 'other'],
    ['MRS.9999', 'other'],
    ['KILL.0504', 'other'],
    ['failed', 'other'],
    ['toString', 'other'],
    ['', 'other'],
    [undefined, 'other'],
  ])('for %s is %s: a foreign code never makes a metric of its own', (code, counted) => {
    expect(metricCode(code)).toBe(counted);
  });
});

describe('what is counted', () => {
  it('of a kill is its end and the time from request to killed', () => {
    expect(recorded((log) => countEnd(log, 'slack', { outcome: 'killed' }, 12_000))).toEqual([
      { trigger: 'slack', outcome: 'killed', Ended: 1 },
      { trigger: 'slack', RequestedToKilled: 12_000 },
    ]);
  });

  it('of a refusal is its rule', () => {
    expect(recorded((log) => countEnd(log, 'alerts', { outcome: 'refused', rule: 'protected' }, 5))).toEqual([
      { trigger: 'alerts', outcome: 'refused', Ended: 1 },
      { trigger: 'alerts', rule: 'protected', Refused: 1 },
    ]);
  });

  it('of a failure is its code', () => {
    expect(recorded((log) => countEnd(log, 'api', { outcome: 'failed', code: '0175' }, 5))).toEqual([
      { trigger: 'api', outcome: 'failed', Ended: 1 },
      { trigger: 'api', code: '0175', Failed: 1 },
    ]);
  });

  it('of a failure is counted without its dimensions besides: its alarm reads that', () => {
    const lines: string[] = [];
    countEnd(createLog({ level: 'error', now: () => NOON, write: (line) => void lines.push(line) }), 'api', { outcome: 'failed', code: '0175' }, 5);
    expect(lines.map((line) => (JSON.parse(line) as { _aws: { CloudWatchMetrics: [{ Dimensions: string[][] }] } })._aws.CloudWatchMetrics[0].Dimensions)).toEqual([[['trigger', 'outcome']], [['trigger', 'code'], []]]);
  });

  it('of starts is each of them; a refusal is an end besides, with its rule', () => {
    expect(recorded((log) => countStarts(log, 'cleanup', [{ outcome: 'accepted' }, { outcome: 'refused' }]))).toEqual([
      { trigger: 'cleanup', outcome: 'accepted', Started: 1 },
      { trigger: 'cleanup', outcome: 'refused', Started: 1 },
    ]);
  });

  it('of callers who did not prove who they are is their number', () => {
    expect(recorded(countUnauthorized)).toEqual([{ Unauthorized: 1 }]);
  });

  it.each([...[400, 403, 404, 405, 409, 413, 429].map((status) => [status, String(status)] as const), [418, 'other'] as const])('of requests that cannot be taken is their trigger and status: %i', (status, counted) => {
    expect(recorded((log) => countBadRequest(log, 'alerts', status))).toEqual([{ trigger: 'alerts', status: counted, BadRequest: 1 }]);
  });

  it('of a refusal without a rule and of a failure without a code is a word for it', () => {
    expect(recorded((log) => countEnd(log, 'api', { outcome: 'refused' }, 5))[1]).toEqual({ trigger: 'api', rule: 'unknown', Refused: 1 });
    expect(recorded((log) => countEnd(log, 'api', { outcome: 'failed' }, 5))[1]).toEqual({ trigger: 'api', code: 'other', Failed: 1 });
    expect(recorded((log) => countEnd(log, 'api', { outcome: 'ignored' }, 5))).toEqual([{ trigger: 'api', outcome: 'ignored', Ended: 1 }]);
  });

  it.each(['Warned', 'Kept'] as const)('of a warning is that a job is %s', (what) => {
    expect(recorded((log) => countWarning(log, 'cleanup', what))).toEqual([{ trigger: 'cleanup', [what]: 1 }]);
  });

  it.each([
    ['killed', ['KilledAfterWarning']],
    ['finished-first', ['EndedAfterWarning']],
    ['already-over', ['EndedAfterWarning']],
    ['refused', []],
    ['failed', []],
  ] as const)('after a warning is what the job came to: %s', (outcome, names) => {
    expect(recorded((log) => countAfterWarning(log, 'alerts', outcome))).toEqual(names.map((name) => ({ trigger: 'alerts', [name]: 1 })));
  });

  it.each(['behind', 'jumped'] as const)('of a clock is that it is %s', (clock) => {
    expect(recorded((log) => countClockOff(log, clock))).toEqual([{ clock, ClockOff: 1 }]);
  });

  it('of messages that nobody got, and of a lost connection of Slack, is their number', () => {
    expect(recorded(countLostReport)).toEqual([{ ReportsLost: 1 }]);
    expect(recorded(countSlackConnectionLost)).toEqual([{ SlackConnectionLost: 1 }]);
  });

  it('begins with nothing, for what raises an alarm at its first count', () => {
    expect(recorded(beginCounts)).toEqual([
      { Unauthorized: 0, ReportsLost: 0, SlackConnectionLost: 0 },
      ...['slack', 'alerts', 'cleanup', 'api'].map((trigger) => ({ trigger, outcome: 'failed', Ended: 0 })),
    ]);
  });

  it('of events that nobody can use is what brought them', () => {
    expect(recorded((log) => countUnusable(log, 'sqs'))).toEqual([{ carrier: 'sqs', UnusableEvent: 1 }]);
  });
});
