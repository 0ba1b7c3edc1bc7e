import { matchesGlob } from '../core/glob.ts';
import type { PolicyOutline } from './outline.ts';

/** One mistake; `path` leads to it in policy.yml, as in `['alerts', 1, 'cluster']`. */
export type PolicyProblem = { path: (string | number)[]; message: string };

/** What a policy is checked against: whether there is a token to post with, and the alert sources that there are. */
export type Surroundings = { hasBotToken: boolean; sources: readonly string[] };

/** Finds what is wrong between the parts of a policy, each part being right by itself. */
export function checkPolicy(policy: PolicyOutline, { hasBotToken, sources }: Surroundings): PolicyProblem[] {
  return [
    ...checkClusterNames(policy),
    ...checkClusterReferences(policy),
    ...checkRuleNames(policy),
    ...checkAlertRules(policy, sources),
    ...checkSomebodyCanAnswer(policy, hasBotToken),
  ];
}

/** A cluster is named by its name or its id in commands and alerts, so each of them may mean one cluster only. */
function checkClusterNames({ clusters = {} }: PolicyOutline): PolicyProblem[] {
  const nameOf = new Map<string, string>();
  const problems: PolicyProblem[] = [];
  for (const [name, { id } = {}] of Object.entries(clusters)) {
    if (id === undefined) continue;
    const first = nameOf.get(id);
    if (first === undefined) nameOf.set(id, name);
    else problems.push({ path: ['clusters', name, 'id'], message: `is the id of ${first} too; list a cluster once` });
  }
  for (const name of Object.keys(clusters)) {
    const owner = nameOf.get(name);
    if (owner !== undefined && owner !== name) {
      problems.push({ path: ['clusters', name], message: `this name is the id of ${owner}; choose another name` });
    }
  }
  return problems;
}

function checkClusterReferences({ clusters = {}, ask = [], alerts = [], cleanup = [] }: PolicyOutline): PolicyProblem[] {
  const names = Object.keys(clusters);
  if (names.length === 0) return []; // an error of its own, and not one of each rule
  const listed = `listed under clusters: are ${names.join(', ')}`;
  const problems: PolicyProblem[] = [];
  for (const [section, rules] of Object.entries({ alerts, cleanup })) {
    for (const [index, { cluster }] of rules.entries()) {
      if (cluster === undefined || names.includes(cluster)) continue;
      problems.push({ path: [section, index, 'cluster'], message: `${cluster} is no listed cluster; ${listed}` });
    }
  }
  for (const [index, { match }] of ask.entries()) {
    const glob = match?.cluster;
    if (glob === undefined || names.some((name) => matchesGlob(glob, name))) continue;
    problems.push({ path: ['ask', index, 'match', 'cluster'], message: `${glob} fits no listed cluster; ${listed}` });
  }
  return problems;
}

/** A name is a rule's in the ledger, whichever section it stands in. */
function checkRuleNames({ alerts = [], cleanup = [] }: PolicyOutline): PolicyProblem[] {
  const used = new Set<string>();
  const problems: PolicyProblem[] = [];
  for (const [section, rules] of Object.entries({ alerts, cleanup })) {
    for (const [index, { name }] of rules.entries()) {
      if (name === undefined) continue;
      if (used.has(name)) problems.push({ path: [section, index, 'name'], message: `${name} is used twice; repeats are told apart by it` });
      used.add(name);
    }
  }
  return problems;
}

/** A rule for a misspelled source would be passed over without a word, and a laxer one below it would decide. */
function checkAlertRules({ alerts = [], limits }: PolicyOutline, sources: readonly string[]): PolicyProblem[] {
  return alerts.flatMap(({ source, job, pick }, index): PolicyProblem[] => [
    ...(source !== undefined && !sources.includes(source) ? [{ path: ['alerts', index, 'source'], message: `${source} is no alert source; they are ${sources.join(', ')}` }] : []),
    ...(job !== undefined && pick !== undefined ? [{ path: ['alerts', index, 'pick'], message: 'a rule has either job: or pick:, the label that names the job or a choice among them' }] : []),
    ...(pick ? checkCount(index, pick.count, limits?.perDelivery) : []),
  ]);
}

const PER_DELIVERY = 10;

/** A pick counts as so many kills when its delivery comes: it could never start. */
function checkCount(index: number, count = 1, perDelivery = PER_DELIVERY): PolicyProblem[] {
  if (count <= perDelivery) return [];
  return [{ path: ['alerts', index, 'pick', 'count'], message: `${count} is more than limits.perDelivery allows (${perDelivery}), so it would never pick` }];
}

/** A question that nobody can see or answer would only expire. */
function checkSomebodyCanAnswer({ slack = {}, ask = [], alerts = [], cleanup = [] }: PolicyOutline, hasBotToken: boolean): PolicyProblem[] {
  const problems: PolicyProblem[] = [];
  const canPost = slack.channel !== undefined && hasBotToken;
  const canApprove = (slack.mayApprove ?? []).length > 0;
  const needChannel = (path: (string | number)[], what: string): void => {
    if (!canPost) problems.push({ path, message: `${what} needs slack.channel and SLACK_BOT_TOKEN, to post the card` });
  };
  const needApprover = (path: (string | number)[], what: string): void => {
    if (!canApprove) problems.push({ path, message: `${what} means an approver, but slack.mayApprove names nobody` });
  };

  for (const [section, rules] of Object.entries({ alerts, cleanup })) {
    for (const [index, { action }] of rules.entries()) {
      const path = [section, index, 'action'];
      if (action === 'ask' || action === 'notify') needChannel(path, `action: ${action}`);
      if (action === 'ask') needApprover(path, 'action: ask');
    }
  }
  const hasOwnRules = alerts.length > 0 || cleanup.length > 0;
  for (const [index, { trigger, who }] of ask.entries()) {
    const path = ['ask', index, 'who'];
    const byMachine = trigger === 'alerts' || trigger === 'cleanup';
    if (byMachine && (who === 'approver' || who === 'requester')) needChannel(path, `who: ${who} for ${trigger}`);
    if (who === 'approver') needApprover(path, 'who: approver');
    // An alert or a schedule is no person that could confirm.
    else if (who === 'requester' && byMachine) needApprover(path, `who: requester for ${trigger}`);
    else if (who === 'requester' && trigger === undefined && hasOwnRules) {
      needApprover(path, 'who: requester without a trigger (it fits alerts and cleanup too; add trigger: slack if it should not)');
    }
  }
  return problems;
}
