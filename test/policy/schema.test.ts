import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { PolicySchema } from '../../lib/policy/schema.ts';
import { runs } from '../support/full-size.ts';

const CLUSTERS = { dev: { id: 'bc134369-294c-42b7-a707-b2036ba38524' } };

/** `path: message` of each issue, or [] for a good policy. */
function issuesOf(policy: object): string[] {
  const { error } = PolicySchema.safeParse({ clusters: CLUSTERS, ...policy });
  return (error?.issues ?? []).map(({ path, message }) => `${path.map(String).join('.')}: ${message}`);
}

const read = (policy: object) => PolicySchema.parse({ clusters: CLUSTERS, ...policy });
const cleanup = (rule: object) => ({ cleanup: [{ name: 'a', cluster: 'dev', match: { name: 'nb-*' }, action: 'kill', ...rule }] });
const alert = (rule: object) => ({ alerts: [{ match: { alertname: 'Stuck' }, action: 'kill', ...rule }] });

describe('a policy', () => {
  it('needs only its clusters, kills nothing by default and lets nobody kill', () => {
    expect(PolicySchema.parse({ clusters: CLUSTERS })).toEqual({
      dryRun: true,
      clusters: CLUSTERS,
      protected: [],
      ask: [],
      limits: { perDelivery: 10, perHour: 30, percentOfRunning: 50 },
      slack: { mayKill: [], mayApprove: [] },
      alerts: [],
      cleanup: [],
    });
  });

  it('may have sections in which everything is commented out', () => {
    const empty = { protected: null, ask: null, limits: null, slack: null, alerts: null, cleanup: null };
    expect(read(empty)).toEqual(PolicySchema.parse({ clusters: CLUSTERS }));
  });

  it('is no policy without a cluster', () => {
    expect(issuesOf({ clusters: {} })).toEqual([expect.stringMatching(/^clusters: has to list at least one cluster/)]);
    expect(issuesOf({ clusters: undefined })).toEqual([expect.stringMatching(/^clusters: is required/)]);
    expect(issuesOf({ clusters: null })).toEqual([expect.stringMatching(/^clusters: is empty but has to be a mapping/)]);
  });

  it.each([
    ['', { protect: [] }],
    ['protected.0', { protected: [{ nmae: 'x' }] }],
    ['alerts.0.pick', alert({ pick: { usr: 'x' } })],
    ['clusters.dev', { clusters: { dev: { id: 'x', name: 'y' } } }],
    ['protected.0', { protected: [{ nmae: 'x', user: 'y' }] }],
    ['ask.0', { ask: [{ who: 'none', when: 'now' }] }],
    ['ask.0.match', { ask: [{ who: 'none', match: { clusters: 'x' } }] }],
    ['limits', { limits: { perDay: 1 } }],
    ['slack', { slack: { mayDecline: [] } }],
    ['alerts.0', alert({ labels: {} })],
    ['alerts.0.pick', alert({ pick: { user: 'x', cluster: 'dev' } })],
    ['cleanup.0', cleanup({ pick: {} })],
    ['cleanup.0.match', cleanup({ match: { name: 'x', cluster: 'dev' } })],
  ])('has no unknown key in %j', (path, policy) => {
    expect(issuesOf(policy)).toEqual([expect.stringMatching(`^${path}: unknown key; known here: `)]);
  });
});

