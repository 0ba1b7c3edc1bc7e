import { describe, expect, it } from '@jest/globals';
import type { KnownBlock } from '@slack/types';
import fc from 'fast-check';
import type { Job } from '../../lib/core/job.ts';
import { type End, OUTCOMES, type Rule } from '../../lib/core/end.ts';
import type { View } from '../../lib/core/report.ts';
import type { KillRequest } from '../../lib/core/request.ts';
import { readButtonValue } from '../../lib/slack/button.ts';
import { jobCard, type Message } from '../../lib/slack/cards.ts';
import { cardFor } from '../../lib/slack/request-card.ts';
import { linesMessage } from '../../lib/slack/cards.ts';
import { code, escapeMrkdwn, foreign, foreignEnds, httpsLink, jobLine, person } from '../../lib/slack/text.ts';
import { aJob, aRequest, NOON } from '../core/a-job.ts';
import { buttonsOf } from '../simulator/slack-client.ts';
import { readBlocks } from '../simulator/slack-blocks.ts';
import { runs } from '../support/full-size.ts';

const NOW = new Date(NOON);
const LONGEST_BLOCKS = 13_200;
const LONGEST_UPDATE = 4_000;
const LONGEST_SECTION = 3_000;

const HOSTILE = [
  '2026-11-28 14:30 UTC', 'kept until 2026-11-28 14:30 UTC by ', '<!channel>', '<!here|x>', '<@U0VICTIM>', '<#C0123456789>', '<https://evil.example|open>', '<mailto:a@b|c>', '```', '`', '*', '_', '~', '&amp;lt;!channel&gt;',
  '\n', '\r\n', '\u2028', '\u0000', '\u001b[31m', '\u202e', '\u2066', '\ud800', '\udc00', '👩‍💻', 'ü', '"', '\\', '|', '>', '<', '&',
];
/** Any text: empty, in any script, made to break out, and of any length. */
const anyText = fc.oneof(
  { weight: 3, arbitrary: fc.string({ unit: 'binary', maxLength: 60 }) },
  { weight: 4, arbitrary: fc.array(fc.constantFrom(...HOSTILE), { maxLength: 30 }).map((parts) => parts.join('')) },
  { weight: 3, arbitrary: fc.tuple(fc.constantFrom(...HOSTILE, 'x', ' '), fc.integer({ min: 100, max: 20_000 })).map(([unit, times]) => unit.repeat(times)) },
);
const anyNumber = fc.oneof(fc.constantFrom(0, -1, 1, NOON, Number.MAX_SAFE_INTEGER, Number.MAX_VALUE, -Number.MAX_VALUE, Infinity, -Infinity, Number.NaN), fc.double());
const anyUrl = fc.oneof(anyText, anyText.map((rest) => `https://192.0.2.10/${rest}`), fc.webUrl({ withQueryParameters: true, withFragments: true }));

const anyJob: fc.Arbitrary<Job> = fc.record({
  cluster: anyText.map((text) => `c${text}`), job_id: anyText.map((text) => `1${text}`), job_name: anyText, job_type: anyText, user: anyText, queue: anyText,
  job_state: fc.oneof(anyText, fc.constantFrom('RUNNING', 'ACCEPTED', 'FINISHED')), job_result: fc.oneof(anyText, fc.constant('UNDEFINED')),
  job_progress: anyNumber, submitted_time: anyNumber, started_time: anyNumber, finished_time: anyNumber, elapsed_time: anyNumber,
  app_id: anyText, launcher_id: anyText, tracking_url: anyUrl,
});

const anyEnd: fc.Arbitrary<End> = fc
  .record({ outcome: fc.constantFrom(...OUTCOMES), reason: anyText }, { requiredKeys: ['outcome', 'reason'] })
  .chain((end) =>
    fc
      .record({ rule: anyText as fc.Arbitrary<Rule>, job: anyJob, candidates: fc.array(anyJob, { maxLength: 12 }), answeredBy: fc.oneof(anyText, fc.constant('U045EF6GH')) }, { requiredKeys: [] })
      .map((more) => ({ ...end, ...more })),
  );

