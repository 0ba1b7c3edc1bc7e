import { describe, expect, it } from '@jest/globals';
import { checkDangers } from '../../tools/check-config/dangers.ts';
import { checkRules } from '../../tools/check-config/rules.ts';
import { checkSchedule } from '../../tools/check-config/schedule.ts';
import { findingLine } from '../../tools/findings.ts';
import { ANALYTICS_ID } from '../simulator/client.ts';
import { parsePolicy } from '../support/parse-policy.ts';

const TOLD = 'slack: { team: T1, channel: C0OPS, mayKill: [U0A], mayApprove: [U0B] }';
const policyOf = (rules: string) => parsePolicy(`clusters: { dev: { id: ${ANALYTICS_ID} } }\n${rules}`, { hasBotToken: true, file: 'policy.yml' });
const dangers = (rules: string): string[] => checkDangers(policyOf(rules), 'policy.yml').map(findingLine);
const cleanup = (rule: string, more = `dryRun: false\n${TOLD}`): string => `${more}\ncleanup: [{ name: a, cluster: dev, ${rule} }]`;

describe('a cleanup rule that kills at once what has just begun', () => {
  const words = (which: string): string[] => [`warning policy.yml cleanup.0 (a): kills ${which}, also one that has just begun; add olderThan or pendingLongerThan, unless that is meant`];
  it.each([
    ['match: { name: "*" }, action: kill', 'every job of dev'], ['match: { name: "**", user: "*" }, action: kill', 'every job of dev'],
    ['match: { queue: adhoc }, action: kill', 'every job that fits'], ['match: { name: "*", queue: adhoc }, action: kill', 'every job that fits'],
  ])('%s', (rule, which) => expect(dangers(cleanup(rule))).toEqual(words(which)));

  it.each([
    ['of an age', cleanup('match: { name: "*" }, olderThan: 6h, action: kill')], ['of one that waits', cleanup('match: { name: "*" }, pendingLongerThan: 6h, action: kill')],
    ['that asks', cleanup('match: { name: "*" }, action: ask')], ['that tells', cleanup('match: { name: "*" }, action: notify')], ['that warns', cleanup('match: { name: "*" }, action: kill, warn: 30m')],
    ['that is played', cleanup('match: { name: "*" }, action: kill, dryRun: true')], ['of a policy that is played', cleanup('match: { name: "*" }, action: kill', TOLD)], ['whose trigger is played', cleanup('match: { name: "*" }, action: kill', `dryRun: [cleanup]\n${TOLD}`)],
  ])('is none %s', (_what, rules) => expect(dangers(rules)).toEqual([]));
});

describe('an approver', () => {
  it.each([
    ['mayKill: [U0A, U0B], mayApprove: [U0B]', ['warning policy.yml slack.mayApprove: names U0B alone, who may kill too: what they ask for that an approver has to agree to, nobody can approve; add a second person']],
    ['mayKill: [U0A], mayApprove: [U0B]', []], ['mayKill: [U0A, U0B], mayApprove: [U0B, U0A]', []], ['mayKill: [U0A], mayApprove: []', []],
  ])('of %s', (people, lines) => expect(dangers(`slack: { team: T1, channel: C0OPS, ${people} }`)).toEqual(lines));
});

describe('rules that kill for real and tell nobody', () => {
  const alert = 'alerts: [{ match: { alertname: X }, action: kill }]';
  it.each([
    [`dryRun: false\n${alert}`, '1 rule kills'], [`dryRun: [cleanup]\n${alert}`, '1 rule kills'],
    [`dryRun: false\n${alert}\ncleanup: [{ name: a, cluster: dev, match: { queue: q }, olderThan: 6h, action: kill }]`, '2 rules kill'],
  ])('%s', (rules, words) => expect(dangers(rules)).toEqual([`warning policy.yml slack.channel: is left out, and ${words} for real: only the log and the ledger will tell of it`]));

  it.each([[alert], [`dryRun: [alerts]\n${alert}`], [`dryRun: false\n${TOLD}\n${alert}`], ['dryRun: false']])('are none of %s', (rules) => expect(dangers(rules)).toEqual([]));
});

