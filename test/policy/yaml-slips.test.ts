import { describe, expect, it } from '@jest/globals';
import { PolicyInvalid } from '../../lib/policy/parse.ts';
import { parsePolicy } from '../support/parse-policy.ts';

const CLUSTERS = 'clusters:\n  dev: { id: x }\n';

/** The lines of the message, or [] for a good policy. */
function problemsOf(yamlText: string): string[] {
  try {
    parsePolicy(yamlText, { hasBotToken: true, file: 'policy.yml' });
    return [];
  } catch (error) {
    if (error instanceof PolicyInvalid) return error.message.split('\n');
    throw error;
  }
}

describe('a slip of YAML is one line that says what was meant', () => {
  it.each<[string, string, string]>([
    ['a star alone', 'protected:\n  - name: *\n', '4:11 protected.0.name: without quotes * begins an alias in YAML; write "*"'],
    ['a pattern that begins with a star', 'protected:\n  - name: *-prod # all\n', '4:11 protected.0.name: without quotes * begins an alias in YAML; write "*-prod"'],
    ['a star amid braces', 'protected: [{ name: *nb, user: x }]\n', '3:21 protected.0.name: without quotes * begins an alias in YAML; write "*nb"'],
    ['a tab', 'limits:\n\tperHour: 1\n', '4:1 limits: is indented with a tab; YAML takes only spaces there'],
    ['a tab behind spaces', 'limits:\n  \tperHour: 1\n', '4:3 limits: is indented with a tab; YAML takes only spaces there'],
    ['a tab amid brackets', 'protected: [\n\t{ name: x }\n]\n', '4:1 protected: is indented with a tab; YAML takes only spaces there'],
    ['a key too far right', 'limits:\n  perHour: 1\n    perDelivery: 2\n', '5:5 limits.perHour: is indented further than the key above, which has a value already; begin both in one column'],
    ['a key between two columns', 'slack:\n   team: T0123ABCD\n  channel: C0123456789\n', '5:3 channel: is indented differently from what stands beside it; begin both in one column'],
    ['a key of a list between two columns', 'protected:\n  - name: x\n   user: y\n', '5:4 protected.1.user: stands between two columns; indent it like the keys of the entry above, or begin an entry with - and a space'],
    ['a key that stands twice', 'limits: {}\nlimits: {}\n', '4:1 limits: stands twice, first in line 3; keep one of them'],
    ['a double quote that stays open', 'protected:\n  - name: "abc\n  - user: x\nlimits: { perHour: 1 }\n', '4:11 protected.0.name: the quote " that begins here is not closed in this line; close it with "'],
    ['a double quote that the next one closes', 'protected:\n  - name: "abc\n  - user: "x"\n', '4:11 protected.0.name: the quote " that begins here is not closed in this line; close it with "'],
    ['a single quote that stays open', "protected:\n  - name: 'abc\n", "4:11 protected.0.name: the quote ' that begins here is not closed in this line; close it with '"],
    ['a quote that stays open amid braces', 'protected:\n  - { name: "abc }\n  - { user: "x" }\n', '4:13 protected.0.name: the quote " that begins here is not closed in this line; close it with "'],
    ['a quote in quotes', "protected:\n  - name: 'it's'\n", '4:15 protected.0.name: the quote ends before this; put all of the value in quotes, and use the other kind of quotes around one'],
    ['no space behind a colon, alone', 'limits:\n  perHour:1\n', '4:3 limits: is "perHour:1" but has to be a mapping of perDelivery, perHour, percentOfRunning; a space is missing behind the colon: perHour: 1'],
    ['no space behind a colon, among others', 'limits:\n  perHour:1\n  perDelivery: 2\n', '4:3 limits: a space is missing behind the colon; write perHour: 1'],
    ['no space behind a colon, amid braces', 'limits: { perHour:1 }\n', '3:11 limits.perHour:1: a space is missing behind the colon; write perHour: 1'],
    ['no space behind a colon, outermost', 'dryRun:true\n', '3:1 (file): a space is missing behind the colon; write dryRun: true'],
    ['a colon in a value', 'alerts:\n  - match: { a: b }\n    name: stuck: jobs\n    action: kill\n', '5:11 alerts.0.name.stuck: a colon with a space behind it makes a key of this; write "stuck: jobs"'],
    ['an age without a unit', 'protected:\n  - { olderThan: 6 }\n', '4:18 protected.0.olderThan: is 6 without a unit; write 6s, 6m, 6h, 6d or 6w'],
    ['yes for true', 'dryRun: yes\n', '3:9 dryRun: is "yes" but has to be true, false or a list of slack, alerts, cleanup, api; write true'],
    ['off for false', 'alerts: [{ match: { a: b }, action: kill, noData: off }]\n', '3:51 alerts.0.noData: is "off" but has to be true or false; write false'],
    ['a list for a mapping', 'limits:\n  - perHour: 1\n', '4:3 limits: is a list but has to be a mapping of perDelivery, perHour, percentOfRunning; write its keys without a dash'],
    ['a mapping for a list', 'protected:\n  name: x\n', '4:3 protected: is a mapping but has to be a list; begin each entry with a dash and a space'],
    ['no space behind a dash', 'protected:\n  -name: x\n', '4:3 protected: is a mapping but has to be a list; begin each entry with a dash and a space'],
    ['a name for a list', 'slack: { mayKill: U012AB3CD }\n', '3:19 slack.mayKill: is "U012AB3CD" but has to be a list'],
    ['a sign that YAML keeps for itself', 'slack: { mayKill: [@alice] }\n', '3:20 slack.mayKill.0: without quotes nothing can begin with @ in YAML; write "@alice"'],
    ['a tag that is none', 'protected:\n  - name: !nb\n', '4:11 protected.0.name: without quotes nothing can begin with ! in YAML; write "!nb"'],
    ['a brace that stays open', 'protected:\n  - { name: x\n  - { user: y }\n', '4:5 protected.0: the { that begins here is not closed; close it with }'],
    ['a bracket that a brace closes', 'slack: { mayKill: [U1, U2 }\n', '3:19 slack.mayKill: the [ that begins here is not closed; close it with ]'],
    ['a brace too many', 'slack: { mayKill: [U1] } }\n', '3:26 slack.mayKill.0: nothing was opened that this } closes; leave it out'],
    ['no comma', 'slack: { mayKill: [U1] channel: C1 }\n', '3:24 slack.mayKill.0: a comma is missing before this'],
    ['a dash amid brackets', 'protected: [\n  - user: x ]\n', '4:3 protected.0: inside brackets nothing begins with a dash; separate the entries with commas'],
    ['a blank of another width', 'limits:\n\u00a0\u00a0perHour: 1\n', '4:1 \u00a0\u00a0perHour: has a wide blank or an invisible sign in it; indent with plain spaces, and type it anew; where it belongs to limits, indent it'],
    ['a misspelled key', 'limits: { perhuor: 1 }\n', '3:11 limits.perhuor: unknown key; known here: perDelivery, perHour, percentOfRunning; did you mean perHour?'],
    ['a misspelled word', 'cleanup:\n  - { name: a, cluster: dev, match: { user: x }, action: kil }\n', '4:58 cleanup.0.action: is "kil" but has to be kill, ask or notify; did you mean kill?'],
    ['a misspelled cluster', 'cleanup:\n  - { name: a, cluster: dve, match: { user: x }, action: kill }\n', '4:25 cleanup.0.cluster: dve is no listed cluster; listed under clusters: are dev; did you mean dev?'],
    ['a misspelled source', 'alerts: [{ source: grafanna, match: { a: b }, action: kill }]\n', '3:20 alerts.0.source: grafanna is no alert source; they are alertmanager, grafana, smn, datadog, pagerduty, generic, cloudwatch; did you mean grafana?'],
  ])('%s', (_case, yamlText, line) => {
    expect(problemsOf(CLUSTERS + yamlText)).toEqual([`policy.yml:${line}`]);
  });

  it('is said of a key in the wrong column, where the one above it has no value', () => {
    expect(problemsOf('clusters:\ndev: { id: x }\n')).toEqual([
      'policy.yml:1:10 clusters: is empty but has to be a mapping of cluster names',
      'policy.yml:2:1 dev: unknown key; known here: dryRun, clusters, protected, ask, limits, slack, alerts, cleanup; where it belongs to clusters, indent it',
    ]);
  });

  it('is said of each line that has one', () => {
    expect(problemsOf(`${CLUSTERS}limits:\n\tperHour: 1\n\tperDelivery: 1\nprotected:\n  - name: *nb\n`)).toEqual([
      'policy.yml:4:1 limits: is indented with a tab; YAML takes only spaces there',
      'policy.yml:5:1 perHour: is indented with a tab; YAML takes only spaces there',
      'policy.yml:7:11 protected.0.name: without quotes * begins an alias in YAML; write "*nb"',
    ]);
  });
});

describe('what only looks like a slip', () => {
  it.each([
    ['a question mark', 'protected:\n  - name: ?x\n'],
    ['a tab behind a colon', 'limits:\n  perHour:\t1\n'],
    ['a number sign in a name', 'protected:\n  - name: x#y\n'],
    ['an anchor and its alias', 'protected:\n  - name: &nb nb-*\n  - user: *nb\n'],
    ['quotes that are closed in the next line of brackets', 'protected: [\n  { name: "a" },\n  { name: "b" } ]\n'],
  ])('%s is taken', (_case, yamlText) => {
    expect(problemsOf(CLUSTERS + yamlText)).toEqual([]);
  });
});
