import { afterEach, describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { CleanupReport, RuleReport } from '../../lib/core/report.ts';
import { cleanupText } from '../../lib/slack/cleanup-text.ts';
import { type CleanupStage, cleanupPolicy, startCleanupStage } from '../stage/cleanup.ts';
import { runs } from '../support/full-size.ts';

const LONGEST_UPDATE = 4_000;
const HOSTILE = ['<!channel>', '<!here>', '<@U0VICTIM>', '<https://evil.example|open>', '```', '`', '*', '\n', '\u2028', '\u0000', '\u202e', '\ud800', '&', '<', '>', '👩‍💻', 'ü'];
const anyText = fc.oneof(
  fc.string({ unit: 'binary', maxLength: 40 }),
  fc.array(fc.constantFrom(...HOSTILE), { maxLength: 20 }).map((parts) => parts.join('')),
  fc.tuple(fc.constantFrom(...HOSTILE, 'x'), fc.integer({ min: 100, max: 5_000 })).map(([unit, times]) => unit.repeat(times)),
);
const anyCount = fc.oneof(fc.nat(5), fc.constantFrom(1_000, 100_000));

const aRule = (fields: Partial<RuleReport> = {}): RuleReport => ({
  rule: 'stale', action: 'kill', dryRun: false, matched: 1, started: 1, asked: 0, warned: 0, repeated: 0, spared: [], refused: undefined, failed: 0, ...fields,
});
const aReport = (...rules: Partial<RuleReport>[]): CleanupReport => ({ rules: rules.map(aRule), unreadable: [] });
const anyRule: fc.Arbitrary<RuleReport> = fc.record({
  rule: anyText, action: fc.constantFrom('kill', 'ask', 'notify'), dryRun: fc.boolean(), matched: anyCount, started: anyCount, asked: anyCount, warned: anyCount, repeated: anyCount, failed: anyCount,
  spared: fc.array(fc.record({ job: anyText, by: anyText }), { maxLength: 30 }),
  refused: fc.option(fc.record({ by: fc.constantFrom('perDelivery', 'perHour', 'percentOfRunning'), reason: anyText, jobs: anyCount }), { nil: undefined }),
});
const anyReport: fc.Arbitrary<CleanupReport> = fc.record({ rules: fc.array(anyRule, { maxLength: 60 }), unreadable: fc.array(fc.record({ cluster: anyText, reason: anyText }), { maxLength: 20 }) });

describe('the text of a report', () => {
  it('of any rules, names and reasons fits into an update of Slack, and nothing foreign works in it', () => {
    fc.assert(
      fc.property(anyReport, fc.constantFrom('begins' as const, 'done' as const), (report, stage) => {
        const text = cleanupText(report, stage);
        expect(text.length).toBeLessThan(LONGEST_UPDATE);
        expect(text).not.toMatch(/[<>]/);
        expect(text).not.toMatch(/&(?!amp;|lt;|gt;)/);
        expect(text.replaceAll('\n', '')).not.toMatch(/[\p{Cc}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/u);
        expect(text.isWellFormed()).toBe(true);
        expect(text.split('\n').every((line) => /^(?:\*Cleanup|• |   |… and \d+ more lines?;)/.test(line))).toBe(true);
      }),
      { numRuns: runs(400) },
    );
  });

  it('that is too long says how many lines are left out', () => {
    const text = cleanupText(aReport(...Array.from({ length: 200 }, (_, index) => ({ rule: `rule-${index}` }))), 'done');
    const shown = text.split('\n');
    expect(shown.at(-1)).toBe(`… and ${201 - (shown.length - 1)} more lines; the log has them all`);
  });

  it('names the clusters that could not be read first, where nothing cuts them off', () => {
    const report = { ...aReport(...Array.from({ length: 200 }, (_, index) => ({ rule: `rule-${index}` }))), unreadable: [{ cluster: 'dev', reason: 'down' }] };
    expect(cleanupText(report, 'done').split('\n')[1]).toBe('• cluster `dev` could not be read: down');
  });

  it.each<[Partial<RuleReport>, string]>([
    [{}, '1 matched, 1 being killed'],
    [{ dryRun: true }, '1 matched, 1 would be killed (dry run)'],
    [{ action: 'ask', asked: 1 }, '1 matched, 1 asked about'],
    [{ action: 'ask', asked: 1, dryRun: true }, '1 matched, 1 asked about in a dry run'],
    [{ action: 'notify' }, '1 matched, 1 shown'],
    [{ matched: 3, started: 3, asked: 1 }, '3 matched, 2 being killed, 1 asked about'],
    [{ matched: 4, started: 4, warned: 3 }, '4 matched, 1 being killed, 3 warned'],
    [{ matched: 4, started: 4, warned: 3, asked: 1 }, '4 matched, 0 being killed, 3 warned, 1 asked about'],
    [{ matched: 2, started: 2, warned: 2, dryRun: true }, '2 matched, 0 would be killed (dry run), 2 warned in a dry run'],
    [{ matched: 3, repeated: 2 }, '3 matched, 1 being killed, 2 already handled'],
    [{ matched: 2, failed: 1 }, '2 matched, 1 being killed, 1 could not be started'],
    [{ matched: 4, started: 0, refused: { by: 'perHour', reason: 'too many', jobs: 4 } }, '4 matched, 0 being killed, 4 refused by perHour\n   too many'],
    [{ matched: 7, spared: ['a', 'b', 'c', 'd', 'e', 'f'].map((job) => ({ job, by: 'protected' })) }, '7 matched, 1 being killed, 6 left alone\n   left alone: `a` (protected), `b` (protected), `c` (protected), `d` (protected), `e` (protected), and 1 more'],
  ])('says of %j: %s', (fields, words) => {
    expect(cleanupText(aReport(fields), 'done')).toBe(`*Cleanup*\n• \`stale\`: ${words}`);
  });
});

it('mentions who keeps a job when it is done and not when it begins: that message comes with each run', () => {
  const report = aReport({ spared: [{ job: 'nb-1', by: 'kept by U012AB3CD, until 2026-11-28 14:30 UTC' }] });
  expect(cleanupText(report, 'begins')).toContain('`nb-1` (kept by U012AB3CD, until <!date^');
  expect(cleanupText(report, 'done')).toContain('`nb-1` (kept by <@U012AB3CD>, until <!date^');
});

describe('a run with a thousand matches', () => {
  let stage: CleanupStage;
  afterEach(() => stage.close());

  it('and hostile names posts one message that Slack takes, and updates it', async () => {
    const rules = Array.from({ length: 30 }, (_, index) => `  - { name: "<!channel> ${'&'.repeat(40)} ${index}", cluster: analytics, match: { queue: "q${index}" }, action: kill }`).join('\n');
    stage = await startCleanupStage(cleanupPolicy(rules, 'protected: [{ user: "*" }]'));
    for (let job = 0; job < 1_000; job++) stage.addRunning(`<@U0VICTIM> ${'`<&'.repeat(60)} ${job}`, 9, { queue: `q${job % 30}` });
    const { rules: reported } = await stage.run();
    expect(reported.reduce((sum, { matched, spared }) => sum + (matched === spared.length ? matched : 0), 0)).toBe(1_000);
    const { text, history } = stage.report();
    for (const version of [text, ...history.map((before) => before.text)]) {
      expect(version.length).toBeLessThan(LONGEST_UPDATE);
      expect(version).not.toMatch(/[<>]/);
    }
    expect(stage.logged('the cleanup report could not be posted')).toEqual([]);
    expect(stage.simulator.killed()).toEqual([]);
  });

  it('that are all to go starts them all, each once', async () => {
    stage = await startCleanupStage(cleanupPolicy('  - { name: all, cluster: analytics, match: { queue: adhoc }, action: kill }', 'limits: { perDelivery: 5000, perHour: 5000, percentOfRunning: 100 }'));
    for (let job = 0; job < 1_000; job++) stage.addRunning(`nb-${job}`, 9, { queue: 'adhoc' });
    stage.hold(); // for ever: the starts are enough
    expect((await stage.run()).rules).toMatchObject([{ matched: 1_000, started: 1_000 }]);
    expect(stage.report().text).toBe('*Cleanup*\n• `all`: 1000 matched, 1000 being killed');
    expect(new Set(stage.names()).size).toBe(1_000);
  }, 20_000);
});
