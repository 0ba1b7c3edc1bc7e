import { describe, expect, it } from '@jest/globals';
import type { End } from '../../lib/core/end.ts';
import type { Requested } from '../../lib/core/request.ts';
import { afterWarning, alertText, approversText, becauseText, keptText, pickText } from '../../lib/slack/background.ts';
import { aRequest, NOON } from '../core/a-job.ts';

const WARNING = { first: { name: 'first', start: 1 }, round: 1, usedMs: 0 };

describe('behind a request', () => {
  it.each<[string, Partial<Requested>, string[]]>([
    ['there is no alert', {}, []],
    ['an alert has a name', { alert: { name: 'Stuck' } }, ['alert `Stuck`']],
    ['an alert has a severity and a link', { alert: { name: 'Stuck', severity: 'critical', link: 'https://grafana.example/a' } }, ['alert `Stuck`, severity `critical`, <https://grafana.example/a|link>']],
    ['a link may lead nowhere', { alert: { name: 'Stuck', link: 'javascript:x' } }, ['alert `Stuck`']],
  ])('%s', (_, more, text) => expect(alertText(aRequest(more as never))).toEqual(text));

  const PICK = { pickedBy: 'pick-1', onlyIf: { queue: 'adhoc' } };
  it.each<[string, object, boolean]>([
    ['a pick chose, by a rule', { ...PICK, policyRule: 'crowd' }, true],
    ['a pick chose, by none', PICK, true],
    ['nobody chose', { onlyIf: { queue: 'adhoc' } }, false],
    ['nothing had to fit', { pickedBy: 'pick-1' }, false],
  ])('%s', (_, more, isSaid) => {
    const rule = 'policyRule' in more ? ' by rule `crowd`' : '';
    expect(pickText(aRequest(more as never))).toEqual(isSaid ? [expect.stringMatching(new RegExp(`^picked${rule}: \`.*adhoc.*\`$`))] : []);
  });

  it.each<[object, string]>([
    [{ trigger: 'alerts', why: '' }, ''],
    [{ trigger: 'cleanup', why: 'stale', policyRule: 'stale' }, ''],
    [{ trigger: 'cleanup', why: 'other', policyRule: 'stale' }, ', because other'],
    [{ trigger: 'alerts', why: 'stale', policyRule: 'stale' }, ', because stale'],
  ])('the reason of %j is "%s"', (given, text) => expect(becauseText(given as never)).toBe(text));

  it.each<[string[], string]>([
    [[], 'nobody (slack.mayApprove in policy.yml names nobody else)'],
    [['U012AB3C1', 'U012AB3C2'], '<@U012AB3C1>, <@U012AB3C2>'],
    [['U012AB3C1', 'U012AB3C2', 'U012AB3C3', 'U012AB3C4', 'U012AB3C5'], '<@U012AB3C1>, <@U012AB3C2>, <@U012AB3C3>, <@U012AB3C4>, <@U012AB3C5>'],
    [['U012AB3C1', 'U012AB3C2', 'U012AB3C3', 'U012AB3C4', 'U012AB3C5', 'U012AB3C6', 'U012AB3C7'], '<@U012AB3C1>, <@U012AB3C2>, <@U012AB3C3>, <@U012AB3C4>, <@U012AB3C5> and 2 more'],
  ])('of the approvers %j are named: %s', (ids, text) => expect(approversText(ids)).toBe(text));

  it('somebody may keep the job', () => {
    expect(keptText(undefined, new Date(NOON))).toEqual([]);
    expect(keptText({ by: 'U012AB3C1', until: NOON + 60_000 } as never, new Date(NOON))).toEqual([expect.stringMatching(/^\*kept\* until .*12:01.* by <@U012AB3C1>$/)]);
  });
});

describe('after a warning', () => {
  const STILL = 'the job still runs; the next cleanup run that finds it warns again';
  it.each<[string, object, Pick<End, 'outcome' | 'rule'>, string[]]>([
    ['there was none', {}, { outcome: 'killed' }, []],
    ['there was none, and it was refused', {}, { outcome: 'refused', rule: 'paused' }, []],
    ['it was killed', { warning: WARNING }, { outcome: 'killed' }, ['people were warned first']],
    ['it was killed at once', { warning: { ...WARNING, killNow: true } }, { outcome: 'killed' }, []],
    ['a first round ended killed', { warns: true }, { outcome: 'killed' }, ['people were warned first']],
    ['it ended otherwise', { warning: WARNING }, { outcome: 'failed', rule: 'paused' }, []],
    ...(['paused', 'kept', 'perHour', 'warn'] as const).map((rule): [string, object, Pick<End, 'outcome' | 'rule'>, string[]] => [`${rule} refused it`, { warns: true }, { outcome: 'refused', rule }, [STILL]]),
    ['paused refused one of an alert', { warns: true, alertSeen: {} }, { outcome: 'refused', rule: 'paused' }, ['the job still runs; the next alert for it warns again']],
    ['resolved refused it', { warning: WARNING }, { outcome: 'refused', rule: 'resolved' }, ['the job still runs']],
    ['changed refused it', { warning: WARNING }, { outcome: 'refused', rule: 'changed' }, ['the job still runs']],
    ['protected refused it', { warning: WARNING }, { outcome: 'refused', rule: 'protected' }, []],
  ])('%s', (_, more, end, text) => expect(afterWarning(aRequest(more as never), end)).toEqual(text));
});