describe('dryRun', () => {
  it.each([[true], [false], [['alerts', 'cleanup']]])('may be %j', (dryRun) => {
    expect(read({ dryRun }).dryRun).toEqual(dryRun);
  });

  const DRY_RUN = 'has to be true, false or a list of slack, alerts, cleanup, api';
  it.each<[unknown, string]>([
    [null, `is empty but ${DRY_RUN}`],
    ['false', `is "false" but ${DRY_RUN}; write false`],
    ['yes', `is "yes" but ${DRY_RUN}; write true`],
    [0, `is 0 but ${DRY_RUN}`],
    [[], `is a list but ${DRY_RUN}`],
    [['alerts', 'alert'], `${DRY_RUN}; "alert" is none of them; did you mean alerts?`],
    [[['alerts']], `${DRY_RUN}; one is none of them`],
    ['yesterday', `is "yesterday" but ${DRY_RUN}`],
    ['not yes', `is "not yes" but ${DRY_RUN}`],
    ['nobody', `is "nobody" but ${DRY_RUN}`],
    ['casino', `is "casino" but ${DRY_RUN}`],
    [[true], `${DRY_RUN}; true is none of them`],
  ])('may not be %j', (dryRun, problem) => {
    expect(issuesOf({ dryRun })).toEqual([`dryRun: ${problem}`]);
  });

  it('of a rule is true or false', () => {
    expect(read(alert({ dryRun: true })).alerts[0]?.dryRun).toBe(true);
    expect(issuesOf(alert({ dryRun: 'yes' }))).toEqual(['alerts.0.dryRun: is "yes" but has to be true or false; write true']);
    expect(issuesOf(cleanup({ dryRun: ['slack'] }))).toEqual(['cleanup.0.dryRun: is a list but has to be true or false']);
  });
});

describe('a selector', () => {
  it('has its durations in milliseconds', () => {
    expect(read({ protected: [{ name: 'a-*', olderThan: '6h' }, { pendingLongerThan: '90s' }] }).protected).toStrictEqual([
      { name: 'a-*', olderThanMs: 21_600_000 },
      { pendingLongerThanMs: 90_000 },
    ]);
  });

  const DURATION = 'has to be a duration such as 90s, 30m, 6h, 2d or 2w';
  it.each<[unknown, string]>([
    [6, 'is 6 without a unit; write 6s, 6m, 6h, 6d or 6w'],
    ['6', 'is 6 without a unit; write 6s, 6m, 6h, 6d or 6w'],
    ['90', 'is 90 without a unit; write 90s, 90m, 90h, 90d or 90w'],
    ['about 6', `is "about 6" but ${DURATION}`],
    ['6 hours', `is "6 hours" but ${DURATION}; did you mean 6h?`],
    ['6H', `is "6H" but ${DURATION}; did you mean 6h?`],
    ['30 min', `is "30 min" but ${DURATION}; did you mean 30m?`],
    ['-6h', `is "-6h" but ${DURATION}`],
    ['1h30m', `is "1h30m" but ${DURATION}`],
    ['0s', `is "0s" but ${DURATION}`],
    ['', `is empty but ${DURATION}`],
    [null, `is empty but ${DURATION}`],
    [true, `is true but ${DURATION}`],
  ])('does not take %j for a duration', (olderThan, problem) => {
    expect(issuesOf({ protected: [{ olderThan }] })).toEqual([`protected.0.olderThan: ${problem}`]);
  });

  it.each([
    ['protected.0', { protected: [{}] }],
    ['ask.0.match', { ask: [{ who: 'none', match: {} }] }],
    ['alerts.0.match', alert({ match: {} })],
    ['alerts.0.pick', alert({ pick: {} })],
    ['alerts.0.pick', alert({ pick: { order: 'newest', count: 3 } })],
    ['cleanup.0.match', cleanup({ match: {} })],
    ['cleanup.0.match', cleanup({ match: {}, olderThan: '6h' })],
  ])('is not empty in %s', (path, policy) => {
    expect(issuesOf(policy)).toEqual([expect.stringMatching(`^${path}: is empty and would fit every `)]);
  });

  it('has no empty glob', () => {
    const problem = 'is empty but has to be text that is not empty; * and ? stand for other characters';
    expect(issuesOf({ protected: [{ name: '' }, { user: null }] })).toEqual([`protected.0.name: ${problem}`, `protected.1.user: ${problem}`]);
  });

  it('names the cluster in ask only', () => {
    expect(read({ ask: [{ match: { cluster: 'd*' }, who: 'none' }] }).ask).toEqual([{ match: { cluster: 'd*' }, who: 'none' }]);
    expect(issuesOf({ protected: [{ cluster: 'dev' }] })).toHaveLength(1);
  });
});

