import { describe, expect, it } from '@jest/globals';
import { PolicyInvalid } from '../../lib/policy/parse.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { parsePolicy } from '../support/parse-policy.ts';

const SLACK = '{ channel: C1, mayApprove: [U1] }';

type Words = { slack?: string; ask?: string; alert?: string; cleanup?: string };
/** One thing a line, so that the line of a problem says where it stands: slack 2, ask 3, alert 4, cleanup 5. */
const policyOf = ({ slack = SLACK, ask = '', alert = 'action: kill', cleanup = 'action: kill' }: Words): string => `clusters: { dev: { id: x } }
slack: ${slack}
ask: [${ask}]
alerts: [{ match: { a: b }, cluster: dev, ${alert} }]
cleanup: [{ name: long, cluster: dev, match: { queue: adhoc }, ${cleanup} }]`;

const read = (words: Words): Policy => parsePolicy(policyOf(words), { hasBotToken: true, file: 'policy.yml' });

/** `line key: message` of each mistake. */
function problemsOf(words: Words, hasBotToken = true): string[] {
  try {
    parsePolicy(policyOf(words), { hasBotToken, file: 'policy.yml' });
    return [];
  } catch (error) {
    if (!(error instanceof PolicyInvalid)) throw error;
    return error.problems.map(({ line, key, message }) => `${line} ${key}: ${message}`);
  }
}

describe('a warning', () => {
  it('is read in milliseconds, of either kind of rule', () => {
    const { alerts, cleanup } = read({ alert: 'warn: 1m, action: kill', cleanup: 'warn: 30m, keep: 2h, keepAtMost: 24h, action: kill' });
    expect(alerts[0]).toMatchObject({ warnMs: 60_000 });
    expect(cleanup[0]).toMatchObject({ warnMs: 1_800_000, keepMs: 7_200_000, keepAtMostMs: 86_400_000 });
  });

  it.each(['warn: 14d', 'warn: 1s, keep: 1s, keepAtMost: 1s', 'warn: 2w, keep: 14d, keepAtMost: 14d', 'warn: 30m, keep: 2h', 'warn: 30m, keep: 2h, keepAtMost: 2h', 'warn: 30m, keep: 2h, keepAtMost: 120m', 'warn: 30m, askAgain: 2d', 'warn: 30m, dryRun: true'])('may be %s', (words) => {
    expect(problemsOf({ alert: `${words}, action: kill`, cleanup: `${words}, action: kill` })).toEqual([]);
  });

  it.each([
    ['keep: 2h, action: kill', 'keep: keeps a job that people were warned of; add warn, such as warn: 30m'],
    ['keep: 2h, keepAtMost: 24h, action: kill', 'keep: keeps a job that people were warned of; add warn, such as warn: 30m'],
    ['warn: 30m, keepAtMost: 24h, action: kill', 'keepAtMost: is how long keep may keep a job in all; add keep, such as keep: 2h'],
    ['keepAtMost: 24h, action: kill', 'keepAtMost: is how long keep may keep a job in all; add keep, such as keep: 2h'],
    ['warn: 30m, keep: 2h, keepAtMost: 90m, action: kill', 'keepAtMost: is shorter than keep (2h); a job is kept for keep at a time'],
    ['warn: 30m, action: ask', 'warn: goes with action: kill only, and action: ask tells people anyway; leave out warn or write action: kill'],
    ['warn: 30m, action: notify', 'warn: goes with action: kill only, and action: notify tells people anyway; leave out warn or write action: kill'],
    ['warn: 15d, action: kill', 'warn: has to be a duration from 1s to 14d'],
    ['warn: 30m, keep: 15d, action: kill', 'keep: has to be a duration from 1s to 14d'],
    ['warn: 30m, keep: 15d, keepAtMost: 14d, action: kill', 'keep: has to be a duration from 1s to 14d'],
    ['warn: 30m, keep: 2h, keepAtMost: 3w, action: kill', 'keepAtMost: has to be a duration from 1s to 14d'],
    ['warn: 30, keep: 2h, action: kill', 'warn: is 30 without a unit; write 30s, 30m, 30h, 30d or 30w'],
    ['warn: , keep: 2h, action: kill', 'warn: is empty but has to be a duration such as 90s, 30m, 6h, 2d or 2w'],
    ['warn: 30m, keep: 2 hours, keepAtMost: 1h, action: kill', 'keep: is "2 hours" but has to be a duration such as 90s, 30m, 6h, 2d or 2w; did you mean 2h?'],
    ['warn: 30m, keep: , keepAtMost: 1h, action: kill', 'keep: is empty but has to be a duration such as 90s, 30m, 6h, 2d or 2w'],
  ])('may not be %s: one mistake, one error', (words, problem) => {
    expect(problemsOf({ alert: words })).toEqual([`4 alerts.0.${problem}`]);
    expect(problemsOf({ cleanup: words })).toEqual([`5 cleanup.0.${problem}`]);
  });

  it.each([
    ['warm: 30m, keep: 2h, action: kill', 'warm'],
    ['wran: 30m, keep: 2h, action: kill', 'wran'],
    ['warn: 30m, kepp: 2h, keepAtMost: 24h, action: kill', 'kepp'],
    ['warn: 30m, askAgain: 1d, action: kil', 'action'],
  ])('that is misspelled in %s is said once', (words, key) => {
    expect(problemsOf({ cleanup: words })).toEqual([expect.stringMatching(`^5 cleanup\\.0\\.${key}: `)]);
  });

  it('that is misspelled in one rule is missing in another', () => {
    const second = '{ name: other, cluster: dev, match: { queue: adhoc }, keep: 2h, action: kill }';
    expect(problemsOf({ cleanup: `warm: 30m, keep: 2h, action: kill }, ${second.slice(0, -2)}` })).toEqual([expect.stringMatching(/^5 cleanup\.0\.warm: /), expect.stringMatching(/^5 cleanup\.1\.keep: keeps a job that people were warned of/)]);
  });

  it('is none of a pick', () => {
    expect(problemsOf({ alert: 'pick: { queue: adhoc }, warn: 30m, action: kill' })).toEqual(['4 alerts.0.warn: a pick kills at once what it chose, and warns nobody; leave out warn or pick']);
    expect(problemsOf({ alert: 'pick: { queue: adhoc }, warn: 30m, action: ask' })).toEqual([
      '4 alerts.0.warn: a pick kills at once what it chose, and warns nobody; leave out warn or pick; goes with action: kill only, and action: ask tells people anyway; leave out warn or write action: kill',
    ]);
  });

  it('needs a channel and the bot token', () => {
    const words = { alert: 'warn: 30m, action: kill', cleanup: 'warn: 30m, keep: 2h, action: kill' };
    const lacks = ['4 alerts.0.warn: warn needs slack.channel and SLACK_BOT_TOKEN, to post the card', '5 cleanup.0.warn: warn needs slack.channel and SLACK_BOT_TOKEN, to post the card'];
    expect(problemsOf(words, false)).toEqual(lacks);
    expect(problemsOf({ ...words, slack: '{ mayApprove: [U1] }' })).toEqual(lacks);
    expect(problemsOf({ ...words, slack: '{ mayApprove: [U1] }' }, false)).toEqual(lacks);
  });

  it('needs no approver', () => {
    expect(problemsOf({ slack: '{ channel: C1 }', cleanup: 'warn: 30m, keep: 2h, action: kill' })).toEqual([]);
  });
});

