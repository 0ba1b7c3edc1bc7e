import { describe, expect, it } from '@jest/globals';
import { type Outcome, OUTCOMES, type Rule, RULES } from '../../lib/core/end.ts';
import { type EndEntry, startBegan, startChoice, startEnd, startEndOf, startHandedOn } from '../../lib/ledger/keys.ts';
import type { Entry, Key } from '../../lib/ledger/port.ts';
import { isRecent, isSettled, judgeStarts } from '../../lib/start/restart.ts';
import { HOUR_MS, NOON } from '../core/a-job.ts';

const MINUTE_MS = 60_000;
const PATIENCE_MS = 35 * MINUTE_MS;
const NAME = 'alerts-live-1';
const TODAY = 'policy-of-today';
/** When the first start ended: it began at noon. */
const ENDED_AT = NOON + 2 * MINUTE_MS;
const NOTHING = { do: 'nothing' };
const AGAIN = { do: 'start', start: 2 };
const unlessHeld = (by: 'paused' | 'perHour') => ({ do: 'start-unless-held', start: 2, by });

const entry = ({ partition, rest }: Key, value: unknown): Entry => ({ key: { partition, rest }, value, until: NOON + 1_000 * HOUR_MS });
const endAs = (fields: Partial<EndEntry>, began = NOON): EndEntry => ({ at: began, trigger: 'alerts', by: '', why: '', since: NOON, began, ended: began + 2 * MINUTE_MS, policyHash: TODAY, outcome: 'killed', reason: '', ...fields });
const beganAt = (start: number, at: number): Entry => entry(startBegan(NAME, start), { at, since: NOON });

/** A start, by its number: it ended as told 2 min after it began. */
const ended = (end: Partial<EndEntry>, start = 1, began = NOON): Entry[] => [beganAt(start, began), entry(startEnd(NAME, start), endAs(end, began))];

/** A pick that chose these jobs at noon, whose kills ended as told, each 2 min later. */
function picked(...ends: Partial<EndEntry>[]): Entry[] {
  const jobs = ends.map((_, index) => ({ cluster: 'c-1', job_id: `job-${index}`, job_name: '', job_type: '', user: '', queue: '', app_id: '', launcher_id: '' }));
  const ofJobs = ends.flatMap((end, index) => [entry(startHandedOn(NAME, 1, `job-${index}`), { at: NOON, to: 'child' }), entry(startEndOf(NAME, 1, `job-${index}`), endAs(end))]);
  return [beganAt(1, NOON), entry(startChoice(NAME, 1), { at: NOON, jobs }), ...ofJobs];
}
/** By all that stands; and where a few entries settle it, they say the same. */
function judge(entries: Entry[], now: number): ReturnType<typeof judgeStarts> {
  const judged = judgeStarts(entries, TODAY, now, PATIENCE_MS);
  const few = [startBegan(NAME, 1), startEnd(NAME, 1), startBegan(NAME, 2), startEnd(NAME, 2)].map(({ rest }) => entries.find(({ key }) => key.rest === rest));
  const isPick = entries.some(({ key }) => key.rest.endsWith('/choice'));
  if (isRecent(few[0], now) || (!isPick && isSettled(few, TODAY))) expect(judged).toEqual(NOTHING);
  return judged;
}

/** When what ended so starts anew: tried and failed, counted from when it began; nothing tried, from its End; or not at all. */
type Anew = '15 min after it began' | '5 min after its End' | 'never';
type Case = [what: string, end: Partial<EndEntry>, named: Anew, picked: Anew];

const FAILED: Case[] = [
  ['failed', { outcome: 'failed' }, '15 min after it began', '15 min after it began'],
  ['failed by FAILED', { outcome: 'failed', code: 'FAILED' }, '15 min after it began', '15 min after it began'],
  ['failed by TIMED_OUT', { outcome: 'failed', code: 'TIMED_OUT' }, '15 min after it began', '15 min after it began'],
  ['failed by what MRS said', { outcome: 'failed', code: '0175' }, '15 min after it began', '15 min after it began'],
  ['failed for the ledger', { outcome: 'failed', code: 'ledger' }, '15 min after it began', '15 min after it began'],
  ['failed by STOPPED', { outcome: 'failed', code: 'STOPPED' }, 'never', 'never'],
  ['failed unanswered', { outcome: 'failed', code: 'unanswered' }, 'never', 'never'],
  ['expired', { outcome: 'expired' }, '15 min after it began', '15 min after it began'],
];
const OTHERS: Record<Exclude<Outcome, 'failed' | 'expired' | 'refused'>, [Anew, Anew]> = {
  'killed': ['never', 'never'],
  'finished-first': ['never', 'never'],
  'already-over': ['never', '5 min after its End'],
  'would-kill': ['never', 'never'],
  'declined': ['never', 'never'],
  'not-found': ['5 min after its End', '5 min after its End'],
  'ambiguous': ['5 min after its End', '5 min after its End'],
  'still-running': ['never', 'never'],
  'notified': ['never', 'never'],
  'ignored': ['never', 'never'],
  'accepted': ['never', 'never'],
};
const UNTRIED: Partial<Record<Rule, [Anew, Anew]>> = {
  paused: ['5 min after its End', '5 min after its End'],
  perHour: ['5 min after its End', '5 min after its End'],
  percentOfRunning: ['5 min after its End', '5 min after its End'],
  warn: ['5 min after its End', '5 min after its End'],
  resolved: ['never', '5 min after its End'],
  kept: ['never', '5 min after its End'],
  repeat: ['never', '5 min after its End'],
};
const refused = (policyHash: string, anew: (rule: Rule) => [Anew, Anew]): Case[] => RULES.map((rule) => [`refused by ${rule}`, { outcome: 'refused', rule, policyHash }, ...anew(rule)]);