describe('what YAML reads as something else than text', () => {
  it.each([
    ['clusters.dev.id', { clusters: { dev: { id: 12e3 } } }],
    ['clusters.dev.project', { clusters: { dev: { id: 'x', project: 123 } } }],
    ['protected.0.name', { protected: [{ name: 2024 }] }],
    ['alerts.0.match.code', alert({ match: { code: 175 } })],
    ['slack.mayKill.0', { slack: { mayKill: [1] } }],
  ])('has to be put in quotes: %s', (path, policy) => {
    expect(issuesOf(policy)).toEqual([`${path}: was read as a number; put it in quotes`]);
  });

  it('is true and false too', () => {
    expect(issuesOf({ protected: [{ user: true }] })).toEqual(['protected.0.user: was read as true or false; put it in quotes']);
  });
});

describe('names and ids', () => {
  it.each([['a b'], [''], ['x'.repeat(65)], ['dev/1'], ['dév']])('%j is no name for a cluster', (name) => {
    expect(issuesOf({ clusters: { [name]: { id: 'x' } } })).toEqual([
      `clusters.${name}: a cluster is named by 1 to 64 letters, digits, _ and -`,
    ]);
  });

  it.each([
    ['clusters.dev.id: is required and has to be a cluster id: 1 to 64 letters, digits, _ and -', { clusters: { dev: {} } }],
    ['clusters.dev.id: is empty but has to be a cluster id: 1 to 64 letters, digits, _ and -', { clusters: { dev: { id: null } } }],
    ['clusters.dev.id: is "a/b" but has to be a cluster id: 1 to 64 letters, digits, _ and -', { clusters: { dev: { id: 'a/b' } } }],
    ['clusters.dev.project: is "a-b" but has to be a project id: 1 to 64 letters and digits', { clusters: { dev: { id: 'x', project: 'a-b' } } }],
    ['clusters.dev.region: is "EU" but has to be a region such as eu-west-101', { clusters: { dev: { id: 'x', region: 'EU' } } }],
    ['slack.team: is "C0123456789" but has to be the id of a Slack workspace, such as T0123ABCD', { slack: { team: 'C0123456789' } }],
    ['slack.mayKill.0: is "@alice" but has to be the id of a Slack user, such as U012AB3CD', { slack: { mayKill: ['@alice'] } }],
    ['slack.mayApprove.1: is "u045ef6gh" but has to be the id of a Slack user, such as U012AB3CD', { slack: { mayApprove: ['U045EF6GH', 'u045ef6gh'] } }],
    ['slack.channel: is "#ops" but has to be the id of a Slack channel, such as C0123456789', { slack: { channel: '#ops' } }],
    ['slack.channels: is empty; leave it out to allow every channel', { slack: { channels: [] } }],
    ['slack.channels: is empty but has to be a list', { slack: { channels: null } }],
    ['slack.channels.0: is "ops" but has to be the id of a Slack channel, such as C0123456789', { slack: { channels: ['ops'] } }],
    ['alerts.0.source: is "Alert Manager" but has to be the name of an alert source, such as alertmanager', alert({ source: 'Alert Manager' })],
    ['alerts.0.job: is empty but has to be the name of a label', alert({ job: '' })],
    ['cleanup.0.cluster: is "a b" but has to be the name of a cluster: 1 to 64 letters, digits, _ and -', cleanup({ cluster: 'a b' })],
    ['cleanup.0.name: is " " but has to be a name of 1 to 64 characters', cleanup({ name: ' ' })],
    ['cleanup.0.name: has to be a name of 1 to 64 characters', cleanup({ name: 'x'.repeat(65) })],
  ])('%s', (problem, policy) => {
    expect(issuesOf(policy)).toEqual([problem]);
  });

  it.each([
    ['x'.repeat(38), `is "${'x'.repeat(38)}" but `],
    ['x'.repeat(39), ''],
  ])('are shown where they fit into a line: %s', (channel, found) => {
    expect(issuesOf({ slack: { channel } })).toEqual([`slack.channel: ${found}has to be the id of a Slack channel, such as C0123456789`]);
  });

  it.each([
    ['perHour:15', '; a space is missing behind the colon: perHour: 15'],
    ['perDay:15', ''],
    ['a perHour:15', ''],
  ])('with a value glued to them are a text, which is explained where it is a name: %s', (limits, hint) => {
    expect(issuesOf({ limits })).toEqual([`limits: is "${limits}" but has to be a mapping of perDelivery, perHour, percentOfRunning${hint}`]);
  });

  it.each([
    ['perHour:15', 'a space is missing behind the colon; write perHour: 15'],
    ['perDay:15', 'unknown key; known here: perDelivery, perHour, percentOfRunning'],
    ['a perHour:15', 'unknown key; known here: perDelivery, perHour, percentOfRunning'],
    ['perHour ', 'has a wide blank or an invisible sign in it; indent with plain spaces, and type it anew'],
  ])('that are no key are explained: %j', (key, problem) => {
    expect(issuesOf({ limits: { [key]: 1 } })).toEqual([`limits: ${problem}`]);
  });

  it('of Slack may be those of a grid, of a guest, of a private channel and of a DM', () => {
    const slack = { team: 'E0123ABCD', mayKill: ['W012AB3CD'], mayApprove: [], channel: 'G0123456789', channels: ['D0123456789'] };
    expect(read({ slack }).slack).toEqual(slack);
  });
});