describe('askAgain', () => {
  const USELESS = 'askAgain: is for rules that ask, notify, warn or pick, and this one only kills; leave it out';

  it('is refused where the rule never asks nor tells', () => {
    const words = { alert: 'askAgain: 1d, action: kill', cleanup: 'askAgain: 1d, action: kill' };
    expect(problemsOf(words)).toEqual([`4 alerts.0.${USELESS}`, `5 cleanup.0.${USELESS}`]);
    expect(problemsOf({ ...words, ask: '{ trigger: slack, who: approver }, { who: none }' })).toEqual([`4 alerts.0.${USELESS}`, `5 cleanup.0.${USELESS}`]);
    expect(problemsOf({ ...words, ask: '{ trigger: cleanup, who: approver }' })).toEqual([`4 alerts.0.${USELESS}`]);
  });

  it('is refused where nothing is said of asking, and not where that cannot be read', () => {
    const policy = policyOf({ cleanup: 'askAgain: 1d, action: kill' });
    const lines = (yamlText: string): string[] => {
      try {
        parsePolicy(yamlText, { hasBotToken: true, file: 'p' });
        return [];
      } catch (error) {
        return (error as Error).message.split('\n').map((line) => line.replace(/^p:\d+:\d+ /, ''));
      }
    };
    expect(lines(policy.replace('\nask: []', ''))).toEqual([`cleanup.0.${USELESS}`]);
    expect(lines(policy.replace('ask: []', 'ask: none'))).toEqual(['ask: is "none" but has to be a list']);
  });

  it.each(['askAgain: 1d, action: ask', 'askAgain: 1d, action: notify', 'askAgain: 1d, warn: 30m, action: kill'])('may stand beside %s', (words) => {
    expect(problemsOf({ alert: words, cleanup: words })).toEqual([]);
  });

  it('may stand in a rule that picks, and where the policy may ask of it', () => {
    expect(problemsOf({ alert: 'pick: { queue: adhoc }, askAgain: 1d, action: kill' })).toEqual([]);
    const words = { alert: 'askAgain: 1d, action: kill', cleanup: 'askAgain: 1d, action: kill' };
    expect(problemsOf({ ...words, ask: '{ match: { type: Flink }, who: approver }' })).toEqual([]);
  });

  it.each([['{ trigger: clean, who: approver }', 'ask.0.trigger'], ['{ trigger: cleanup, who: somebody }', 'ask.0.who']])('is not blamed where what asks is broken: %s', (ask, key) => {
    expect(problemsOf({ ask, cleanup: 'askAgain: 1d, action: kill' })).toEqual([expect.stringMatching(`^3 ${key}: `)]);
  });
});