const CASES: Case[] = [
  ...FAILED,
  ...Object.entries(OTHERS).map(([outcome, anew]): Case => [outcome, { outcome: outcome as Outcome }, ...anew]),
  ...refused(TODAY, (rule) => UNTRIED[rule] ?? ['never', 'never']),
  ...refused('policy-of-yesterday', () => ['5 min after its End', '5 min after its End']).map(([what, ...rest]): Case => [`${what}, under another policy`, ...rest]),
  ['killed, under another policy', { outcome: 'killed', policyHash: 'policy-of-yesterday' }, 'never', 'never'],
  ['failed by STOPPED, under another policy', { outcome: 'failed', code: 'STOPPED', policyHash: 'policy-of-yesterday' }, 'never', 'never'],
];

/** Before that moment nothing; from it on a start anew, where what held it holds no more. */
function expectAnew(entries: Entry[], anew: Anew, { rule }: Partial<EndEntry>): void {
  if (anew === 'never') {
    for (const hours of [0, 1, 13, 300]) expect(judge(entries, ENDED_AT + hours * HOUR_MS)).toEqual(NOTHING);
    return;
  }
  const from = anew === '15 min after it began' ? NOON + 15 * MINUTE_MS : ENDED_AT + 5 * MINUTE_MS;
  const again = rule === 'paused' || rule === 'perHour' ? unlessHeld(rule) : AGAIN;
  expect([judge(entries, from - 1), judge(entries, from), judge(entries, from + 300 * HOUR_MS)]).toEqual([NOTHING, again, again]);
}

describe('a few entries settle', () => {
  const endedAs = (end: Partial<EndEntry>): Entry => entry(startEnd(NAME, 1), endAs(end));

  const began = beganAt(1, NOON);

  it.each<[string, (Entry | undefined)[], boolean]>([
    ['what is not on record yet', [undefined], true],
    ['what is not on record, and was started anew', [undefined, undefined, beganAt(2, NOON)], false],
    ['a start that is open', [began], false],
    ['a kill', [began, endedAs({})], true],
    ['a kill, and something was started anew all the same', [began, endedAs({}), beganAt(2, NOON + HOUR_MS)], false],
    ['a kill, and a second start left an End alone', [began, endedAs({}), undefined, entry(startEnd(NAME, 2), endAs({ outcome: 'failed' }))], false],
    ['a kill that failed', [began, endedAs({ outcome: 'failed' })], false],
    ['a job that was protected', [began, endedAs({ outcome: 'refused', rule: 'protected' })], true],
    ['the same under another policy', [began, endedAs({ outcome: 'refused', rule: 'protected', policyHash: 'of yesterday' })], false],
    ["what met another's question", [began, endedAs({ outcome: 'refused', rule: 'repeat', of: { name: 'alerts-live-2', start: 1 } })], false],
    ['an End alone', [undefined, endedAs({ outcome: 'failed' })], false],
    ['an End that cannot be read', [began, entry(startEnd(NAME, 1), 'torn')], false],
  ])('%s', (_what, entries, isSo) => {
    expect(isSettled(entries, TODAY)).toBe(isSo);
  });

  it('what began less than 5 min ago, and not what is not on record', () => {
    expect([isRecent(began, NOON + 5 * MINUTE_MS - 1), isRecent(began, NOON + 5 * MINUTE_MS), isRecent(undefined, NOON)]).toEqual([true, false, false]);
  });
});

describe('a repeat of an alert', () => {
  it.each(CASES)('of a job by its name that ended %s', (_, end, anew) => expectAnew(ended(end), anew, end));
  it.each(CASES)('of a pick whose kill ended %s', (_, end, _named, anew) => expectAnew(picked(end), anew, end));

  it('is judged for each outcome there is', () => expect(new Set(CASES.map(([, { outcome }]) => outcome))).toEqual(new Set(OUTCOMES)));
});