const anyButtons = fc.record({ name: fc.integer({ min: 1, max: 58 }).map((length) => `slack-${'a'.repeat(length)}`), start: fc.integer({ min: 1 }) });
const anyAsk = {
  stage: fc.constant('ask' as const), job: anyJob, question: fc.record({ who: fc.constantFrom('requester' as const, 'approver' as const), reason: anyText }),
  until: fc.integer({ min: 0, max: 4_102_444_800_000 }), mayApprove: fc.array(fc.oneof(anyText, fc.constant('U045EF6GH')), { maxLength: 12 }), dryRun: fc.boolean(),
};
const anyMoment = fc.integer({ min: 0, max: 4_102_444_800_000 });
const anyId = fc.oneof(anyText, fc.constant('U045EF6GH'));
const anyKept = fc.record({ until: anyMoment, by: anyId });
const anyWarning: fc.Arbitrary<View> = fc.record(
  {
    stage: fc.constant('warn' as const), job: anyJob, until: anyMoment, keepMs: anyNumber, usedMs: anyNumber, keepAtMostMs: anyNumber, owner: fc.oneof(anyId, fc.constant('C0123456789')), to: anyText,
    lost: fc.constantFrom('channel' as const, 'owner' as const), dryRun: fc.boolean(), buttons: anyButtons,
  },
  { requiredKeys: ['stage', 'job', 'usedMs', 'dryRun'] },
);
const anyView: fc.Arbitrary<View> = fc.oneof(
  fc.record({ ...anyAsk, kept: anyKept, buttons: anyButtons }, { requiredKeys: ['stage', 'job', 'question', 'until', 'mayApprove', 'dryRun'] }),
  fc.record({ stage: fc.constant('killing' as const), job: anyJob, kept: anyKept }, { requiredKeys: ['stage', 'job'] }),
  anyWarning,
  fc.record({ stage: fc.constant('kept' as const), job: anyJob, until: anyMoment, by: anyId, isOwner: fc.boolean(), usedMs: anyNumber, keepAtMostMs: anyNumber }, { requiredKeys: ['stage', 'job', 'until', 'by', 'isOwner', 'usedMs'] }),
  fc.record({ stage: fc.constant('handed-on' as const), job: anyJob, to: fc.constantFrom('kill' as const, 'warning' as const), by: anyId }, { requiredKeys: ['stage', 'job', 'to'] }),
  fc.record({ stage: fc.constant('notify' as const), job: anyJob, dryRun: fc.boolean(), kept: anyKept, buttons: anyButtons }, { requiredKeys: ['stage', 'job', 'dryRun'] }),
  fc.record({ stage: fc.constant('end' as const), end: anyEnd, tookMs: anyNumber }),
);
const anyTarget: fc.Arbitrary<KillRequest['target']> = fc.record({ cluster: anyText, job: fc.oneof(anyText.map((name) => ({ by: 'name' as const, name })), anyText.map((id) => ({ by: 'mrs-id' as const, id }))) });
const anyAlert = fc.record({ name: anyText, severity: anyText, link: anyUrl }, { requiredKeys: ['name'] });
const anyRequest: fc.Arbitrary<KillRequest> = fc.oneof(
  // Only Slack gives ids of people, and they come signed.
  fc.record({ target: anyTarget, reason: anyText }).map((fields) => aRequest({ ...fields, trigger: 'slack', requestedBy: 'U012AB3CD' })),
  fc.record({ target: anyTarget, reason: anyText, requestedBy: anyText, policyRule: anyText, alert: anyAlert }, { requiredKeys: ['target', 'reason', 'requestedBy'] }).map((fields) => aRequest({ ...fields, trigger: 'alerts' })),
);

