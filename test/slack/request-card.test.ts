import { describe, expect, it } from '@jest/globals';
import type { KnownBlock } from '@slack/types';
import type { End } from '../../lib/core/end.ts';
import type { View } from '../../lib/core/report.ts';
import type { Requested } from '../../lib/core/request.ts';
import { cardFor } from '../../lib/slack/request-card.ts';
import { aJob, aRequest, HOUR_MS, NOON } from '../core/a-job.ts';

const JOB = aJob();
const NAMED = `\`nightly-etl (${JOB.job_id})\` in \`analytics\``;
const CARD_OF = { name: 'slack-live-1', start: 2 };
const PERSON: Partial<Requested> = { trigger: 'slack', requestedBy: 'U0A1', person: 'U0A1', reason: 'it hangs' };

/** A block in a line: words, small print, the facts of a job, the buttons. */
function lineOf(block: KnownBlock): string {
  if (block.type === 'section') return block.text === undefined ? 'facts' : block.text.text;
  if (block.type === 'context') return `| ${block.elements.map((element) => ('text' in element ? element.text : '')).join(' | ')}`;
  if (block.type === 'actions') return `[${block.elements.map((element) => (element.type === 'button' ? `${element.text.text}: ${element.action_id}${element.style ? ` ${element.style}` : ''}` : '')).join(', ')}]`;
  return block.type;
}
const valuesOf = (blocks: KnownBlock[]): unknown[] => blocks.flatMap((block) => (block.type === 'actions' ? block.elements.map((element) => JSON.parse(('value' in element && String(element.value)) || 'null') as unknown) : []));

function card(view: View, request: Partial<Requested> = PERSON) {
  const { text, blocks } = cardFor(aRequest(request as never), view, new Date(NOON));
  return { text, lines: blocks.map((block) => lineOf(block).replaceAll(/<!date[^|]*\|([^>]*)>/g, '$1')), values: valuesOf(blocks) };
}
const end = (fields: { [Field in keyof End]?: End[Field] | undefined } = {}, more: object = {}): View => ({ stage: 'end', end: { outcome: 'killed', reason: 'MRS says that the job was killed', job: JOB, ...fields }, tookMs: 61_000, ...more }) as View;

describe('the card of a question', () => {
  const ask = (fields: object = {}): View => ({ stage: 'ask', job: JOB, question: { who: 'requester', reason: '' }, until: NOON + HOUR_MS, mayApprove: ['U0C3'], dryRun: false, buttons: CARD_OF, ...fields }) as View;

  it('for the person who asked', () => {
    expect(card(ask())).toEqual({
      text: `Kill this job? Please confirm: ${NAMED}`,
      lines: ['*Kill this job? Please confirm*', 'facts', '| to be confirmed by <@U0A1>, until 13:00 UTC | asked for by <@U0A1>, because it hangs', '[Kill: kill danger, Decline: decline]'],
      values: Array(2).fill({ do: 'decide', name: 'slack-live-1', start: 2, who: 'requester', requestedBy: 'U0A1' }),
    });
  });

  it('for approvers, of an alert', () => {
    const { lines, values } = card(ask({ question: { who: 'approver', reason: '' } }), { trigger: 'alerts', requestedBy: 'Stuck', policyRule: 'alerts.0', alert: { name: 'Stuck' } });
    expect(lines).toEqual(['*Kill this job? An approver has to approve it*', 'facts', '| may be approved by <@U0C3>, until 13:00 UTC | alert `Stuck` | asked for by `Stuck`', '[Kill: kill danger, Decline: decline]']);
    expect(values[0]).toEqual({ do: 'decide', name: 'slack-live-1', start: 2, who: 'approver', requestedBy: '' });
  });

  it.each([[[], 'nobody (slack.mayApprove in policy.yml names nobody else)'], [['U01', 'U02', 'U03', 'U04', 'U05'], '<@U01>, <@U02>, <@U03>, <@U04>, <@U05>'], [['U01', 'U02', 'U03', 'U04', 'U05', 'U06'], '<@U01>, <@U02>, <@U03>, <@U04>, <@U05> and 1 more']])('names of %j the first five', (mayApprove, words) => {
    expect(card(ask({ question: { who: 'approver', reason: '' }, mayApprove })).lines[2]).toContain(`| may be approved by ${words}, until 13:00 UTC`);
  });

  it('that is only played says so, and its button too', () => {
    expect(card(ask({ dryRun: true }))).toMatchObject({ text: `Dry run: kill this job? Please confirm: ${NAMED}`, lines: ['*Dry run: kill this job? Please confirm*', 'facts', expect.stringContaining(' | nothing is killed in a dry run | '), '[Would kill: kill danger, Decline: decline]'] });
  });

  it('has no buttons before they count, and none that Slack would not take', () => {
    expect(card(ask({ buttons: undefined })).lines).toHaveLength(3);
    expect(card(ask(), { ...PERSON, person: 'x'.repeat(2_000) }).lines).toHaveLength(3);
  });
});

