import { describe, expect, it } from '@jest/globals';
import { type Asking, dayPartition, type EndEntry, historySince, jobPartition, type JobSeen, type Noted, startAnswer, startEnd, startHeld } from '../../lib/ledger/keys.ts';
import type { PutEntry } from '../../lib/ledger/port.ts';
import { listHistory } from '../../lib/slack/history.ts';
import { isEnd, newestTold, openRequests, type Told } from '../../lib/slack/read-ends.ts';
import { aJob, HOUR_MS, NOON } from '../core/a-job.ts';
import { endAs, entryOf } from '../start/a-start.ts';
import { aSlack } from './a-slack.ts';

const DAY_MS = 24 * HOUR_MS;
const JOB = aJob();
const jobOf = (id: string): JobSeen => ({ cluster: 'c', job_id: id, job_name: id, job_type: '', user: '', queue: '', app_id: '', launcher_id: '' });
const at = (minute: number): number => NOON + minute * 60_000;
const key = (partition: string, minute: number, name: string, word: string) => ({ partition, rest: `${new Date(at(minute)).toISOString()}-${name}-${word}` });
const end = (minute: number, fields: Partial<EndEntry> = {}, partition = 'p'): PutEntry => entryOf(key(partition, minute, `run-${minute}`, '1'), endAs({ began: at(minute), at: at(minute), ended: at(minute), by: `ci-${minute}`, ...fields }));
const noted = (minute: number, what: 'warned' | 'kept', fields: Partial<Noted> = {}): PutEntry => entryOf(key('p', minute, `run-${minute}`, what), { at: at(minute), what, by: `who-${minute}`, why: '', ...fields });

async function told(entries: PutEntry[], { partitions = ['p'], most = 3, isMeant, now = NOON }: { partitions?: string[]; most?: number; isMeant?: (told: Told) => boolean; now?: number } = {}) {
  const { parts, ledger, clock } = await aSlack();
  for (let first = 0; first < entries.length; first += 25) await ledger.put(entries.slice(first, first + 25));
  clock.advanceTo(now);
  ledger.calls.length = 0;
  const found = await newestTold(parts, partitions, most, isMeant);
  return { words: found.map((one) => `${isEnd(one) ? 'end' : one.what} ${one.by.replace(/\D/g, '')}`), lists: ledger.calls.length };
}