describe('what was tried and failed waits, counted from when the latest such start began:', () => {
  const failedTimes = (times: number): Entry[] => Array.from({ length: times }, (_, index) => ended({ outcome: 'failed' }, index + 1, NOON + index * 24 * HOUR_MS)).flat();

  it.each([
    [1, 15 * MINUTE_MS],
    [2, HOUR_MS],
    [3, 4 * HOUR_MS],
    [4, 12 * HOUR_MS],
    [5, 12 * HOUR_MS],
    [9, 12 * HOUR_MS],
  ])('after the start %i', (times, afterMs) => {
    const began = NOON + (times - 1) * 24 * HOUR_MS;
    expect([judge(failedTimes(times), began + afterMs - 1), judge(failedTimes(times), began + afterMs)]).toEqual([NOTHING, { do: 'start', start: times + 1 }]);
  });

  it('a start that tried nothing is none of them', () => {
    const entries = [...ended({ outcome: 'failed' }), ...ended({ outcome: 'refused', rule: 'paused' }, 2, NOON + HOUR_MS), ...ended({ outcome: 'expired' }, 3, NOON + 2 * HOUR_MS)];
    expect([judge(entries, NOON + 3 * HOUR_MS - 1), judge(entries, NOON + 3 * HOUR_MS)]).toEqual([NOTHING, { do: 'start', start: 4 }]);
  });

  it('and the latest start counts, whatever those before it were', () => {
    const entries = [...ended({ outcome: 'failed' }), ...ended({ outcome: 'killed' }, 2, NOON + HOUR_MS)];
    expect(judge(entries, NOON + 300 * HOUR_MS)).toEqual(NOTHING);
  });
});

describe('a pick of several jobs', () => {
  it.each<[string, Partial<EndEntry>[], object]>([
    ['one of which was killed', [{ outcome: 'failed' }, { outcome: 'killed' }], NOTHING],
    ['one of which was declined', [{ outcome: 'not-found' }, { outcome: 'declined' }], NOTHING],
    ['one of which still runs', [{ outcome: 'refused', rule: 'kept' }, { outcome: 'still-running' }], NOTHING],
    ['one of which may still die of a POST', [{ outcome: 'already-over' }, { outcome: 'refused', rule: 'resolved', mayTakeEffect: true }], NOTHING],
    ['which all were over or kept', [{ outcome: 'already-over' }, { outcome: 'refused', rule: 'kept' }], AGAIN],
    ['one of which failed', [{ outcome: 'already-over' }, { outcome: 'failed' }], AGAIN],
  ])('%s', (_, ends, judged) => expect(judge(picked(...ends), NOON + 13 * HOUR_MS)).toEqual(judged));
});

describe('a start without an End', () => {
  const DEAD_MS = 10 * HOUR_MS + 10 * MINUTE_MS;

  it('is closed once it can live no more, and not before', () => {
    expect([judge([beganAt(1, NOON)], NOON + DEAD_MS), judge([beganAt(1, NOON)], NOON + DEAD_MS + 1)]).toEqual([NOTHING, { do: 'close', start: 1, began: NOON }]);
  });

  it('that handed on is left alone', () => {
    expect(judge([beganAt(1, NOON), entry(startHandedOn(NAME, 1, 'a'), { at: NOON, to: 'x' })], NOON + 300 * HOUR_MS)).toEqual(NOTHING);
  });
});

describe('a warning that nobody was told of', () => {
  it.each<[Partial<EndEntry>]>([[{ outcome: 'refused', rule: 'kept' }], [{ outcome: 'would-kill', policyHash: 'another' }]])('since it ended %j is tried anew by the next repeat after 5 min', (end) => {
    const entries = [entry(startBegan(NAME, 1), { at: NOON, since: NOON, warns: true }), entry(startEnd(NAME, 1), endAs(end))];
    expect(judge(entries, NOON + 6 * MINUTE_MS)).toEqual(NOTHING);
    expect(judge(entries, NOON + 8 * MINUTE_MS)).toEqual({ do: 'start', start: 2 });
  });
});

describe('a warning that handed on', () => {
  const warned = (end: Partial<EndEntry>): Entry[] => [
    entry(startBegan(NAME, 1), { at: NOON, since: NOON, warns: true }), entry(startHandedOn(NAME, 1, 'alerts-live-2'), { at: NOON, to: 'alerts-live-2' }), entry(startEndOf(NAME, 1, 'alerts-live-2'), endAs(end)),
  ];

  it.each<[string, Partial<EndEntry>, object]>([
    ['was killed', { outcome: 'killed' }, NOTHING],
    ['was kept by another rule', { outcome: 'refused', rule: 'kept' }, AGAIN],
    ['only would be killed, by the policy of today', { outcome: 'would-kill' }, NOTHING],
    ['only would be killed, by another policy than that of today', { outcome: 'would-kill', policyHash: 'of yesterday' }, AGAIN],
  ])('to a job that %s', (_, end, then) => expect(judge(warned(end), ENDED_AT + 5 * MINUTE_MS)).toEqual(then));
});
