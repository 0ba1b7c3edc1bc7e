import { describe, expect, it } from '@jest/globals';
import type { View, Warned } from '../../lib/core/report.ts';
import type { KillRequest } from '../../lib/core/request.ts';
import { cardFor } from '../../lib/slack/request-card.ts';
import { aJob, aRequest, HOUR_MS, NOON } from '../core/a-job.ts';
import { buttonsOf } from '../simulator/slack-client.ts';

const NOW = new Date(NOON);
const OWNER = 'U0OWNER';
const AT_1430 = NOON + 2.5 * HOUR_MS;
const time = (at: number): string => `<!date^${at / 1_000}^{time}|${new Date(at).toISOString().slice(11, 16)} UTC>`;
const day = (at: number): string => `<!date^${at / 1_000}^{date_short_pretty}, {time}|${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC>`;

const CLEANUP: Partial<KillRequest> = { trigger: 'cleanup', requestedBy: 'cleanup rule stale', reason: 'stale', policyRule: 'stale' };
const warned = (fields: { [Field in keyof Warned]?: Warned[Field] | undefined } = {}): View =>
  ({ stage: 'warn', job: aJob(), until: AT_1430, keepMs: 2 * HOUR_MS, keepAtMostMs: 24 * HOUR_MS, usedMs: 0, dryRun: false, buttons: { name: 'cleanup-live-1', start: 1 }, ...fields }) as View;

/** The title, the small print and the labels of the buttons of a card. */
function read(view: View, request: Partial<KillRequest> = CLEANUP): { title: string; print: string[]; labels: string[] } {
  const { text, blocks } = cardFor(aRequest(request), view, NOW);
  const print = blocks.flatMap((block) => (block.type === 'context' ? block.elements.map((element) => ('text' in element ? String(element.text) : '')) : []));
  return { title: text.slice(0, text.lastIndexOf(': `')), print, labels: buttonsOf({ blocks }).map((button) => button.text.text) };
}

describe('a warning', () => {
  it('says when the job will be killed, by which rule, who may keep it, and has both buttons', () => {
    expect(read(warned())).toEqual({
      title: `Will be killed at ${time(AT_1430)} unless kept`,
      print: ['may be kept by anybody who may kill or approve', 'asked for by `cleanup rule stale`'],
      labels: ['Keep 2h', 'Kill now'],
    });
  });

  it('names the day of a time that is not today, and no time before it is live', () => {
    expect(read(warned({ until: NOON + 72 * HOUR_MS })).title).toBe(`Will be killed at ${day(NOON + 72 * HOUR_MS)} unless kept`);
    expect(read(warned({ until: undefined, buttons: undefined }))).toMatchObject({ title: 'Will be killed unless kept', labels: [] });
  });

  it('mentions the owner in the channel, and says with the owner why it is told there', () => {
    expect(read(warned({ owner: OWNER })).print.slice(0, 2)).toEqual([`owner: <@${OWNER}>`, 'may be kept by its owner, or by anybody who may kill or approve']);
    expect(read(warned({ owner: 'C07TEAM' })).print.slice(0, 2)).toEqual(['owner: <#C07TEAM>', 'may be kept by anybody in <#C07TEAM>, or by anybody who may kill or approve']);
    expect(read(warned({ owner: OWNER, to: OWNER })).print[0]).toBe('you are told because slack.people in policy.yml names you for the jobs of user `etl-bot`');
  });

  it('has no Keep, and does not speak of it, where the rule lets nobody keep it', () => {
    expect(read(warned({ keepMs: undefined, keepAtMostMs: undefined }))).toEqual({
      title: `Will be killed at ${time(AT_1430)}`, print: ['asked for by `cleanup rule stale`'], labels: ['Kill now'],
    });
  });

  it.each([
    [0, undefined, 'Keep 2h', 'may be kept by anybody who may kill or approve'],
    [22.5 * HOUR_MS, 24 * HOUR_MS, 'Keep 1h 30m', 'may be kept by anybody who may kill or approve; kept for 22 h 30 min in all, of 24 h at most'],
    [24 * HOUR_MS, 24 * HOUR_MS, 'Keep 2h', 'kept for 24 h in all, of 24 h at most; may be kept only by an approver now: <@U1AAA>'],
    [2 * HOUR_MS, undefined, 'Keep 2h', 'may be kept by anybody who may kill or approve; kept for 2 h in all'],
  ])('with %s ms of %s used offers %j: what a click really keeps', (usedMs, keepAtMostMs, label, words) => {
    const { labels, print } = read(warned({ usedMs, keepAtMostMs, mayApprove: ['U1AAA'] }));
    expect([labels[0], print.slice(0, -1).join('; ')]).toEqual([label, words]);
  });

  it.each([['owner', 'the owner could not be told (`npm run check-config` says why)'], ['channel', 'the channel could not be told (`npm run check-config` says why)']] as const)('says where the %s could not be told', (lost, words) => {
    expect(read(warned({ lost })).print).toContain(words);
  });

  it('in a dry run says what would be, and has no buttons', () => {
    expect(read(warned({ dryRun: true, owner: OWNER }))).toEqual({
      title: `Dry run: would be killed at ${time(AT_1430)}`, print: [`owner: <@${OWNER}>`, 'asked for by `cleanup rule stale`'], labels: [],
    });
  });

  it('shows the alert behind it', () => {
    const alert = { name: 'MrsJobStuck', severity: 'critical', link: 'https://192.0.2.10/runbook' };
    expect(read(warned(), { trigger: 'alerts', requestedBy: 'MrsJobStuck', policyRule: 'alerts.1', alert }).print.slice(1)).toEqual([
      'rule `alerts.1`', 'alert `MrsJobStuck`, severity `critical`, <https://192.0.2.10/runbook|link>', 'asked for by `MrsJobStuck`',
    ]);
  });
});

