import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PolicyInvalid } from '../../lib/policy/parse.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { parsePolicy } from '../support/parse-policy.ts';
import { runs } from '../support/full-size.ts';

const EXAMPLE = readFileSync(new URL('example.yml', import.meta.url), 'utf8');
const STARTER = readFileSync(new URL('../../policy.yml', import.meta.url), 'utf8');
const CLUSTERS = 'clusters: { dev: { id: x } }';

function parse(yamlText: string, hasBotToken = true): Policy {
  return parsePolicy(yamlText, { hasBotToken, file: 'policy.yml' });
}

/** The lines of the message, or [] for a good policy. */
function problemsOf(yamlText: string, hasBotToken = true): string[] {
  try {
    parse(yamlText, hasBotToken);
    return [];
  } catch (error) {
    if (error instanceof PolicyInvalid) return error.message.split('\n');
    throw error;
  }
}

describe('the example of the design', () => {
  it('is a policy', () => {
    expect(parse(EXAMPLE)).toEqual({
      dryRun: true,
      clusters: {
        analytics: { id: '2b460e01-3351-4170-b0a7-57b9dd5ffef3', project: '0a1b2c3d4e5f60718293a4b5c6d7e8f9', region: 'eu-west-101' },
        dev: { id: 'bc134369-294c-42b7-a707-b2036ba38524' },
      },
      protected: [{ name: 'billing-*' }, { user: 'svc-payroll' }],
      ask: [
        { match: { cluster: 'analytics', type: 'Flink' }, who: 'approver' },
        { trigger: 'slack', who: 'requester' },
      ],
      limits: { perDelivery: 10, perHour: 30, percentOfRunning: 50 },
      slack: {
        team: 'T0123ABCD', mayKill: ['U012AB3CD'], mayApprove: ['U045EF6GH'], channel: 'C0123456789',
        people: { etl_dev: 'U0678IJKL', 'svc-etl-*': 'C0789MNOP' }, digest: 'mon 09:00 Europe/Berlin',
      },
      alerts: [
        { match: { alertname: 'MrsJobStuck', severity: 'crit*' }, action: 'kill' },
        {
          source: 'smn',
          match: { alarm_name: 'yarn-memory-*' },
          cluster: 'analytics',
          pick: { queue: 'adhoc', order: 'longest-running', count: 1, cooldownMs: 900_000 },
          action: 'ask',
        },
      ],
      cleanup: [
        {
          name: 'stale-notebooks',
          cluster: 'dev',
          match: { name: 'nb-*', type: 'SparkSubmit', queue: 'adhoc', olderThanMs: 21_600_000 },
          action: 'kill',
        },
        {
          name: 'long-adhoc',
          cluster: 'dev',
          match: { queue: 'adhoc', olderThanMs: 21_600_000 },
          warnMs: 1_800_000,
          keepMs: 7_200_000,
          keepAtMostMs: 86_400_000,
          action: 'kill',
        },
      ],
    });
  });

  it('asks for the bot token', () => {
    expect(problemsOf(EXAMPLE, false)).toEqual([
      'policy.yml:14:69 slack.digest: digest needs slack.channel and SLACK_BOT_TOKEN, to post the week',
      'policy.yml:17:161 alerts.1.action: action: ask needs slack.channel and SLACK_BOT_TOKEN, to post the card',
      'policy.yml:20:85 cleanup.1.warn: warn needs slack.channel and SLACK_BOT_TOKEN, to post the card',
    ]);
  });
});

