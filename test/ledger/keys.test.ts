import { describe, expect, it } from '@jest/globals';
import * as keys from '../../lib/ledger/keys.ts';
import { nameOccurrence } from '../../lib/start/names.ts';

const CONTENT = '0123456789abcdef0123456789abcdef';
const RULE = { name: 'long-adhoc' };
const BEGAN = 1_795_867_200_000; // 2026-11-28T12:00:00Z

describe('the keys of the ledger', () => {
  it.each([
    [keys.runJob('alerts-live-1'), 'run/alerts-live-1 | job'],
    [keys.runPost('alerts-live-1', 2), 'run/alerts-live-1 | post/2'],
    [keys.runPostAnswer('alerts-live-1', 2), 'run/alerts-live-1 | answer/2'],
    [keys.startEnd('alerts-live-1', 12), 'start/alerts-live-1 | 000012/end'],
    [keys.startCard('alerts-live-1', 1, 'C1', '1.2'), 'start/alerts-live-1 | 000001/card/C1/1.2'],
    [keys.doorKey('alerts-live-1'), 'door/alerts-live-1 | -'],
    [keys.dayKey(BEGAN, 'alerts-live-1-2', '1'), 'day/2026-11-28 | 2026-11-28T12:00:00.000Z-alerts-live-1-2-1'],
    [keys.ruleKey(RULE, BEGAN, 'x', '0'), 'rule/long-adhoc | 2026-11-28T12:00:00.000Z-x-0'],
    [keys.placesKey, 'places | -'],
    [keys.noKey(RULE, 'job-1', false), 'no/long-adhoc | job-1'],
    [keys.noKey(RULE, 'job-1', true), 'no/long-adhoc | job-1 dry'],
    [keys.warnKey(RULE, 'job-1'), 'warn/long-adhoc | job-1'],
    [keys.keptKey('job-1', RULE, 'cleanup-live-1', 2), 'kept | job-1 long-adhoc cleanup-live-1-2'],
    [keys.switchKey, 'switch | -'],
  ])('%j is %s: later versions read it', ({ partition, rest }, text) => {
    expect(`${partition} | ${rest}`).toBe(text);
  });

  it.each([
    ['a job', keys.jobPartition('name with spaces/and more')],
    ['the name of a job', keys.namePartition('cluster-1', 'etl | x'.repeat(1_000))],
    ['an occurrence', keys.resolvedKey(nameOccurrence('generic', '\ud800/\0')).partition],
    ['a notice', keys.toldKey('source rule', '2026-W48').partition],
    ["a pick's rule", keys.pickKey(CONTENT, 'cluster-1', false).partition],
    ['a rule with a name that is no word', keys.noPartition({ name: 'all / of it' })],
    ['a rule without a name', keys.rulePartition({ content: CONTENT })],
  ])('%s from outside is in a key by its hash only', (_, partition) => {
    expect(partition).toMatch(/^[a-z]+\/(?:cluster-1\/)?=?[0-9a-f]{32}(?:\/(?:cluster-1|2026-W48))?$/);
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
