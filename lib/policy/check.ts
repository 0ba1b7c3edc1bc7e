import { matchesGlob } from '../core/glob.ts';
import { checkAlertRules, checkRuleNames, checkTimes } from './check-rules.ts';
import { checkSlack } from './check-slack.ts';
import { meant } from './meant.ts';
import type { PolicyOutline } from './outline.ts';
import type { IsBroken, PolicyProblem, Surroundings } from './problem.ts';

/** Finds what is wrong between the parts of a policy, each part being right by itself. */
export function checkPolicy(policy: PolicyOutline, { hasBotToken, sources }: Surroundings, isBroken: IsBroken = () => false): PolicyProblem[] {
  return [
    ...checkClusterNames(policy),
    ...checkClusterReferences(policy),
    ...checkRuleNames(policy),
    ...checkAlertRules(policy, sources),
    ...checkTimes(policy, isBroken),
    ...checkSlack(policy, hasBotToken, isBroken),
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
      problems.push({ path: [section, index, 'cluster'], message: `${cluster} is no listed cluster; ${listed}${meant(cluster, names)}` });
    }
  }
  for (const [index, { match }] of ask.entries()) {
    const glob = match?.cluster;
    if (glob === undefined || names.some((name) => matchesGlob(glob, name))) continue;
    problems.push({ path: ['ask', index, 'match', 'cluster'], message: `${glob} fits no listed cluster; ${listed}${meant(glob, names)}` });
  }
  return problems;
}