describe('the newest Ends', () => {
  it('are so many, the newest first, each once though it stands in several places', async () => {
    expect((await told([1, 2, 3, 4].map((minute) => end(minute)))).words).toEqual(['end 4', 'end 3', 'end 2']);
    expect((await told([end(1), end(2), end(2, {}, 'q'), end(3, {}, 'q')], { partitions: ['p', 'q', 'p'] }))).toEqual({ words: ['end 3', 'end 2', 'end 1'], lists: 2 });
  });

  it('are those that are meant, and that can be read', async () => {
    expect((await told([end(1), end(2, { rule: 'alerts' }), end(3), entryOf(key('p', 4, 'run-4', '1'), { outcome: 'unheard of' }), entryOf(key('p', 5, 'run-5', '0'), { at: NOON })], { isMeant: (one) => !isEnd(one) || one.rule !== 'alerts' })).words).toEqual(['end 3', 'end 1']);
  });

  it('are looked for until there are enough, page by page', async () => {
    const many = Array.from({ length: 120 }, (_, minute) => end(minute, minute < 5 ? {} : { rule: 'alerts' }));
    expect(await told(many, { isMeant: (one) => isEnd(one) && one.rule !== 'alerts', most: 2 })).toEqual({ words: ['end 4', 'end 3'], lists: 3 });
    expect((await told(Array.from({ length: 120 }, (_, minute) => end(minute)), { most: 2 })).lists).toBe(1);
  });

  it('have beside them who kept a job, and what is warned still, five at most, and none after the last of them', async () => {
    const entries = [end(10), end(20), end(30), end(40), ...[5, 25, 35, 45, 46, 47].map((minute) => noted(minute, 'kept', { job: jobOf(`j${minute}`) }))];
    expect((await told(entries, { most: 2 })).words).toEqual(['kept 47', 'kept 46', 'kept 45', 'end 40', 'kept 35', 'end 30']);
    expect((await told(entries, { most: 4 })).words).toEqual(['kept 47', 'kept 46', 'kept 45', 'end 40', 'kept 35', 'end 30', 'kept 25', 'end 20', 'end 10']);
    expect((await told(entries, { most: 9 })).words).toHaveLength(9);
  });

  it.each<[string, PutEntry[], boolean]>([
    ['stands', [], true],
    ['stands to this moment', [], true],
    ['is of another job than what ended', [end(2, { job: jobOf('other') })], true],
    ['came after what ended', [end(0, { ended: at(1) - 1, job: jobOf('j') })], true],
    ['came with what ended', [end(0, { ended: at(1), job: jobOf('j') })], false],
    ['came before what ended', [end(2, { job: jobOf('j') })], false],
    ['came before what ended, by when that began', [end(2, { ended: undefined as never, job: jobOf('j') })], false],
    ['came before a keep', [noted(2, 'kept', { job: jobOf('j') })], false],
    ['came after a keep', [noted(0, 'kept', { job: jobOf('j') })], true],
    ['came before another warning', [noted(2, 'warned', { job: jobOf('j'), until: NOON + DAY_MS })], true],
  ])('tell of a warning that %s: %s', async (_what, entries, isTold) => {
    const { words } = await told([noted(1, 'warned', { job: jobOf('j'), until: NOON + HOUR_MS }), ...entries], { now: NOON + HOUR_MS });
    expect(words.includes('warned 1')).toBe(isTold);
  });

  it('tell of no warning that is over', async () => {
    expect((await told([noted(1, 'warned', { until: NOON + HOUR_MS })], { now: NOON + HOUR_MS + 1 })).words).toEqual([]);
    expect((await told([noted(1, 'warned')], { now: at(1) + 1 })).words).toEqual([]);
    expect((await told([noted(1, 'warned')], { now: at(1) })).words).toEqual(['warned 1']);
  });
});

describe('the requests for a job that have no end yet', () => {
  const asking = (by: string, minute: number, fields: Partial<Asking> = {}): Asking => ({ at: at(minute), trigger: 'api', by, why: '', ...fields });
  const RUN = 'api-live-0123456789abcdef0123456789abcdef';
  const opened = (word: string, minute: number, by: string, name = `${RUN.slice(0, -2)}${String(minute + 50).padStart(2, '0')}`) => ({ name, entry: entryOf({ partition: jobPartition(word), rest: `${new Date(at(minute)).toISOString()}-${name}-0` }, asking(by, minute)) });
  async function open(entries: PutEntry[], { words = ['etl', JOB.job_id], isMeant = () => true, now = NOON }: { words?: string[]; isMeant?: (asking: Asking) => boolean; now?: number } = {}) {
    const { parts, ledger, clock } = await aSlack();
    for (let first = 0; first < entries.length; first += 25) await ledger.put(entries.slice(first, first + 25));
    clock.advanceTo(now);
    return (await openRequests(parts, words, isMeant)).map(({ asking: { by }, askedUntil }) => (askedUntil === undefined ? by : `${by} asked until ${(askedUntil - NOON) / 60_000}`));
  }

  it('are found by any word, the newest first, each once, five at most', async () => {
    const both = opened('etl', 1, 'a');
    expect(await open([both.entry, opened(JOB.job_id, 1, 'a', both.name).entry, opened(JOB.job_id, 2, 'b').entry, opened('other', 3, 'c').entry])).toEqual(['b', 'a']);
    expect(await open(Array.from({ length: 7 }, (_, minute) => opened('etl', minute, `m${minute}`).entry))).toEqual(['m6', 'm5', 'm4', 'm3', 'm2']);
  });

  it('leave out what has ended, by its history or by its End, what is warned, and what is not meant', async () => {
    const ended = opened('etl', 1, 'ended');
    const late = opened('etl', 2, 'late');
    const warned = opened('etl', 3, 'warned');
    const entries = [ended, late, warned, opened('etl', 4, 'no'), opened('etl', 5, 'open')].map(({ entry }) => entry);
    const more = [entryOf({ ...ended.entry.key, rest: ended.entry.key.rest.replace(/0$/, '1') }, endAs({})), entryOf(startEnd(late.name, 1), endAs({})), entryOf(startHeld(warned.name, 1, 'warned'), { at: NOON, until: NOON })];
    expect(await open([...entries, ...more], { isMeant: ({ by }) => by !== 'no' })).toEqual(['open']);
  });

  it('say until when somebody is asked, unless that was answered', async () => {
    const asked = opened('etl', 1, 'a');
    const answered = opened('etl', 2, 'b');
    const held = (name: string): PutEntry => entryOf(startHeld(name, 1, 'asked'), { at: NOON, until: NOON + 15 * 60_000 });
    expect(await open([asked.entry, answered.entry, held(asked.name), held(answered.name), entryOf(startAnswer(answered.name, 1), { at: NOON, what: 'yes', by: 'U1' })])).toEqual(['b', 'a asked until 15']);
  });

  it('are of the last ten hours and ten minutes, as long as one lives', async () => {
    const old = opened('etl', 0, 'old');
    expect(await open([old.entry], { now: NOON + 10 * HOUR_MS + 600_000 })).toEqual(['old']);
    expect(await open([old.entry], { now: NOON + 10 * HOUR_MS + 600_001 })).toEqual([]);
  });

  it('are found page by page', async () => {
    const many = Array.from({ length: 60 }, (_, minute) => opened('etl', minute, `m${minute}`, `${RUN.slice(0, -2)}${minute + 10}`).entry);
    expect((await open(many))[0]).toBe('m59');
  });

  it('of a later start are that start', async () => {
    const second = opened('etl', 1, 'second', `${RUN}-2`);
    expect(await open([second.entry, entryOf(startEnd(RUN, 2), endAs({}))])).toEqual([]);
    expect(await open([second.entry, entryOf(startEnd(RUN, 1), endAs({}))])).toEqual(['second']);
  });
});