describe('rules', () => {
  it.each([
    ['ask.0.who', { ask: [{}] }],
    ['ask.0.who', { ask: [{ who: 'somebody' }] }],
    ['ask.0.trigger', { ask: [{ who: 'none', trigger: 'alert' }] }],
    ['alerts.0.action', alert({ action: undefined })],
    ['alerts.0.action', alert({ action: 'stop' })],
    ['alerts.0.match', alert({ match: undefined })],
    ['cleanup.0.cluster', cleanup({ cluster: undefined })],
    ['cleanup.0.match', cleanup({ match: undefined, olderThan: '6h' })],
    ['limits.perDelivery', { limits: { perDelivery: 0 } }],
    ['limits.perHour', { limits: { perHour: 1.5 } }],
    ['limits.percentOfRunning', { limits: { percentOfRunning: 101 } }],
    ['alerts.0.pick.count', alert({ pick: { user: 'x', count: 0 } })],
    ['alerts.0.pick.order', alert({ pick: { user: 'x', order: 'oldest' } })],
    ['alerts', { alerts: {} }],
    ['cleanup.0', { cleanup: ['x'] }],
  ])('are checked: %s', (path, policy) => {
    expect(issuesOf(policy)).toEqual([expect.stringMatching(`^${path}: `)]);
  });

  it('of ask may do without match and trigger', () => {
    expect(read({ ask: [{ who: 'none' }] }).ask).toEqual([{ who: 'none' }]);
  });

  it('that pick take the longest running one unless told otherwise', () => {
    expect(read(alert({ pick: { queue: 'adhoc', olderThan: '1h' } })).alerts[0]?.pick).toStrictEqual({
      queue: 'adhoc',
      olderThanMs: 3_600_000,
      order: 'longest-running',
      count: 1,
    });
  });

  it.each([
    [{}, {}],
    [{ askAgain: '2h', warn: '30m', keep: '1h', keepAtMost: '1d' }, { askAgainMs: 7_200_000, warnMs: 1_800_000, keepMs: 3_600_000, keepAtMostMs: 86_400_000 }],
  ])('have their times in milliseconds, those that are given: %j', (written, read_) => {
    expect(read(alert(written)).alerts).toStrictEqual([{ match: { alertname: 'Stuck' }, action: 'kill', ...read_ }]);
  });

  it('of cleanup may have the age beside match or in it, not both', () => {
    const match = { name: 'nb-*', olderThanMs: 21_600_000 };
    expect(read(cleanup({ olderThan: '6h' })).cleanup[0]).toEqual({ name: 'a', cluster: 'dev', match, action: 'kill' });
    expect(read(cleanup({ match: { name: 'nb-*', olderThan: '6h' } })).cleanup[0]?.match).toEqual(match);
    expect(issuesOf(cleanup({ olderThan: '6h', match: { olderThan: '1h' } }))).toEqual([
      'cleanup.0.olderThan: stands in match too; give it once',
    ]);
  });

  const BOTH = { olderThan: '6h', pendingLongerThan: '1m' };
  it.each([
    ['protected.0', { protected: [BOTH] }],
    ['ask.0.match', { ask: [{ who: 'none', match: BOTH }] }],
    ['alerts.0.pick', alert({ pick: BOTH })],
    ['cleanup.0.match', cleanup({ match: BOTH })],
    ['cleanup.0', cleanup(BOTH)],
    ['cleanup.0', cleanup({ match: { olderThan: '6h' }, pendingLongerThan: '1m' })],
  ])('do not look for jobs that are running and waiting at once: %s', (path, policy) => {
    expect(issuesOf(policy)).toEqual([`${path}.pendingLongerThan: no job is both running and waiting; give olderThan or pendingLongerThan, or each in an entry of its own`]);
  });

  it.each(['paused', 'Paused', 'kept', 'SparkSql', 'perHour'])('are not named %s: that is what refuses', (name) => {
    const problem = 'is what refuses a request, as in "refused: paused"; choose another name';
    expect([issuesOf(alert({ name })), issuesOf(cleanup({ name }))]).toEqual([[`alerts.0.name: ${problem}`], [`cleanup.0.name: ${problem}`]]);
  });

  it('are named by words that only look like what refuses', () => {
    expect(issuesOf({ ...alert({ name: 'paused jobs' }), ...cleanup({ name: 'is-kept' }) })).toEqual([]);
  });

  it('that are right survive JSON, in which the package carries them', () => {
    const policy = read({ ...cleanup({ olderThan: '6h' }), ...alert({ pick: { user: 'x' } }), ask: [{ who: 'none' }] });
    expect(JSON.parse(JSON.stringify(policy))).toEqual(policy);
  });
});