describe('after its answer a warning', () => {
  it('that was kept says until when, by whom and how much is used, and has no buttons', () => {
    const kept: View = { stage: 'kept', job: aJob(), until: NOON + 2 * HOUR_MS, by: OWNER, isOwner: true, usedMs: 4 * HOUR_MS, keepAtMostMs: 24 * HOUR_MS };
    expect(read(kept)).toMatchObject({ title: `Kept until ${time(NOON + 2 * HOUR_MS)} by its owner`, labels: [] });
    expect(read(kept).print.slice(0, 2)).toEqual([`by <@${OWNER}>`, 'kept for 4 h in all, of 24 h at most']);
    expect(read({ ...kept, isOwner: false, usedMs: 24 * HOUR_MS }).print).toEqual(['kept for 24 h in all, of 24 h at most', 'after that people are warned again if the job still fits the rule; then only an approver may keep it', 'asked for by `cleanup rule stale`']);
    expect(read({ ...kept, isOwner: false }).title).toBe(`Kept until ${time(NOON + 2 * HOUR_MS)} by <@${OWNER}>`);
  });

  it('that handed on says to what, and who clicked', () => {
    expect(read({ stage: 'handed-on', job: aJob(), to: 'kill' })).toEqual({ title: 'The kill is on its way', labels: [], print: ['asked for by `cleanup rule stale`'] });
    expect(read({ stage: 'handed-on', job: aJob(), to: 'kill', by: OWNER }).print[0]).toBe(`Kill now by <@${OWNER}>`);
    expect(read({ stage: 'handed-on', job: aJob(), to: 'warning' })).toMatchObject({ title: 'There is a newer warning below', labels: [] });
  });
});

describe('the card of a kill that no keep holds back', () => {
  const kept = { until: NOON + 2 * HOUR_MS, by: OWNER };
  const words = `*kept* until ${time(NOON + 2 * HOUR_MS)} by <@${OWNER}>`;
  const views: View[] = [
    { stage: 'ask', job: aJob(), question: { who: 'requester', reason: '' }, until: AT_1430, mayApprove: [], dryRun: false, kept },
    { stage: 'killing', job: aJob(), kept },
    { stage: 'notify', job: aJob(), dryRun: false, kept },
  ];

  it.each(views)('says that somebody keeps the job: $stage', (view) => {
    expect(read(view).print).toContain(words);
    expect(read({ ...view, kept: undefined } as View).print.join()).not.toContain('kept');
  });
});
