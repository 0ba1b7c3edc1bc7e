import { describe, expect, it } from '@jest/globals';
import * as keys from '../../lib/ledger/keys.ts';

type Schema = { safeParse: (value: unknown) => { success: boolean; data?: unknown } };
type Fields = Record<string, unknown>;

const JOB = { cluster: 'analytics', job_id: 'job-1', job_name: 'etl', job_type: 'Spark', user: 'u', queue: 'q', app_id: 'a', launcher_id: 'l' };
const ASKING = { at: 1, trigger: 'api', by: 'ci', why: 'w' };
const MORE_OF_ASKING = { policyRule: 'alerts.1', job: JOB, asked: 'etl' };
const END = { ...ASKING, outcome: 'killed', since: 1, began: 1, reason: 'r' };
const MORE_OF_END = { ...MORE_OF_ASKING, ended: 2, policyHash: 'h', rule: 'kept', code: '0175', answeredBy: 'U1', of: { name: 'x', start: 1 }, mayTakeEffect: true };
const FIRST = { name: 'x', start: 1 };

/** What stands in the ledger of today: what has to be there, and what may be. */
const ENTRIES: [name: string, schema: () => Schema, must: Fields, may: Fields][] = [
  ['a job', () => keys.JobSeen, JOB, {}],
  ['who asked', () => keys.Asking, ASKING, MORE_OF_ASKING],
  ['a record', () => keys.KillRecord, { ...ASKING, job: JOB, policyHash: 'h' }, { policyRule: 'alerts.1', asked: 'etl' }],
  ['a POST', () => keys.Post, { at: 1 }, {}],
  ["a POST's answer", () => keys.PostAnswer, { at: 1, what: 'accepted' }, { code: '0175' }],
  ['a start', () => keys.Began, { at: 1, since: 1 }, {
    killId: 'k', trigger: 'slack', by: 'b', why: 'w', policyRule: 'alerts.1', channel: 'C1', thread: { channel: 'C1', ts: '1.2' }, person: 'U1',
    rule: { name: 'long-adhoc', askAgainMs: 1 }, dryRun: true, action: 'ask', pickedBy: FIRST, warns: true, warning: { first: FIRST, round: 1, usedMs: 0, killNow: true }, livesMs: 1,
  }],
  ['how long a round lives', () => keys.Lives, { livesMs: 1 }, {}],
  ['a card', () => keys.Card, { channel: 'C1', ts: '1.2' }, { of: 'owner', round: 1 }],
  ['a question', () => keys.Held, { at: 1, until: 2 }, { by: 'b', callback: 'c', who: 'approver', why: 'w', keepMs: 1, keepAtMostMs: 1, usedMs: 1, owner: 'U1', dryRun: true }],
  ['a choice', () => keys.Choice, { at: 1, jobs: [JOB] }, { openUntil: 2 }],
  ['an answer', () => keys.Answer, { at: 1, what: 'yes' }, { by: 'U1', jumped: true }],
  ['what was handed on', () => keys.HandedOn, { at: 1, to: 'x' }, {}],
  ['an End', () => keys.EndEntry, END, MORE_OF_END],
  ['an End that was told', () => keys.Told, { at: 1, end: END }, {}],
  ['a refusal at the door', () => keys.AtDoor, { at: 1, outcome: 'refused', rule: 'team' }, { killId: 'k' }],
  ['a note', () => keys.Noted, { at: 1, what: 'picked', by: 'b', why: 'w' }, { until: 2, job: JOB, policyRule: 'alerts.1' }],
  ['a pick', () => keys.Picked, { at: 1, start: 1, ids: ['job-1'], killId: 'k' }, {}],
  ['a first POST', () => keys.FirstPost, { at: 1 }, {}],
  ['a no', () => keys.No, { at: 1, what: 'no' }, { by: 'U1' }],
  ['what was used', () => keys.KeptUsed, { at: 1, usedMs: 1 }, {}],
  ['a keep', () => keys.Kept, { at: 1, until: 2, usedMs: 1, by: 'U1', rule: 'long-adhoc', job: JOB }, {}],
  ['what was resolved', () => keys.Resolved, { at: 1 }, {}],
];
const takes = (schema: Schema, value: unknown): boolean => schema.safeParse(value).success;