describe('anything at all', () => {
  const value = fc.anything({ withNullPrototype: true, withDate: true, withBigInt: true, withSparseArray: true });
  const keys = ['dryRun', 'clusters', 'protected', 'ask', 'limits', 'slack', 'alerts', 'cleanup', '__proto__', 'x'];
  const inner = ['id', 'name', 'match', 'action', 'cluster', 'pick', 'who', 'olderThan', 'mayKill', 'channel', 'perHour', 'constructor'];
  const almost = fc.dictionary(
    fc.constantFrom(...keys),
    fc.oneof(value, fc.array(fc.dictionary(fc.constantFrom(...inner), value)), fc.dictionary(fc.constantFrom(...inner), value)),
  );

  it('is a policy or has problems, and is never an exception', () => {
    fc.assert(
      fc.property(fc.oneof(value, almost), (input) => {
        const { success, data, error } = PolicySchema.safeParse(input);
        if (success) return expect(Object.keys(data.clusters)).not.toHaveLength(0);
        expect(error.issues).not.toHaveLength(0);
        // Each in our own words: none of the library's.
        expect(error.issues.map(({ message }) => message).join('\n')).not.toMatch(/^(?:invalid|unrecogni[sz]ed|too (?:big|small))/im);
      }),
      { numRuns: runs(2_000) },
    );
  });
});
