import { describe, expect, it } from '@jest/globals';
import * as keys from '../../lib/ledger/keys.ts';
import type { Key } from '../../lib/ledger/port.ts';
import { nameOccurrence } from '../../lib/start/names.ts';

const CONTENT = '0123456789abcdef0123456789abcdef';
const RULE = { name: 'long-adhoc' };
const BEGAN = 1_795_867_200_000; // 2026-11-28T12:00:00Z

describe('the keys of the ledger', () => {
  // Each key is made within its test, which makes it known who looks at it.
  it.each<[text: string, make: () => Key]>([
    ['run/alerts-live-1 | job', () => keys.runJob('alerts-live-1')],
    ['run/alerts-live-1 | record', () => keys.runRecord('alerts-live-1')],
    ['run/alerts-live-1 | record/2', () => keys.runRecord('alerts-live-1', 2)],
    ['run/alerts-live-1 | post/2', () => keys.runPost('alerts-live-1', 2)],
    ['run/alerts-live-1 | answer/2', () => keys.runPostAnswer('alerts-live-1', 2)],
    ['start/alerts-live-1 | 000012/began', () => keys.startBegan('alerts-live-1', 12)],
    ['start/alerts-live-1 | 000012/end', () => keys.startEnd('alerts-live-1', 12)],
    ['start/alerts-live-1 | 000001/card/C1/1.2', () => keys.startCard('alerts-live-1', 1, 'C1', '1.2')],
    ['start/alerts-live-1 | 000001/warned', () => keys.startHeld('alerts-live-1', 1, 'warned')],
    ['start/alerts-live-1 | 000001/choice', () => keys.startChoice('alerts-live-1', 1)],
    ['start/alerts-live-1 | 000001/answer', () => keys.startAnswer('alerts-live-1', 1)],
    ['start/alerts-live-1 | 000001/handed/alerts-live-1-c1', () => keys.startHandedOn('alerts-live-1', 1, 'alerts-live-1-c1')],
    ['start/alerts-live-1 | 000001/posted/job-1', () => keys.startPosted('alerts-live-1', 1, 'job-1')],
    ['start/alerts-live-1 | 000001/ended/alerts-live-1-c1', () => keys.startEndOf('alerts-live-1', 1, 'alerts-live-1-c1')],
    ['start/alerts-live-1 | 000001/told', () => keys.startTold('alerts-live-1', 1)],
    ['lives | 3600000', () => keys.livesKey(3_600_000)],
    ['door/alerts-live-1 | -', () => keys.doorKey('alerts-live-1')],
    ['day/2026-11-28 | 2026-11-28T12:00:00.000Z-alerts-live-1-2-1', () => keys.dayKey(BEGAN, 'alerts-live-1-2', '1')],
    ['job/3424ff316bd33030ee8973afcf8d863f | 2026-11-28T12:00:00.000Z-x-picked', () => keys.jobKey('job-1', BEGAN, 'x', 'picked')],
    ['rule/long-adhoc | 2026-11-28T12:00:00.000Z-x-0', () => keys.ruleKey(RULE, BEGAN, 'x', '0')],
    ['places | -', () => keys.placesKey],
    [`pick/=${CONTENT}/cluster-1 | -`, () => keys.pickKey(CONTENT, 'cluster-1', false)],
    [`pick/=${CONTENT}/cluster-1 | dry`, () => keys.pickKey(CONTENT, 'cluster-1', true)],
    [`pick/=${CONTENT}/cluster-1 | o`, () => keys.pickedForKey(CONTENT, 'cluster-1', 'o', false)],
    [`pick/=${CONTENT}/cluster-1 | o dry`, () => keys.pickedForKey(CONTENT, 'cluster-1', 'o', true)],
    ['name/cluster-1/1ab313f8b6902ed85480e285f37f49d7 | job-1 alerts-live-1', () => keys.nameKey('cluster-1', 'etl', 'job-1', 'alerts-live-1')],
    ['no/long-adhoc | job-1', () => keys.noKey(RULE, 'job-1', false)],
    ['no/long-adhoc | job-1 dry', () => keys.noKey(RULE, 'job-1', true)],
    ['no/long-adhoc | job-1 o', () => keys.noOfOccurrenceKey(RULE, 'job-1', 'o', false)],
    ['no/long-adhoc | job-1 dry o', () => keys.noOfOccurrenceKey(RULE, 'job-1', 'o', true)],
    ['warn/long-adhoc | job-1', () => keys.warnKey(RULE, 'job-1')],
    ['kept | job-1 long-adhoc cleanup-live-1-2', () => keys.keptKey('job-1', RULE, 'cleanup-live-1', 2)],
    ['used/long-adhoc | job-1 cleanup-live-1-2', () => keys.keptUsedKey('job-1', RULE, 'cleanup-live-1', 2)],
    ['resolved/o | -', () => keys.resolvedKey('o')],
    ['switch | -', () => keys.switchKey],
    ['switch | 2026-11-28T12:00:00.000Z', () => ({ partition: keys.SWITCH_OWNER, rest: keys.historySince(BEGAN) })],
    ['told/13b464d15905e435b08d28c413f3fad7/2026-W48 | -', () => keys.toldKey('source rule', '2026-W48')],
  ])('%s is read by later versions', (text, make) => {
    const { partition, rest } = make();
    expect(`${partition} | ${rest}`).toBe(text);
  });

  it.each([
    ['a.b-c_1', 'a.b-c_1'], ['x'.repeat(64), 'x'.repeat(64)], ['x'.repeat(65), '=1c9c4cf03b33aa2ed9793bb25a618b9c'], ['', '=055539df4a0b804c58caf46c0cd2941a'], ['a b', '=541e27fe8b978a09c9f563ba3c0e1938'], ['é', '=0b657be394b1d432f8d1942406ed09c2'],
  ])('a rule with the name %j is %s', (name, word) => {
    expect(keys.ruleWord({ name })).toBe(word);
  });

  it('are kept as long as the contract says', () => {
    expect([keys.RUN_KEPT_MS, keys.END_KEPT_MS, keys.NAME_KEPT_MS, keys.DOOR_KEPT_MS]).toEqual([1_209_600_000, 2_592_000_000, 4_500_000, 1_209_600_000]);
  });

  it.each([
    ['a job', () => keys.jobPartition('name with spaces/and more')],
    ['the name of a job', () => keys.namePartition('cluster-1', 'etl | x'.repeat(1_000))],
    ['an occurrence', () => keys.resolvedKey(nameOccurrence('generic', '\ud800/\0')).partition],
    ['a notice', () => keys.toldKey('source rule', '2026-W48').partition],
    ["a pick's rule", () => keys.pickKey(CONTENT, 'cluster-1', false).partition],
    ['a rule with a name that is no word', () => keys.noPartition({ name: 'all / of it' })],
    ['a rule without a name', () => keys.rulePartition({ content: CONTENT })],
  ])('%s from outside is in a key by its hash only', (_, make) => {
    expect(make()).toMatch(/^[a-z]+\/(?:cluster-1\/)?=?[0-9a-f]{32}(?:\/(?:cluster-1|2026-W48))?$/);
  });

  it('two words that are put together differently are two keys', () => {
    expect(nameOccurrence('a', 'bc')).not.toBe(nameOccurrence('ab', 'c'));
    expect(keys.ruleWord({ name: '=00' })).not.toBe('=00');
  });

  it('a list of the starts has the newest last, and each entry says whose it is', () => {
    const rests = [10, 2, 1].map((number) => keys.startBegan('x', number).rest);
    expect(rests.toSorted().map((rest) => keys.readStartRest(rest))).toEqual([1, 2, 10].map((number) => ({ number, what: 'began' })));
    expect(keys.readStartRest(keys.startCard('x', 3, 'C1', '1.2').rest)).toEqual({ number: 3, what: 'card/C1/1.2' });
  });

  it('an entry of a later version, with fields that are not known yet, can be read', () => {
    expect(keys.Answer.parse({ at: 1, what: 'no', by: 'U1', later: true })).toEqual({ at: 1, what: 'no', by: 'U1' });
  });
});