/** Every text in blocks that Slack reads as mrkdwn. */
function mrkdwnOf(blocks: KnownBlock[]): string[] {
  return Array.from(JSON.stringify(blocks).matchAll(/\{"type":"mrkdwn","text":("(?:[^"\\]|\\.)*")/g), ([, text]) => JSON.parse(text ?? '""') as string);
}

/** Throws unless Slack takes the message and nothing foreign works in it. */
function expectGoodMessage({ text, blocks }: Message): void {
  expect(readBlocks(blocks)).toMatchObject({ ok: true });
  expect(JSON.stringify(blocks).length).toBeLessThanOrEqual(LONGEST_BLOCKS);
  expect(text.length).toBeLessThan(LONGEST_UPDATE);
  expect(text.trim()).not.toBe('');
  for (const { value } of buttonsOf({ blocks })) {
    expect(value?.length).toBeLessThanOrEqual(2_000);
    expect(readButtonValue(value ?? '')).toBeDefined();
  }
  for (const mrkdwn of [text, ...mrkdwnOf(blocks)]) expectHarmless(mrkdwn);
  expect(JSON.stringify(blocks).match(/"type":"mrkdwn"/g)?.length).toBe(JSON.stringify(blocks).match(/"verbatim":true/g)?.length);
}

/** The only `<` are those of a person or channel that is ours to name, and of the one https link under our own label. */
function expectHarmless(mrkdwn: string): void {
  const rest = mrkdwn.replace(/<@(?:U012AB3CD|U045EF6GH)>/g, '').replace(/<https:\/\/[^<>|\s]*\|(?:open|link)>/g, '').replace(/<!date\^\d+\^(?:\{date_short_pretty\}, )?\{time\}\|[\d: -]+ UTC>/g, '').replaceAll('<#C0123456789>', '');
  expect(rest).not.toMatch(/[<>]/);
  expect(rest.replace(/&(?:amp|lt|gt);/g, '')).not.toContain('&');
  expect(mrkdwn).not.toMatch(/[\p{Cc}--\n]|[\u202a-\u202e\u2066-\u2069\u2028\u2029]/v);
  expect(mrkdwn.isWellFormed()).toBe(true);
}

describe('any card', () => {
  it('is taken by Slack and says nothing that a stranger made work, whatever job, request and end it shows', () => {
    fc.assert(fc.property(anyRequest, anyView, (request, view) => expectGoodMessage(cardFor(request, view, NOW))), { numRuns: runs(600) });
  });

  it('is taken by Slack at its very longest', () => {
    for (const unit of ['&', '<', 'x', '"', '\\', '\u0000', '👩‍💻', 'ü', '漢']) {
      const long = unit.repeat(5_000);
      const job = aJob({ cluster: long, job_id: long.slice(0, 36), job_name: long, job_type: long, user: long, queue: long, job_state: long, app_id: long, launcher_id: long, tracking_url: `https://192.0.2.10/${long}` });
      const request = aRequest({ trigger: 'slack', requestedBy: 'U012AB3CD', reason: long, alert: { name: long, severity: long, link: `https://192.0.2.10/${'&'.repeat(290)}` }, target: { cluster: long, job: { by: 'name', name: long } } });
      const end: End = { outcome: 'ambiguous', reason: long, rule: long as Rule, job, candidates: Array.from({ length: 50 }, () => job), answeredBy: long };
      expectGoodMessage(cardFor(request, { stage: 'end', end, tookMs: Number.MAX_VALUE }, NOW));
      expectGoodMessage(cardFor(request, { stage: 'ask', job, question: { who: 'approver', reason: long }, until: NOON, mayApprove: Array.from({ length: 50 }, () => long), dryRun: true, buttons: { name: 'slack-'.padEnd(64, 'a'), start: Number.MAX_SAFE_INTEGER } }, NOW));
      expectGoodMessage(jobCard(job, NOW));
    }
  });

  it('of the facts of a job alone is taken by Slack too, and no back-tick of a stranger ends the code span that his text stands in', () => {
    fc.assert(
      fc.property(anyJob, (job) => {
        const message = jobCard(job, NOW);
        expectGoodMessage(message);
        for (const text of mrkdwnOf(message.blocks)) expect([0, 2]).toContain(text.match(/`/g)?.length ?? 0);
      }),
    );
  });

  it('of an end has no button that answers, and begins with the same words in the text and in the blocks', () => {
    fc.assert(
      fc.property(anyRequest, anyEnd, (request, end) => {
        const { text, blocks } = cardFor(request, { stage: 'end', end, tookMs: 1_000 }, NOW);
        expect(buttonsOf({ blocks }).every(({ action_id: id }) => id === 'start')).toBe(true);
        expect(buttonsOf({ blocks }).length).toBeLessThanOrEqual(5);
        if (end.outcome === 'notified') return expect(buttonsOf({ blocks })).toEqual([]); // stays the card that it was
        const words = { 'killed': 'Killed', 'finished-first': 'Ended by itself', 'already-over': 'Already over', 'would-kill': 'Would be killed (dry run)', 'refused': 'Refused', 'declined': 'Declined', 'expired': 'Expired', 'not-found': 'Not found', 'ambiguous': 'Ambiguous', 'still-running': 'Still running', 'failed': 'Failed', 'notified': 'Notified', 'ignored': 'Ignored', 'accepted': 'Accepted' }[end.outcome];
        expect(text.startsWith(`${words}:`)).toBe(true);
        expect(mrkdwnOf(blocks)[0]?.startsWith(`*${words}`)).toBe(true);
      }),
    );
  });
});

describe('the buttons of a question', () => {
  const NAME = `alerts-live-${'0'.repeat(32)}`;
  const ASK: View = { stage: 'ask', job: aJob(), question: { who: 'approver', reason: '' }, until: NOON, mayApprove: ['U045EF6GH'], dryRun: false, buttons: { name: NAME, start: 7 } };
  const valuesOf = (message: Message): unknown[] => buttonsOf(message).map(({ value }) => readButtonValue(value ?? ''));
  const request = aRequest({ trigger: 'slack', requestedBy: 'U012AB3CD', person: 'U012AB3CD' });

  it('carry which start they answer, and who may', () => {
    const answer = { do: 'decide', name: NAME, start: 7, who: 'approver', requestedBy: 'U012AB3CD' };
    expect(valuesOf(cardFor(request, ASK, NOW))).toEqual([answer, answer]);
  });

  it('name the person who asked only where it is one: a rule may be called like somebody', () => {
    const byRule = cardFor(aRequest({ trigger: 'alerts', requestedBy: 'U012AB3CD' }), ASK, NOW);
    expect(valuesOf(byRule)).toMatchObject([{ requestedBy: '' }, { requestedBy: '' }]);
    expect(JSON.stringify(byRule.blocks)).not.toContain('<@U012AB3CD');
    expect(JSON.stringify(byRule.blocks)).toContain('asked for by `U012AB3CD`');
  });

  it('name the person behind a cleanup list too: who started it must not approve it', () => {
    const byClick = cardFor(aRequest({ trigger: 'cleanup', requestedBy: 'cleanup rule x, by U012AB3CD', person: 'U012AB3CD' }), ASK, NOW);
    expect(valuesOf(byClick)).toMatchObject([{ requestedBy: 'U012AB3CD' }, { requestedBy: 'U012AB3CD' }]);
  });
});

describe('a card', () => {
  const asking: View = { stage: 'ask', job: aJob(), question: { who: 'approver', reason: '' }, until: NOON + 90 * 60_000, mayApprove: ['U1AAA', 'U2AAA', 'U3AAA', 'U4AAA', 'U5AAA', 'U6AAA', 'U7AAA'], dryRun: false, buttons: { name: 'a', start: 1 } };
  const wordsIn = (view: View, request = aRequest({ trigger: 'alerts' })): string => JSON.stringify(cardFor(request, view, NOW));
  const labelsIn = (view: View): string[] => buttonsOf(cardFor(aRequest({ trigger: 'alerts' }), view, NOW)).map(({ text }) => text.text);

  it('of a question says who may approve, the first five by name, and until when by the clock of who reads', () => {
    expect(wordsIn(asking)).toContain(`may be approved by <@U1AAA>, <@U2AAA>, <@U3AAA>, <@U4AAA>, <@U5AAA> and 2 more, until <!date^${NOON / 1_000 + 5_400}^{time}|13:30 UTC>`);
    expect(wordsIn({ ...asking, mayApprove: ['U1AAA'] })).toContain('may be approved by <@U1AAA>, until');
    expect(wordsIn({ ...asking, mayApprove: [] })).toContain('may be approved by nobody (slack.mayApprove in policy.yml names nobody else), until');
    expect(wordsIn({ ...asking, question: { who: 'requester', reason: '' } }, aRequest({ trigger: 'slack', requestedBy: 'U012AB3CD', person: 'U012AB3CD' }))).toContain('to be confirmed by <@U012AB3CD>, until');
  });

  it('of a job that a pick chose says by which rule and what had to fit, and no reason where there is none', () => {
    const picked = aRequest({ trigger: 'alerts', requestedBy: 'smn alert x', reason: 'left out: 2 streaming', policyRule: 'alerts.1', pickedBy: { name: 'alerts-live-1', start: 1 }, onlyIf: { queue: 'adhoc', olderThanMs: 6 * 3_600_000 } });
    for (const view of [asking, { stage: 'end', end: { outcome: 'killed', reason: '' }, tookMs: 1_000 }] satisfies View[]) {
      expect(wordsIn(view, picked)).toContain('picked by rule `alerts.1`: `queue: adhoc, olderThan: 6 h`');
      expect(wordsIn(view, picked)).toContain('asked for by `smn alert x`; left out: 2 streaming');
    }
  });

  it('of a dry run says so in its title and on its button', () => {
    const dry: View = { ...asking, dryRun: true };
    expect(cardFor(aRequest(), dry, NOW).text).toMatch(/^Dry run: kill this job\? /);
    expect([labelsIn(dry), labelsIn(asking)]).toEqual([['Would kill', 'Decline'], ['Kill', 'Decline']]);
    const told: View = { stage: 'notify', job: aJob(), dryRun: true, buttons: { name: 'a', start: 1 } };
    expect(cardFor(aRequest(), told, NOW).text).toMatch(/^Dry run: /);
    expect([labelsIn(told), labelsIn({ ...told, dryRun: false })]).toEqual([['Would kill this one'], ['Kill this one']]);
  });

  it("shows the alert's name, severity and link while it asks, kills, tells and ends; no other link than https", () => {
    const request = aRequest({ trigger: 'alerts', alert: { name: 'Stuck <1>', severity: 'critical', link: 'https://runbooks.example/stuck?a=1&b' } });
    const views: View[] = [asking, { stage: 'killing', job: aJob() }, { stage: 'notify', job: aJob(), dryRun: false }, { stage: 'end', end: { outcome: 'killed', reason: '' }, tookMs: 0 }, { stage: 'end', end: { outcome: 'notified', reason: '' }, tookMs: 0 }];
    for (const view of views) {
      expect(wordsIn(view, request)).toContain('alert `Stuck &lt;1&gt;`, severity `critical`, <https://runbooks.example/stuck?a=1&amp;b|link>');
      expect(wordsIn(view, { ...request, alert: { name: 'x', link: 'javascript:alert(1)' } })).toContain('"alert `x`"');
    }
  });

  it('shows the id of each candidate whole, however long and alike their names are', () => {
    const candidates = ['431b135e-c090-489f-b1db-0abe3822b855', '431b135e-c090-489f-b1db-0abe3822b856'].map((job_id) => aJob({ job_id, job_name: '<etl>'.repeat(100) }));
    const words = wordsIn({ stage: 'end', end: { outcome: 'ambiguous', reason: '', candidates }, tookMs: 0 });
    for (const { job_id } of candidates) expect(words).toContain(` (${job_id})\``);
    for (const job of candidates) expect(jobLine(job)).toContain(`(${job.job_id})`);
  });

  it('never cuts the line to run by hand: what else MRS said gives way', () => {
    const line = 'hcloud MRS StopJob --cli-region=eu-west-101 --cluster_id=2b460e01-3351-4170-b0a7-57b9dd5ffef3 --job_execution_id=431b135e-c090-489f-b1db-0abe3822b855';
    for (const said of ['x', '<'.repeat(300), 'ü'.repeat(3_000)]) {
      expect(wordsIn({ stage: 'end', end: { outcome: 'failed', reason: `MRS answered 0175: ${said}; by hand: ${line}` }, tookMs: 0 })).toContain(`; by hand: ${line}"`);
    }
  });
});

describe('any list', () => {
  it('is taken by Slack, and accounts for every line', () => {
    fc.assert(
      fc.property(anyText, fc.array(anyJob, { maxLength: 60 }), (heading, jobs) => {
        const message = linesMessage(foreign(heading), jobs.map(jobLine));
        expect(readBlocks(message.blocks)).toMatchObject({ ok: true });
        expect(message.text.length).toBeLessThanOrEqual(LONGEST_SECTION);
        const shown = message.text.match(/^• /gm)?.length ?? 0;
        const more = Number(/… and (\d+) more$/.exec(message.text)?.[1] ?? 0);
        expect(shown + more).toBe(jobs.length);
        expect(shown).toBeGreaterThanOrEqual(Math.min(jobs.length, 5));
        expectHarmless(message.text);
      }),
    );
  });
});

describe('foreign text', () => {
  it('is shown whole where it is short and harmless', () => {
    for (const text of ['nightly-etl', 'größer als 100%', 'ジョブ', '👩‍💻 ok', 'a_b*c~d']) expect(foreign(text)).toBe(text);
    expect(foreign('a & b < c')).toBe('a &amp; b &lt; c');
    expect(foreign('a\tb\r\n c')).toBe('a b c');
  });

  it('is cut to its length as it is sent, never within an escape or a letter', () => {
    expect(foreign('<<<', 12)).toBe('&lt;&lt;&lt;');
    expect(foreign('<<<<', 12)).toBe('&lt;&lt;…');
    expect(foreign('🦀🦀🦀', 5)).toBe('🦀🦀…');
    fc.assert(
      fc.property(anyText, fc.integer({ min: 10, max: 400 }), (text, longest) => {
        const shown = foreign(text, longest);
        expect(shown.length).toBeLessThanOrEqual(longest);
        expect(shown.replace(/&(?:amp|lt|gt);/g, '')).not.toMatch(/[&<>]/);
        expect(shown.isWellFormed()).toBe(true);
      }),
    );
  });

  it('is cut in its middle where its end counts: head and tail stay', () => {
    expect(foreignEnds('a & b', 100)).toBe('a &amp; b');
    expect(foreignEnds(`head ${'x'.repeat(100)} tail`, 20)).toBe('head xxxx…xxxxx tail');
    fc.assert(
      fc.property(anyText, fc.integer({ min: 20, max: 800 }), (text, longest) => {
        const shown = foreignEnds(text, longest);
        expect(shown.length).toBeLessThanOrEqual(longest);
        expect(shown.replace(/&(?:amp|lt|gt);/g, '')).not.toMatch(/[&<>]/);
        expect(shown.isWellFormed()).toBe(true);
      }),
    );
  });

  it('is escaped once: what looks escaped is shown as it was written', () => {
    expect(foreign('&lt;!channel&gt;')).toBe('&amp;lt;!channel&amp;gt;');
    expect(escapeMrkdwn('<&>')).toBe('&lt;&amp;&gt;');
  });

  it('in a code span cannot end it', () => {
    expect(code('a`b` *c*')).toBe("`a'b' *c*`");
    expect(code(' \u0000 ')).toBe('–');
  });

  it('is a mention only where it is the id of a user', () => {
    expect(person('U012AB3CD')).toBe('<@U012AB3CD>');
    for (const name of ['U012AB3CD>', '!channel', 'u012ab3cd', 'S0GROUP', 'U0|x', '', `U${'A'.repeat(100)}`]) expect(person(name)).not.toContain('<');
  });
});

describe('a tracking link', () => {
  it('is made of https only, under our own label', () => {
    expect(httpsLink('https://192.0.2.10:20026/proxy/?a=1&b=|', 'open')).toBe('<https://192.0.2.10:20026/proxy/?a=1&amp;b=%7C|open>');
    for (const url of ['http://192.0.2.10/', 'javascript:alert(1)', 'data:text/html,x', 'slack://x', 'file:///etc/passwd', '/proxy', '', 'https://']) expect(httpsLink(url, 'open')).toBe('');
  });

  it('is left out where it would be longer than a field takes', () => {
    for (const rest of ['x'.repeat(2_000), '&'.repeat(400), 'ü'.repeat(400), '漢'.repeat(400)]) {
      const link = httpsLink(`https://192.0.2.10/?${rest}`, 'open');
      expect(link.length).toBeLessThanOrEqual(1_500);
    }
  });

  it('never lets a URL out of its brackets', () => {
    fc.assert(fc.property(anyUrl, (url) => expect(httpsLink(url, 'open')).toMatch(/^(?:<https:\/\/[^<>|\s]+\|open>)?$/)));
  });
});