describe.each(ENTRIES)('in the ledger: %s', (_name, schema, must, may) => {
  it('can be read with all of its fields, and with those of a later version', () => {
    expect(schema().safeParse({ ...must, ...may, later: 1 }).data).toEqual({ ...must, ...may });
    expect(schema().safeParse(must).data).toEqual(must);
  });

  it('is no such entry without a field, or with one of another type', () => {
    for (const field of Object.keys(must)) expect([field, takes(schema(), { ...must, [field]: undefined })]).toEqual([field, false]);
    for (const field of Object.keys({ ...must, ...may })) expect([field, takes(schema(), { ...must, [field]: [{}] })]).toEqual([field, false]);
    for (const [field, value] of Object.entries({ ...must, ...may })) {
      if (typeof value === 'object' && !Array.isArray(value)) expect([field, takes(schema(), { ...must, [field]: {} })]).toEqual([field, false]);
    }
  });
});

it.each<[word: string, schema: () => Schema, entry: Fields, words: string[]]>([
  ['what', () => keys.PostAnswer, { at: 1 }, ['accepted', 'unanswered', 'refused', 'impossible', 'unsent']],
  ['what', () => keys.Answer, { at: 1 }, ['yes', 'no', 'keep', 'kill', 'time']],
  ['what', () => keys.Noted, { at: 1, by: 'b', why: 'w' }, ['picked', 'warned', 'kept', 'paused', 'resumed']],
  ['outcome', () => keys.AtDoor, { at: 1, rule: 'team' }, ['refused', 'ignored']],
  ['of', () => keys.Card, { channel: 'C1', ts: '1.2' }, ['channel', 'owner']],
  ['who', () => keys.Held, { at: 1, until: 2 }, ['requester', 'approver']],
])('the words of `%s` are known, and no others: %#', (field, schema, entry, words) => {
  for (const word of words) expect([word, takes(schema(), { ...entry, [field]: word })]).toEqual([word, true]);
  for (const word of ['', 'other']) expect(takes(schema(), { ...entry, [field]: word })).toBe(false);
});

it('what can only be so, or not be there, is never something else; and what may be anything is', () => {
  const warning = { first: FIRST, round: 1, usedMs: 0 };
  expect(takes(keys.Began, { at: 1, since: 1, warns: false })).toBe(false);
  expect(takes(keys.Began, { at: 1, since: 1, warning: { ...warning, killNow: false } })).toBe(false);
  expect(takes(keys.Held, { at: 1, until: 2, dryRun: false })).toBe(false);
  expect(takes(keys.EndEntry, { ...END, mayTakeEffect: false })).toBe(false);
  expect(takes(keys.Began, { at: 1, since: 1, rule: { content: 'c', askAgainMs: 1 } })).toBe(true);
  for (const rule of [{ name: 'n' }, { content: 'c' }, { askAgainMs: 1 }]) expect(takes(keys.Began, { at: 1, since: 1, rule })).toBe(false);
  for (const part of ['first', 'round', 'usedMs']) expect([part, takes(keys.Began, { at: 1, since: 1, warning: { ...warning, [part]: undefined } })]).toEqual([part, false]);
  for (const part of ['channel', 'ts']) expect(takes(keys.Began, { at: 1, since: 1, thread: { channel: 'C1', ts: '1.2', [part]: undefined } })).toBe(false);
  for (const part of ['name', 'start']) expect(takes(keys.EndEntry, { ...END, of: { ...FIRST, [part]: undefined } })).toBe(false);
  expect(keys.Began.parse({ at: 1, since: 1, target: [1] })).toEqual({ at: 1, since: 1, target: [1] });
  expect(keys.HandedOn.parse({ at: 1, to: 'x', request: [1] })).toEqual({ at: 1, to: 'x', request: [1] });
});