describe('a glob that is none', () => {
  const odd = (selector: string): string[] => checkRules(policyOf(`protected: [${selector}]`), 'policy.yml').map((finding) => findingLine(finding).replace('warning policy.yml protected.0: ', ''));
  const REGEXP = 'looks like a regular expression: a glob knows * and ? alone, and takes all else as it stands';
  it.each([
    ['{ name: "billing.*" }', `name billing.* ${REGEXP}`], ['{ name: "a.+" }', `name a.+ ${REGEXP}`], ['{ name: "/^billing/" }', `name /^billing/ ${REGEXP}`], ['{ user: "^svc" }', `user ^svc ${REGEXP}`], ['{ queue: "prod$" }', `queue prod$ ${REGEXP}`],
    ['{ name: "a|b" }', `name a|b ${REGEXP}`], ['{ name: "a\\\\d" }', `name a\\d ${REGEXP}`],
    ['{ name: " billing-*" }', 'name has a blank at its beginning, which a name would have to have too; leave it out'], ['{ user: "svc " }', 'user has a blank at its end, which a name would have to have too; leave it out'],
  ])('%s', (selector, words) => expect(odd(selector)).toEqual([words]));

  it.each(['{ name: "billing-*" }', '{ queue: "root.default.*" }', '{ user: "svc.*" }', '{ name: "etl daily" }', '{ name: "a$b" }', '{ name: "a^b?" }', '{ queue: "/root/x" }'])('is none of %s', (selector) => expect(odd(selector)).toEqual([]));

  it('is one in a rule that kills, too', () => {
    expect(checkRules(policyOf('cleanup: [{ name: a, cluster: dev, match: { name: "nb.*" }, action: kill }]'), 'policy.yml').map(findingLine)).toEqual([`warning policy.yml cleanup.0 (a): name nb.* ${REGEXP}`]);
  });
});

describe('cleanup rules that no schedule runs', () => {
  const one = policyOf('cleanup: [{ name: a, cluster: dev, match: { queue: q }, action: kill }]');
  const two = policyOf('cleanup: [{ name: a, cluster: dev, match: { queue: q }, action: kill }, { name: b, cluster: dev, match: { queue: r }, action: kill }]');
  const check = (policy: typeof one, env: Record<string, string>, home: 'aws' | 'own'): string[] => checkSchedule(policy, env, { home, file: 'policy.yml' }).map(findingLine);

  it('are told of in both homes', () => {
    expect(check(one, {}, 'aws')).toEqual(['warning policy.yml cleanup: its rule runs by hand only (/mrs cleanup): set CLEANUP_ENABLED=true for a schedule']);
    expect(check(two, { CLEANUP_ENABLED: 'false', CLEANUP_SCHEDULE: 'rate(1 hour)' }, 'aws')).toEqual(['warning policy.yml cleanup: its 2 rules run by hand only (/mrs cleanup): set CLEANUP_ENABLED=true for a schedule']);
    expect(check(one, {}, 'own')).toEqual(['warning policy.yml cleanup: its rule runs by hand only (npm run serve -- cleanup, /mrs cleanup): set CLEANUP_SCHEDULE for a schedule']);
    expect(check(one, { CLEANUP_ENABLED: 'true' }, 'own')).toEqual([expect.stringMatching(/for a schedule; CLEANUP_ENABLED is of the AWS home, and does nothing here$/)]);
  });

  it.each([[{ CLEANUP_ENABLED: 'true' }, 'aws'], [{ CLEANUP_SCHEDULE: '0 * * * *' }, 'own']] as const)('are none with %j on %s', (env, home) => expect(check(one, env, home)).toEqual([]));
  it('are none where there are no rules', () => expect(check(policyOf(''), {}, 'aws')).toEqual([]));
});
