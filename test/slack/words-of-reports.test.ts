import { describe, expect, it } from '@jest/globals';
import type { WeeklyDigest } from '../../lib/core/digest.ts';
import type { RuleReport } from '../../lib/core/report.ts';
import { cleanupText } from '../../lib/slack/cleanup-text.ts';
import { digestText } from '../../lib/slack/digest-text.ts';
import { NOON } from '../core/a-job.ts';

const NOTHING: WeeklyDigest = { from: NOON - 7 * 86_400_000, until: NOON, killed: 0, sent: 0, warned: 0, kept: 0, endedThemselves: 0, wouldKill: 0, refused: [], users: [], queues: [] };
const digest = (fields: Partial<WeeklyDigest>): string[] => digestText({ ...NOTHING, ...fields }).replaceAll(/<!date[^|]*\|([^>]*)>/g, '$1').split('\n');

describe('the week in words', () => {
  it('leaves out what did not happen', () => {
    expect(digest({})).toEqual(['*The week* from 2026-02-22 12:00 UTC to 2026-03-01 12:00 UTC']);
  });

  it('counts one', () => {
    expect(digest({ killed: 1, sent: 1, warned: 1, kept: 1, endedThemselves: 1, wouldKill: 1 }).slice(1)).toEqual([
      '• 1 job killed', '• 1 kill was sent, and its end was not seen', '• 1 job warned', '• 1 job kept', '• 1 job ended by itself', '• 1 job would have been killed (dry run)',
    ]);
  });

  it('counts several, and names the most', () => {
    const named = [{ name: 'a`b', jobs: 3 }, { name: 'n'.repeat(70), jobs: 1 }];
    const words = `\`a'b\` 3, \`${'n'.repeat(59)}…\` 1`;
    expect(digest({ killed: 2, sent: 2, warned: 2, kept: 2, endedThemselves: 2, wouldKill: 2, refused: named, users: named, queues: named }).slice(1)).toEqual([
      '• 2 jobs killed', '• 2 kills were sent, and their ends were not seen', '• 2 jobs warned', '• 2 jobs kept', '• 2 jobs ended by themselves', '• 2 jobs would have been killed (dry run)',
      `• refused: ${words}`, `Most killed, by user: ${words}`, `Most killed, by queue: ${words}`,
    ]);
  });
});

describe('a cleanup in words', () => {
  const rule: RuleReport = { rule: 'stale', action: 'kill', dryRun: false, matched: 3, started: 3, asked: 0, warned: 0, repeated: 0, spared: [], refused: undefined, failed: 0 };
  const report = (fields: Partial<RuleReport>, stage: 'begins' | 'done' = 'done'): string[] => cleanupText({ rules: [{ ...rule, ...fields }], unreadable: [] }, stage).split('\n');

  it('that was skipped says why', () => {
    expect(cleanupText({ rules: [rule], unreadable: [], skipped: 'PAUSED is on' }, 'done')).toBe('*Cleanup skipped*: PAUSED is on; nothing was killed');
  });

  it.each<[Partial<RuleReport>, string]>([
    [{}, '3 matched, 3 being killed'],
    [{ dryRun: true }, '3 matched, 3 would be killed (dry run)'],
    [{ warned: 1, asked: 1 }, '3 matched, 1 being killed, 1 warned, 1 asked about'],
    [{ warned: 1, asked: 1, dryRun: true }, '3 matched, 1 would be killed (dry run), 1 warned in a dry run, 1 asked about in a dry run'],
    [{ action: 'ask', asked: 3 }, '3 matched, 3 asked about'], [{ action: 'notify' }, '3 matched, 3 shown'],
    [{ repeated: 1, failed: 2 }, '3 matched, 3 being killed, 1 already handled, 2 could not be started'],
  ])('%j', (fields, words) => {
    expect(report(fields)).toEqual(['*Cleanup*', `• \`stale\`: ${words}`]);
  });

  it('that begins says what matched, and nothing of what will come of it', () => {
    expect(report({ action: 'ask', asked: 3 }, 'begins')).toEqual(['*Cleanup begins*', '• `stale`: 3 matched']);
  });

  it('says what was left alone, five at most, and what was refused', () => {
    const spared = Array.from({ length: 6 }, (_, number) => ({ job: `job-${number}`, by: 'protected' }));
    expect(report({ spared: spared.slice(0, 5) })[2]).toBe('   left alone: `job-0` (protected), `job-1` (protected), `job-2` (protected), `job-3` (protected), `job-4` (protected)');
    expect(report({ spared, refused: { by: 'perDelivery', reason: 'too many', jobs: 2 } })).toEqual([
      '*Cleanup*', '• `stale`: 3 matched, 3 being killed, 6 left alone, 2 refused by perDelivery',
      '   left alone: `job-0` (protected), `job-1` (protected), `job-2` (protected), `job-3` (protected), `job-4` (protected), and 1 more', '   too many',
    ]);
  });

  it('mentions people once it is done, and not when it begins', () => {
    const spared = [{ job: 'etl', by: 'kept by U012AB3CD, until 2026-03-01 14:00 UTC' }];
    expect([report({ spared })[2]?.includes('<@U012AB3CD>'), report({ spared }, 'begins')[2]?.includes('<@')]).toEqual([true, false]);
  });

  it('is cut at 3,500 characters, lines whole', () => {
    const lines = (count: number, last: string): string[] => cleanupText({ rules: [], unreadable: [...Array<string>(count).fill('x'.repeat(20)), last].map((cluster) => ({ cluster, reason: 'r' })) }, 'done').split('\n');
    const one = '• cluster `xxxxxxxxxxxxxxxxxxxx` could not be read: r'.length + 1;
    const room = 3_500 - '*Cleanup*\n'.length;
    const count = Math.floor(room / one);
    const left = room - count * one;
    expect(lines(count - 1, 'y'.repeat(20 + left)).at(-1)).toContain('yyy');
    expect(lines(count - 1, 'y'.repeat(20 + left + 1)).at(-1)).toBe('… and 1 more line; the log has them all');
    expect(lines(count + 1, '').at(-1)).toBe('… and 2 more lines; the log has them all');
  });
});
