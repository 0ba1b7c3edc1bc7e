import { describe, expect, it } from '@jest/globals';
import { type FieldCase, readCases } from './case.ts';
import { judge } from './judge.ts';
import { playCase } from './play.ts';

/** What is wrong today. A case that has come right is taken off: the list only shrinks. */
const OPEN: ReadonlySet<string> = new Set([
  '12-grafana-datasource-nodata',
  '13-grafana-datasource-error',
  '14-grafana-state-reason-nodata',
  '17-cloudwatch-missing-data-sns',
  '20-datadog-no-data',
  '22-smn-auto-cleared-field',
  '23-smn-chinese-auto-clear-field',
  '26-datadog-numbers',
  '28-am-one-without-fingerprint',
  '29-am-labels-null-in-one',
  '31-generic-numbers-and-booleans',
  '33-am-empty-label-is-no-label',
  '34-cloudwatch-quoted-name',
  '36-label-mapreduce-job-id',
  '37-label-appattempt',
  '38-label-container-epoch',
  '40-slack-job-id',
  '41-rest-job-id',
  '44-sqs-wrapping-sns',
  '45-sqs-raw-sns',
  '46-eventbridge-through-sns',
  '49-unknown-event-s3',
  '81-notify-card-outlives-its-job',
  '04-cooldown-of-a-minute',
  '12-rule-that-wants-no-data',
  '12-test-of-a-contact-point',
  '13-state-reason-error',
  '14-keep-last-state',
  '14-through-an-alertmanager',
  '17-eventbridge-unknown-datapoints',
  '20-re-no-data',
  '20-test-button',
  '22-automatically-cleared-attribute',
  '26-null-and-numbers',
  '28-grafana-null-fingerprint',
  '29-one-that-is-no-alert',
  '31-labels-of-an-alertmanager',
  '33-generic-empty-and-null',
  '34-eventbridge-comma-in-quotes',
  '36-history-server-link',
  '37-attempt-in-a-text',
  '38-container-without-epoch',
  '40-container-from-a-log',
  '41-attempt-and-show',
  '44-batch-delivered-twice',
  '45-eventbridge-to-sqs',
  '46-eventbridge-sns-sqs',
  '49-instance-and-queue',
  '81-button-that-was-used',
  '81-job-ends-by-itself',
]);

const CASES = readCases();
const SIBLINGS = readCases('siblings');

async function faultsOf(fieldCase: FieldCase): Promise<string[]> {
  const played = await playCase(fieldCase);
  const faults = judge(fieldCase, played);
  // Whatever comes later: nobody is killed for it any more.
  const killed = played.stage.simulator.kills().length;
  await played.stage.pass(120);
  const late = played.stage.simulator.kills().length - killed;
  await played.stage.close();
  return late === 0 ? faults : [...faults, `${late} kills after the end`];
}

describe.each([['a case of the field', CASES], ['a sibling of one', SIBLINGS]])('%s', (_, cases) => {
  it.each(cases.map((fieldCase) => [fieldCase.file, fieldCase.title, fieldCase] as const))('%s: %s', async (file, _title, fieldCase) => {
    const faults = await faultsOf(fieldCase);
    if (OPEN.has(file)) expect({ file, isWrong: faults.length > 0 }).toEqual({ file, isWrong: true });
    else expect(faults).toEqual([]);
  });
});

describe('the cases', () => {
  it('have a sibling each', () => {
    const siblings = new Set(SIBLINGS.map(({ of }) => of));
    expect(CASES.filter(({ file }) => !siblings.has(file)).map(({ file }) => file)).toEqual([]);
    expect(SIBLINGS.filter(({ of }) => !CASES.some(({ file }) => file === of)).map(({ file }) => file)).toEqual([]);
  });

  it('that must be right today are', () => {
    expect([...CASES, ...SIBLINGS].filter(({ file, guard }) => guard === true && OPEN.has(file))).toEqual([]);
    expect([...OPEN].filter((open) => ![...CASES, ...SIBLINGS].some(({ file }) => file === open))).toEqual([]);
  });
});