describe('the history of all', () => {
  const ofDay = (day: number, minute: number, fields: Partial<EndEntry> = {}): PutEntry => {
    const began = NOON - day * DAY_MS + minute * 60_000;
    return entryOf({ partition: dayPartition(began), rest: `${historySince(began)}-run-${day}-${minute}-1` }, endAs({ began, at: began, ended: began, trigger: 'api', by: `d${day}m${minute}`, ...fields }));
  };
  async function history(entries: PutEntry[], of?: string): Promise<string[]> {
    const { parts, ledger } = await aSlack({ policy: { alerts: [{ match: { alertname: 'Stuck' }, action: 'kill' }] as never } });
    for (let first = 0; first < entries.length; first += 25) await ledger.put(entries.slice(first, first + 25));
    return (await listHistory(parts, of)).text.split('\n').map((line) => /asked for by `([^`]*)`/.exec(line)?.[1] ?? line);
  }

  it('goes back day by day until there are ten, for 30 days', async () => {
    const entries = [...Array.from({ length: 6 }, (_, minute) => ofDay(0, minute)), ...Array.from({ length: 6 }, (_, minute) => ofDay(29, minute)), ofDay(30, 0)];
    expect(await history(entries)).toEqual(['*How the last 10 requests ended*', ...[5, 4, 3, 2, 1, 0].map((minute) => `d0m${minute}`), ...[5, 4, 3, 2].map((minute) => `d29m${minute}`)]);
    expect(await history([ofDay(30, 0)])).toEqual(['*No request for a kill ended in the last 30 days*']);
    expect(await history([ofDay(1, 0)])).toEqual(['*How the last request ended*', 'd1m0']);
  });

  it('leaves out what no rule meant', async () => {
    expect(await history([ofDay(0, 1, { outcome: 'ignored' }), ofDay(0, 2, { outcome: 'refused', rule: 'alerts' }), ofDay(0, 3)])).toEqual(['*How the last request ended*', 'd0m3']);
  });

  it('of a word that nobody asked about says what to give', async () => {
    expect(await history([], 'etl')).toEqual(['*No request about `etl` ended in the last 30 days. Give the name or an id of a job, or the name of a rule*']);
  });
});