describe('slack.people', () => {
  const withPeople = (people: string): Words => ({ slack: `{ channel: C1, mayApprove: [U1], people: ${people} }` });

  it('keep the order in which they are written', () => {
    const { slack } = read(withPeople('{ etl_dev: U0678IJKL, "svc-etl-*": C0789MNOP, "svc-*": W1, "*": G1 }'));
    expect(Object.entries(slack.people ?? {})).toEqual([['etl_dev', 'U0678IJKL'], ['svc-etl-*', 'C0789MNOP'], ['svc-*', 'W1'], ['*', 'G1']]);
  });

  it.each(['', '{}', '{ ana: U1, bo: U1 }', '{ "svc-etl-*": U1, "svc-*": U2 }', '{ "*-dev": U1, "etl-*": U2 }', '{ "?": U1, "*": U2 }'])('may be %s', (people) => {
    expect(problemsOf(withPeople(people))).toEqual([]);
  });

  it.each([
    ['{ "*": C1, etl_dev: U1 }', 'etl_dev', '*'],
    ['{ "svc-*": U1, "svc-etl-*": U2 }', 'svc-etl-*', 'svc-*'],
    ['{ "*-dev": U1, etl-dev: U2 }', 'etl-dev', '*-dev'],
    ['{ "?*": U1, "*": U2, "**": U3 }', '**', '*'],
  ])('may not be %s: the first that fits decides', (people, glob, first) => {
    expect(problemsOf(withPeople(people))).toEqual([`2 slack.people.${glob}: never decides, since ${first} stands before it and fits all the same users; put it first or leave it out`]);
  });

  it.each([
    ['{ etl_dev: "@ana" }', 'slack.people.etl_dev: is "@ana" but has to be the id of a Slack user or channel, such as U012AB3CD or C0123456789'],
    ['{ etl_dev: 5 }', 'slack.people.etl_dev: was read as a number; put it in quotes'],
    ['{ "": U1 }', 'slack.people.: has to be the name of an MRS user; * and ? stand for other characters'],
    ['[etl_dev]', 'slack.people: is a list but has to be a mapping of MRS users to people or channels'],
  ])('may not be %s', (people, problem) => {
    expect(problemsOf(withPeople(people))).toEqual([`2 ${problem}`]);
  });
});

describe('slack.digest', () => {
  const withDigest = (digest: string, channel = 'channel: C1, '): Words => ({ slack: `{ ${channel}mayApprove: [U1], digest: ${digest} }` });
  const FORM = 'has to be a day, a time and a zone, such as mon 09:00 Europe/Berlin';

  it.each(['mon 09:00 Europe/Berlin', 'sun 23:59 Asia/Shanghai', 'fri 00:00 UTC', 'wed 12:30 America/Argentina/Buenos_Aires', 'thu 08:00 Etc/GMT-8'])('may be %s', (digest) => {
    expect(problemsOf(withDigest(digest))).toEqual([]);
  });

  it.each(['monday 09:00 Europe/Berlin', 'Mon 09:00 Europe/Berlin', 'mon 9:00 Europe/Berlin', 'mon 24:00 Europe/Berlin', 'mon 09:60 Europe/Berlin', 'mon 09:00', 'mon 09:00 +02:00', '0 9 * * 1', 'weekly', 'mon 9:00 Mars/Olympus', '""'])('may not be %s', (digest) => {
    const found = digest === '""' ? 'is empty' : `is "${digest}"`;
    expect(problemsOf(withDigest(digest))).toEqual([`2 slack.digest: ${found} but ${FORM}`]);
  });

  it('is in a zone that there is', () => {
    expect(problemsOf(withDigest('mon 09:00 Mars/Olympus'))).toEqual([`2 slack.digest: ${FORM}; this zone is not known`]);
  });

  it('needs a channel and the bot token', () => {
    const lacks = '2 slack.digest: digest needs slack.channel and SLACK_BOT_TOKEN, to post the week';
    expect(problemsOf(withDigest('mon 09:00 UTC'), false)).toEqual([lacks]);
    expect(problemsOf(withDigest('mon 09:00 UTC', ''))).toEqual([lacks]);
    expect(problemsOf(withDigest('mon 09:00 UTC', 'channel: ops, '))).toEqual([expect.stringMatching(/^2 slack\.channel: /)]);
  });
});
