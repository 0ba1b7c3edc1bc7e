import { expect, it } from '@jest/globals';
import { dryRunReason, isDryRun } from '../../lib/core/dry-run.ts';
import { declinedEnd, isUntried, OUTCOMES, refusedEnd, RULES } from '../../lib/core/end.ts';
import { silentReporter } from '../../lib/core/report.ts';
import { ASK_AGAIN_MS, isPick, targetText } from '../../lib/core/request.ts';
import { sha256 } from '../../lib/core/sha256.ts';
import { aJob, aRequest } from './a-job.ts';

it('what is meant is said in a few words', () => {
  expect(targetText({ job: { by: 'name', name: 'nightly-etl' } })).toContain('nightly-etl');
  expect(targetText({ cluster: 'dev', pick: { queue: 'adhoc', order: 'newest', count: 1, cooldownMs: 1 } })).toBe('the newest job of dev (queue: adhoc)');
  expect(targetText({ cluster: 'dev', pick: { queue: 'adhoc', order: 'longest-running', count: 2 } })).toBe('the 2 longest-running jobs of dev (queue: adhoc)');
});

it('a job that somebody said no to is left alone for a day, unless its rule says otherwise', () => {
  expect(ASK_AGAIN_MS).toBe(86_400_000);
});

it('a pick is told from a job that is named', () => {
  expect(isPick(aRequest())).toBe(false);
  expect(isPick({ ...aRequest(), target: { cluster: 'dev', pick: { order: 'newest', count: 1 } } })).toBe(true);
});

it('an end by a rule begins with its name, an end by a no has who said it', () => {
  expect(refusedEnd('protected', 'hands off')).toStrictEqual({ outcome: 'refused', rule: 'protected', reason: 'protected: hands off' });
  expect(refusedEnd('protected', 'hands off', aJob())).toStrictEqual({ outcome: 'refused', rule: 'protected', reason: 'protected: hands off', job: aJob() });
  expect(declinedEnd(undefined)).toStrictEqual({ outcome: 'declined', reason: 'the kill was declined; nothing was killed' });
  expect(declinedEnd('U1')).toStrictEqual({ outcome: 'declined', reason: 'the kill was declined; nothing was killed', answeredBy: 'U1' });
});

it('nothing was tried where it may be otherwise at another moment, by nobody having mended anything', () => {
  const untried = (isChosen: boolean): string[] => [...OUTCOMES.filter((outcome) => isUntried({ outcome }, isChosen)), ...RULES.filter((rule) => isUntried({ outcome: 'refused', rule }, isChosen))];
  expect(untried(false)).toEqual(['not-found', 'ambiguous', 'paused', 'warn', 'perHour', 'percentOfRunning']);
  expect(untried(true)).toEqual(['already-over', 'not-found', 'ambiguous', 'paused', 'resolved', 'kept', 'repeat', 'warn', 'perHour', 'percentOfRunning']);
  expect(isUntried({ outcome: 'expired', rule: 'paused' }, false)).toBe(false);
});

it('a kill is only played where request or policy wants that, and says why', () => {
  const live = { trigger: 'alerts', dryRun: false } as const;
  const dry = { trigger: 'alerts', dryRun: true } as const;
  expect([isDryRun({ dryRun: false }, live), isDryRun({ dryRun: ['slack'] }, live), dryRunReason({ dryRun: false }, live)]).toEqual([false, false, undefined]);
  expect([isDryRun({ dryRun: true }, live), isDryRun({ dryRun: ['alerts'] }, live), isDryRun({ dryRun: false }, dry)]).toEqual([true, true, true]);
  expect(dryRunReason({ dryRun: ['alerts'] }, live)).toBe('dryRun in policy.yml covers alerts, so this was a dry run; set it to false to kill');
  expect(dryRunReason({ dryRun: true }, dry)).toBe('the request asked for a dry run');
  expect(dryRunReason({ dryRun: false }, { ...dry, policyRule: 'alerts.1' })).toBe('rule alerts.1, or this run of it, asked for a dry run');
});

it('where nobody is told, nothing is said and nothing fails', async () => {
  const { show, say, showCleanup, showDigest } = silentReporter;
  expect([await show(aRequest(), { stage: 'killing', job: aJob() }), await say('x', 'plain'), await showCleanup({ rules: [], unreadable: [] }, 'done')]).toEqual([undefined, undefined, undefined]);
  await expect(showDigest({ from: 0, until: 1, killed: 0, sent: 0, warned: 0, kept: 0, endedThemselves: 0, wouldKill: 0, refused: [], users: [], queues: [] })).resolves.toBeUndefined();
});

it('a hash is of the bytes of UTF-8', () => {
  expect(sha256('ü')).toBe('607474ca475a9724d7360aba71a56d5df77e61350e3f724cfa1f46e857e2d85f');
});