describe('the policy.yml to start with', () => {
  it('is right without Slack, plays only, and has no rule that kills', () => {
    expect(parse(STARTER, false)).toMatchObject({
      dryRun: true,
      clusters: {
        analytics: { id: '2b460e01-3351-4170-b0a7-57b9dd5ffef3', project: '0a1b2c3d4e5f60718293a4b5c6d7e8f9', region: 'eu-west-101' },
        dev: { id: 'bc134369-294c-42b7-a707-b2036ba38524' },
      },
      slack: { mayKill: [], mayApprove: [] },
      alerts: [],
      cleanup: [],
    });
  });

  it('has examples in its comments that are right too', () => {
    const uncommented = STARTER.replaceAll(/^ {2}# /gm, '  ');
    const { ask, slack, alerts, cleanup } = parse(uncommented);
    expect([ask.length, slack.mayKill.length, slack.channels?.length, alerts.length, cleanup.length]).toEqual([2, 1, 1, 2, 2]);
  });
});

describe('a mistake', () => {
  it('is shown with its line, its column and its key', () => {
    const yamlText = EXAMPLE.replace('olderThan: 6h', 'olderThan: 6 hours');
    expect(problemsOf(yamlText)).toEqual(['policy.yml:19:113 cleanup.0.olderThan: is "6 hours" but has to be a duration such as 90s, 30m, 6h, 2d or 2w; did you mean 6h?']);
    try {
      parse(yamlText);
    } catch (error) {
      expect(error).toMatchObject({
        name: 'PolicyInvalid',
        code: 'policy_invalid',
        retryable: false,
        problems: [{ line: 19, column: 113, key: 'cleanup.0.olderThan', message: expect.any(String) }],
      });
    }
    expect.assertions(2);
  });

  it.each([
    ['a cooldown under a minute', 'pick: { queue: adhoc, cooldown: 59s }', 'alerts.0.pick.cooldown: has to be a duration from 1m to 14d'],
    ['a cooldown over 14 days', 'pick: { queue: adhoc, cooldown: 15d }', 'alerts.0.pick.cooldown: has to be a duration from 1m to 14d'],
    ['a cooldown and nothing to pick by', 'pick: { cooldown: 5m }', 'alerts.0.pick: is empty and would fit every job; give at least one of name, user, queue, type, state, olderThan, pendingLongerThan'],
    ['a count that no delivery may start', 'pick: { queue: adhoc, count: 11 }', 'alerts.0.pick.count: 11 is more than limits.perDelivery allows (10), so it would never pick'],
    ['an askAgain under an hour', 'askAgain: 59m', 'alerts.0.askAgain: has to be a duration from 1h to 14d'],
    ['an askAgain over 14 days', 'askAgain: 3w', 'alerts.0.askAgain: has to be a duration from 1h to 14d'],
    ['noData that is no yes or no', 'noData: kill', 'alerts.0.noData: is "kill" but has to be true or false'],
    ['a name like a place', 'name: alerts.1', 'alerts.0.name: is what a rule without a name is called by its place; choose another name'],
    ['an empty name', 'name: ""', 'alerts.0.name: is empty but has to be a name of 1 to 64 characters'],
  ])('%s is refused with line and key', (_, words, problem) => {
    const yamlText = `clusters:\n  dev: { id: x }\nalerts:\n  - { match: { a: b }, cluster: dev, ${words}, action: kill }`;
    expect(problemsOf(yamlText)).toEqual([expect.stringMatching(/^policy\.yml:4:\d+ /)]);
    expect(problemsOf(yamlText)[0]?.replace(/^\S+ /, '')).toBe(problem);
  });

  it.each(['pick: { queue: adhoc, cooldown: 1m }', 'pick: { queue: adhoc, cooldown: 2w }', 'pick: { queue: adhoc }, askAgain: 1h', 'pick: { queue: adhoc }, askAgain: 14d', 'noData: true', 'name: stuck jobs'])('is not %s', (words) => {
    expect(() => parse(`clusters:\n  dev: { id: x }\nalerts:\n  - { match: { a: b }, cluster: dev, ${words}, action: kill }`)).not.toThrow();
  });

  it('does not hide the others: all are shown, in the order of the file', () => {
    const yamlText = [
      'dryRun: maybe',
      'clusters:',
      '  dev: { id: 12e3, colour: red }',
      '  "a b": { id: y }',
      'alerts:',
      '  - { match: {}, action: kill }',
      '  - { match: { a: b }, cluster: prod, action: notify }',
      'foo: bar',
    ].join('\n');
    expect(problemsOf(yamlText, false)).toEqual([
      'policy.yml:1:9 dryRun: is "maybe" but has to be true, false or a list of slack, alerts, cleanup, api',
      'policy.yml:3:14 clusters.dev.id: was read as a number; put it in quotes',
      'policy.yml:3:20 clusters.dev.colour: unknown key; known here: id, project, region',
      'policy.yml:4:3 clusters.a b: a cluster is named by 1 to 64 letters, digits, _ and -',
      'policy.yml:6:14 alerts.0.match: is empty and would fit every alert; give at least one label',
      'policy.yml:7:33 alerts.1.cluster: prod is no listed cluster; listed under clusters: are dev, a b',
      'policy.yml:7:47 alerts.1.action: action: notify needs slack.channel and SLACK_BOT_TOKEN, to post the card',
      'policy.yml:8:1 foo: unknown key; known here: dryRun, clusters, protected, ask, limits, slack, alerts, cleanup',
    ]);
  });

  it('in a rule does not hide one between it and the others', () => {
    const yamlText = [
      CLUSTERS,
      'slack: { mayApprove: none, channel: "#ops" }',
      'ask: [{ trigger: alert, who: approver, match: { cluster: "prod-*", nmae: x } }]',
      'alerts: [{ source: alertmanger, match: 5, cluster: prod, job: "", pick: { count: 0 }, action: ask }]',
      'cleanup:',
      '  - { name: a, cluster: dev, match: { olderThan: 6 }, action: kill }',
      '  - { name: a, cluster: prod, when: now, action: notify }',
    ].join('\n');
    expect(problemsOf(yamlText, false)).toEqual([
      'policy.yml:2:22 slack.mayApprove: is "none" but has to be a list',
      'policy.yml:2:37 slack.channel: is "#ops" but has to be the id of a Slack channel, such as C0123456789',
      'policy.yml:3:18 ask.0.trigger: is "alert" but has to be slack, alerts, cleanup or api; did you mean alerts?',
      'policy.yml:3:58 ask.0.match.cluster: prod-* fits no listed cluster; listed under clusters: are dev',
      'policy.yml:3:68 ask.0.match.nmae: unknown key; known here: cluster, name, user, queue, type, state, olderThan, pendingLongerThan; did you mean name?',
      'policy.yml:4:20 alerts.0.source: alertmanger is no alert source; they are alertmanager, grafana, smn, datadog, pagerduty, generic, cloudwatch; did you mean alertmanager?',
      'policy.yml:4:40 alerts.0.match: is 5 but has to be a mapping of label names and what they have to look like',
      'policy.yml:4:52 alerts.0.cluster: prod is no listed cluster; listed under clusters: are dev',
      'policy.yml:4:63 alerts.0.job: is empty but has to be the name of a label',
      'policy.yml:4:73 alerts.0.pick: a rule has either job: or pick:, the label that names the job or a choice among them',
      'policy.yml:4:82 alerts.0.pick.count: is 0 but has to be a whole number from 1 to 1000',
      'policy.yml:4:95 alerts.0.action: action: ask needs slack.channel and SLACK_BOT_TOKEN, to post the card',
      'policy.yml:6:50 cleanup.0.match.olderThan: is 6 without a unit; write 6s, 6m, 6h, 6d or 6w',
      'policy.yml:7:5 cleanup.1.match: is required and has to be a mapping of name, user, queue, type, state, olderThan, pendingLongerThan',
      'policy.yml:7:13 cleanup.1.name: a is used twice; repeats are told apart by it',
      'policy.yml:7:25 cleanup.1.cluster: prod is no listed cluster; listed under clusters: are dev',
      'policy.yml:7:31 cleanup.1.when: unknown key; known here: name, cluster, match, olderThan, pendingLongerThan, action, askAgain, warn, keep, keepAtMost, dryRun; did you mean warn?',
      'policy.yml:7:50 cleanup.1.action: action: notify needs slack.channel and SLACK_BOT_TOKEN, to post the card',
    ]);
  });

  // One line of the message for one mistake, wherever else the part that is broken is needed.
  const NEEDY = 'ask: [{ trigger: cleanup, who: approver }]\nalerts: [{ match: { a: b }, action: ask }, { match: { a: c }, action: ask }]\ncleanup: [{ name: w, cluster: dev, match: { user: x }, warn: 30m, action: kill }]';
  it.each([
    ['a section that is none', 'slack: none', /^policy\.yml:2:8 slack: is "none" but has to be a mapping/],
    ['a section that is misspelled', 'slak: { mayApprove: [U1], channel: C1 }', /^policy\.yml:2:1 slak: unknown key/],
    ['a channel by its name', 'slack: { mayApprove: [U1], channel: ops }', /^policy\.yml:2:37 slack\.channel: is "ops" but has to be the id/],
    ['a channel that is misspelled', 'slack: { mayApprove: [U1], chanel: C1 }', /^policy\.yml:2:28 slack\.chanel: unknown key/],
    ['a channel that is a number', 'slack: { mayApprove: [U1], channel: 5 }', /^policy\.yml:2:37 slack\.channel: was read as a number/],
    ['approvers that are none', 'slack: { mayApprove: U1, channel: C1 }', /^policy\.yml:2:22 slack\.mayApprove: is "U1" but has to be a list/],
    ['approvers that are misspelled', 'slack: { mayAprove: [U1], channel: C1 }', /^policy\.yml:2:10 slack\.mayAprove: unknown key/],
  ])('of slack is said once, not for each rule that needs it: %s', (_case, slack, problem) => {
    expect(problemsOf(`${CLUSTERS}\n${slack}\n${NEEDY}`)).toEqual([expect.stringMatching(problem)]);
  });

  it('of slack does not hide what another one lacks', () => {
    const rule = 'alerts: [{ match: { a: b }, action: ask }]';
    expect(problemsOf(`${CLUSTERS}\nslack: { team: C1, colour: red }\n${rule}`)).toEqual([
      expect.stringMatching(/^policy\.yml:2:16 slack\.team: /),
      expect.stringMatching(/^policy\.yml:2:20 slack\.colour: unknown key/),
      'policy.yml:3:37 alerts.0.action: action: ask needs slack.channel and SLACK_BOT_TOKEN, to post the card; and means an approver, but slack.mayApprove names nobody',
    ]);
    expect(problemsOf(`${CLUSTERS}\nslack: { mayApprove: U1, channel: C1 }\n${rule}`, false)).toEqual([
      expect.stringMatching(/^policy\.yml:2:22 slack\.mayApprove: /),
      'policy.yml:3:37 alerts.0.action: action: ask needs slack.channel and SLACK_BOT_TOKEN, to post the card',
    ]);
  });

  it('by leaving something out is shown where it should stand', () => {
    expect(problemsOf(`${CLUSTERS}\ncleanup:\n  - name: a\n    cluster: dev\n    action: kill`)).toEqual([
      expect.stringMatching(/^policy\.yml:3:5 cleanup\.0\.match: is required/),
    ]);
    expect(problemsOf('dryRun: true')).toEqual([expect.stringMatching(/^policy\.yml:1:1 clusters: is required/)]);
  });

  it.each([
    ['nothing', '', 'policy.yml:1:1 (file): is empty but has to be a mapping'],
    ['only comments', '# nothing\n', 'policy.yml:1:1 (file): is empty but has to be a mapping'],
    ['a list', '- a', 'policy.yml:1:1 (file): is a list but has to be a mapping'],
    ['a tab', `${CLUSTERS}\nlimits:\n\tperHour: 1`, 'policy.yml:3:1 limits: is indented with a tab; YAML takes only spaces there'],
    ['an open bracket', `${CLUSTERS}\nprotected: [{ user: a }`, 'policy.yml:2:12 protected: the [ that begins here is not closed; close it with ]'],
    ['a key that stands twice', `${CLUSTERS}\nlimits: {}\nlimits: {}`, 'policy.yml:3:1 limits: stands twice, first in line 2; keep one of them'],
    ['a cluster that stands twice', 'clusters:\n  dev: { id: x }\n  dev: { id: y }', 'policy.yml:3:3 clusters.dev: stands twice, first in line 2; keep one of them'],
    ['an alias without an anchor', `${CLUSTERS}\nprotected:\n  - *vip`, 'policy.yml:3:5 protected.0: without quotes * begins an alias in YAML; write "*vip"'],
    ['an alias in its own anchor', `${CLUSTERS}\nprotected: &a [*a]`, 'policy.yml:2:16 protected.0: is a list but has to be a mapping'],
    ['an unknown tag', `${CLUSTERS}\nprotected: !secret x`, 'policy.yml:2:12 protected: without quotes nothing can begin with ! in YAML; write "!secret x"'],
    ['a key that is no text', `${CLUSTERS}\n? [a]\n: b`, 'policy.yml:2:3 ?: a key has to be text'],
    ['a second document', `${CLUSTERS}\n---\ndryRun: false`, 'policy.yml:2:1 clusters.dev.id: a second document'],
    ['a merge key', 'clusters: { dev: &d { id: x }, b: { <<: *d } }', 'policy.yml:1:37 clusters.b.<<: unknown key'],
    ['a key that JavaScript keeps for itself', 'clusters: { dev: { id: x }, __proto__: { id: y } }', 'policy.yml:1:29 clusters.__proto__: unknown key'],
  ])('is %s', (_case, yamlText, problem) => {
    expect(problemsOf(yamlText)).toContainEqual(expect.stringContaining(problem));
  });

  it('is a small text that stands for billions of values', () => {
    const rows = ['a: &a [1,1,1,1,1,1,1,1,1,1]', ...['b', 'c', 'd', 'e', 'f', 'g', 'h', 'i'].map((name, index) => {
      const inner = `*${'abcdefgh'[index]}`;
      return `${name}: &${name} [${Array.from({ length: 10 }, () => inner).join(',')}]`;
    })];
    expect(problemsOf(rows.join('\n'))).toEqual(['policy.yml:9:35 i.9: too many nested aliases; write the values out']);
  });

  it('in an alias is shown at its anchor', () => {
    const yamlText = `${CLUSTERS}\nprotected:\n  - &vip { user: a, olderThan: 9 }\n  - *vip`;
    expect(problemsOf(yamlText)).toEqual([
      expect.stringContaining('policy.yml:3:32 protected.0.olderThan: '),
      expect.stringContaining('policy.yml:3:32 protected.1.olderThan: '),
    ]);
  });

  it('in an alias may be an unknown key', () => {
    expect(problemsOf(`${CLUSTERS}\nprotected:\n  - &vip { user: a, nmae: x }\n  - *vip`)).toEqual([
      expect.stringMatching(/^policy\.yml:3:21 protected\.0\.nmae: unknown key; .*; did you mean name\?$/),
      expect.stringMatching(/^policy\.yml:3:21 protected\.1\.nmae: unknown key; .*; did you mean name\?$/),
    ]);
  });

  it('is a line for each unknown key, with its own word', () => {
    expect(problemsOf(`${CLUSTERS}\nlimits: { perHuor: 1, x: 2 }`)).toEqual([
      'policy.yml:2:11 limits.perHuor: unknown key; known here: perDelivery, perHour, percentOfRunning; did you mean perHour?',
      'policy.yml:2:23 limits.x: unknown key; known here: perDelivery, perHour, percentOfRunning',
    ]);
  });

  it('by a wrong column is shown with the key that it belongs to most likely', () => {
    expect(problemsOf(`${CLUSTERS}\nalerts:\n  - match: { a: b }\n    pick:\n    queue: adhoc\n    action: kill`)).toEqual([
      expect.stringMatching(/^policy\.yml:4:\d+ alerts\.0\.pick: is empty but /),
      expect.stringMatching(/^policy\.yml:5:5 alerts\.0\.queue: unknown key; .*; where it belongs to pick, indent it$/),
    ]);
  });

  it('beside a key that stands twice is shown together with it', () => {
    expect(problemsOf(`${CLUSTERS}\nlimits: {}\nlimits: { perHour: x }\ndryRun: x`)).toHaveLength(3);
  });
});

describe('YAML', () => {
  it('may use anchors and aliases for what is written twice', () => {
    const { protected: vips } = parse(`${CLUSTERS}\nprotected:\n  - &vip { user: a }\n  - *vip`);
    expect(vips).toEqual([{ user: 'a' }, { user: 'a' }]);
  });

  it('of any kind is a policy or a PolicyInvalid, never another exception', () => {
    const piece = fc.constantFrom('clusters', ': ', '\n', '  ', '- ', '{', '}', '[', ']', '&a ', '*a', '!!map ', '"', "'", '|', '? ', '#', '<<', 'x', '12', ', ', '\t', '---', '%', '__proto__');
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.array(piece, { maxLength: 30 }).map((pieces) => pieces.join(''))), (yamlText) => {
        for (const problem of problemsOf(yamlText)) expect(problem).not.toBe('');
      }),
      { numRuns: runs(2_000) },
    );
  });
});