describe('the card of what only tells people', () => {
  const notice = (fields: object = {}): View => ({ stage: 'notify', job: JOB, dryRun: false, buttons: CARD_OF, ...fields }) as View;
  const ALERT: Partial<Requested> = { trigger: 'alerts', requestedBy: 'Big <job>', alert: { name: 'Big', severity: 'page', link: 'https://192.0.2.10/x' } };

  it('has who tells, and a button to kill it', () => {
    expect(card(notice(), ALERT)).toEqual({
      text: `Big &lt;job&gt;: ${NAMED}`,
      lines: ['*Big &lt;job&gt;*', 'facts', '| alert `Big`, severity `page`, <https://192.0.2.10/x|link> | asked for by `Big &lt;job&gt;`', '[Kill this one: start danger]'],
      values: [{ do: 'start', cluster: 'analytics', jobId: JOB.job_id, of: CARD_OF }],
    });
  });

  it('that is only played says so, and has no button before it counts', () => {
    expect(card(notice({ dryRun: true }), ALERT)).toMatchObject({ text: expect.stringMatching(/^Dry run: Big/), lines: ['*Dry run: Big &lt;job&gt;*', 'facts', expect.anything(), '[Would kill this one: start danger]'] });
    expect(card(notice({ buttons: undefined }), ALERT).lines).toHaveLength(3);
  });

  it('says at its end what was done, without a button', () => {
    expect(card(end({ outcome: 'notified', reason: 'the kill was asked for', answeredBy: 'U0A1' }), ALERT)).toEqual({
      text: `Big &lt;job&gt;: ${NAMED}`, values: [],
      lines: ['*Big &lt;job&gt;*', 'the kill was asked for', 'facts', '| alert `Big`, severity `page`, <https://192.0.2.10/x|link> | asked for by `Big &lt;job&gt;`, answered by <@U0A1>'],
    });
    expect(card(end({ outcome: 'notified', reason: 'told', job: undefined }), ALERT).lines).toEqual(['*Big &lt;job&gt;*', 'told', expect.stringMatching(/^\| alert .*`$/)]);
  });
});

describe('the card of a kill', () => {
  it('under way', () => {
    expect(card({ stage: 'killing', job: JOB })).toEqual({ text: `Killing … ${NAMED}`, lines: ['*Killing …*', 'facts', '| asked for by <@U0A1>, because it hangs'], values: [] });
  });

  it('at its end says how, why, for whom and how long it took', () => {
    expect(card(end({ answeredBy: 'U0C3' }))).toEqual({
      text: `Killed: ${NAMED}`, values: [],
      lines: [`*Killed*: ${NAMED}`, 'MRS says that the job was killed', 'facts', '| asked for by <@U0A1>, because it hangs, answered by <@U0C3>; took 1 min 1 s'],
    });
  });

  it('that was refused names the rule, once', () => {
    expect(card(end({ outcome: 'refused', rule: 'protected', reason: 'protected: by queue', job: undefined })).lines.slice(0, 2)).toEqual([`*Refused: protected*: \`${JOB.job_id}\``, 'by queue']);
    expect(card(end({ outcome: 'refused', reason: 'no' })).lines[0]).toBe(`*Refused*: ${NAMED}`);
    expect(card(end({ outcome: 'failed', rule: 'paused' })).lines[0]).toBe(`*Failed*: ${NAMED}`);
  });

  it('whose job the End does not name, as it was found before', () => {
    expect(card(end({ job: undefined }, { seen: { job_name: 'seen', job_id: 'job-9', cluster: 'dev' } }))).toMatchObject({ text: 'Killed: `seen (job-9)` in `dev`', lines: ['*Killed*: `seen (job-9)` in `dev`', expect.anything(), expect.stringMatching(/^\| asked/)] });
  });

  it('of several candidates names five, each with a button', () => {
    const candidates = Array.from({ length: 7 }, (_, number) => aJob({ job_id: `job-${number}` }));
    const { lines, values } = card(end({ outcome: 'ambiguous', reason: '7 jobs', job: undefined, candidates }));
    expect(lines.slice(2, -1)).toEqual(candidates.slice(0, 5).flatMap(({ job_id }) => [`\`nightly-etl (${job_id})\` in \`analytics\`: \`RUNNING\`, running for 1 h`, '[Kill this one: start danger]']));
    expect(values).toEqual(candidates.slice(0, 5).map(({ job_id }) => ({ do: 'start', cluster: 'analytics', jobId: job_id })));
    expect(card(end({ outcome: 'ambiguous', job: undefined, candidates: [aJob({ job_id: 'x'.repeat(2_000) })] })).values).toEqual([]);
  });

  const W = { first: { name: 'w', start: 1 }, round: 1, usedMs: 0 };
  it.each<[Partial<Requested>, Partial<End>, string]>([
    [{ warning: W }, {}, ' | people were warned first | '],
    [{ warns: true }, {}, ' | people were warned first | '],
    [{ warning: W }, { outcome: 'refused', rule: 'kept' }, ' | the job still runs; the next cleanup run that finds it warns again | '],
    [{ warning: W }, { outcome: 'refused', rule: 'paused' }, ' | the job still runs; the next cleanup run that finds it warns again | '],
    [{ warning: W }, { outcome: 'refused', rule: 'perHour' }, ' | the job still runs; the next cleanup run that finds it warns again | '],
    [{ warning: W, alertSeen: { at: NOON } as never }, { outcome: 'refused', rule: 'warn' }, ' | the job still runs; the next alert for it warns again | '],
    [{ warning: W }, { outcome: 'refused', rule: 'resolved' }, ' | the job still runs | '],
    [{ warning: W }, { outcome: 'refused', rule: 'changed' }, ' | the job still runs | '],
  ])('after a warning, %j %j says how it goes on', (request, fields, words) => {
    expect(` ${card(end(fields), { ...request, trigger: 'cleanup', requestedBy: 'cleanup rule stale' }).lines.at(-1)}`).toContain(words);
  });

  it.each<[Partial<Requested>, Partial<End>]>([
    [{}, {}], [{ warns: false as never }, {}], [{ warning: { ...W, killNow: true } as never }, {}], [{ warning: W }, { outcome: 'finished-first' }], [{ warning: W }, { outcome: 'refused', rule: 'protected' }],
    [{}, { outcome: 'refused', rule: 'kept' }],
  ])('%j %j says nothing of one', (request, fields) => {
    expect(card(end(fields), { ...request, trigger: 'cleanup', requestedBy: 'cleanup rule stale' }).lines.at(-1)).toBe('| asked for by `cleanup rule stale`; took 1 min 1 s');
  });

  it('that a pick chose says by which rule, and what had to fit', () => {
    const picked: Partial<Requested> = { trigger: 'alerts', requestedBy: 'Full', policyRule: 'alerts.1', pickedBy: { name: 'p', start: 1 } as never, onlyIf: { queue: 'adhoc' } };
    expect(card(end(), picked).lines.at(-1)).toBe('| picked by rule `alerts.1`: `queue: adhoc` | asked for by `Full`; took 1 min 1 s');
    expect(card(end(), { ...picked, policyRule: undefined as never }).lines.at(-1)).toContain('| picked: `queue: adhoc` | ');
    expect(card(end(), { ...picked, pickedBy: undefined as never }).lines.at(-1)).toBe('| asked for by `Full`; took 1 min 1 s');
    expect(card(end(), { ...picked, onlyIf: undefined as never }).lines.at(-1)).toBe('| asked for by `Full`; took 1 min 1 s');
  });

  it.each<[Partial<Requested>, string]>([
    [{ trigger: 'cleanup', requestedBy: 'cleanup rule stale', reason: 'stale', policyRule: 'stale' }, '| asked for by `cleanup rule stale`; took'],
    [{ trigger: 'cleanup', requestedBy: 'cleanup rule stale', reason: 'old', policyRule: 'stale' }, '| asked for by `cleanup rule stale`, because old; took'],
    [{ trigger: 'alerts', requestedBy: 'stale', reason: 'stale', policyRule: 'stale' }, '| asked for by `stale`, because stale; took'],
    [{ trigger: 'api', requestedBy: 'U0A1', reason: '' }, '| asked for by `U0A1`; took'],
  ])('asked for by %j', (request, words) => {
    expect(card(end(), request).lines.at(-1)?.startsWith(words)).toBe(true);
  });
});
