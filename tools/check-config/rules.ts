import { coversGlob } from '../../lib/core/covers.ts';
import { replacedIn } from '../../lib/core/near-names.ts';
import type { AlertRule, Policy } from '../../lib/policy/policy.ts';
import { type Finding, warning } from '../findings.ts';
import { coversSelector, meansOnlySparkSql, whyNoJobFits } from './never-fits.ts';
import { oddGlobIn } from './odd-globs.ts';

type Part = { place: string; match: NonNullable<Policy['ask'][number]['match']>; kills: boolean };

/** Warns of rules that can never decide anything, or for other jobs than they look like: each is one that somebody relies on. `file`: the policy's name. */
export function checkRules(policy: Policy, file: string): Finding[] {
  const parts = partsOf(policy);
  const say = (place: string, text: string): Finding => warning(`${file} ${place}`, `never matches: ${text}`);
  return [
    ...parts.flatMap(({ place, match }) => {
      const why = whyNoJobFits(match);
      return why === undefined ? [] : [say(place, why)];
    }),
    ...parts.flatMap(({ place, match }) => {
      const odd = oddGlobIn(match);
      return odd === undefined ? [] : [warning(`${file} ${place}`, odd)];
    }),
    ...policy.alerts.flatMap((rule, index) => mistypedLabels(rule).map((text) => say(placeOf('alerts', index, rule.name), text))),
    ...shadowed(policy.alerts, coversAlert).map(([rule, index, first]) => say(placeOf('alerts', index, rule.name), `${placeOf('alerts', first, policy.alerts[first]?.name)} stands before it and takes all the same alerts; put the narrower one first, or leave it out`)),
    ...shadowed(policy.cleanup, (wide, narrow) => wide.cluster === narrow.cluster && coversSelector(wide.match, narrow.match)).map(([rule, index, first]) => say(placeOf('cleanup', index, rule.name), `${placeOf('cleanup', first, policy.cleanup[first]?.name)} stands before it and takes all the same jobs; put the narrower one first, or leave it out`)),
    ...shadowed(policy.ask, coversAsk).map(([, index, first]) => say(placeOf('ask', index), `${placeOf('ask', first)} stands before it and decides for all the same jobs; put the narrower one first, or leave it out`)),
    ...parts.filter(({ kills }) => kills).flatMap(({ place, match }) => neverKills(policy, place, match, file)),
  ];
}

/** What a rule would do and never can, though jobs fit it. */
function neverKills({ protected: guards }: Policy, place: string, match: Part['match'], file: string): Finding[] {
  const guard = guards.findIndex((one) => coversSelector(one, match));
  if (guard >= 0) return [warning(`${file} ${place}`, `never kills: all its jobs are protected by protected.${guard}; change one of the two`)];
  return meansOnlySparkSql(match) ? [warning(`${file} ${place}`, 'never kills: MRS cannot stop SparkSql jobs, and each is refused; leave it out')] : [];
}

/** All that picks jobs. */
function partsOf({ protected: guards, ask, alerts, cleanup }: Policy): Part[] {
  return [
    ...guards.map((match, index) => ({ place: placeOf('protected', index), match, kills: false })),
    ...ask.flatMap(({ match }, index) => (match === undefined ? [] : [{ place: placeOf('ask', index), match, kills: false }])),
    ...alerts.flatMap(({ pick, name }, index) => (pick === undefined ? [] : [{ place: `${placeOf('alerts', index, name)}, pick`, match: pick, kills: true }])),
    ...cleanup.map(({ match, name }, index) => ({ place: placeOf('cleanup', index, name), match, kills: true })),
  ];
}

/** A rule by its place, and its name where it has one: `cleanup.0 (stale)`. */
export function placeOf(section: string, index: number, name?: string): string {
  return `${section}.${index}${name === undefined ? '' : ` (${name})`}`;
}

/** The rules that another one before them leaves nothing to, and the place of that one. */
function shadowed<Rule>(rules: readonly Rule[], covers: (wide: Rule, narrow: Rule) => boolean): [rule: Rule, index: number, first: number][] {
  return rules.flatMap((rule, index): [Rule, number, number][] => {
    const first = rules.slice(0, index).findIndex((earlier) => covers(earlier, rule));
    return first < 0 ? [] : [[rule, index, first]];
  });
}

function coversAlert(wide: AlertRule, narrow: AlertRule): boolean {
  const hasSource = wide.source === undefined || wide.source === narrow.source;
  return hasSource && Object.entries(wide.match).every(([label, glob]) => Object.hasOwn(narrow.match, label) && coversGlob(glob, narrow.match[label] ?? ''));
}

function coversAsk(wide: Policy['ask'][number], narrow: Policy['ask'][number]): boolean {
  if (wide.trigger !== undefined && wide.trigger !== narrow.trigger) return false;
  if (wide.match === undefined) return true;
  if (narrow.match === undefined) return false;
  const { cluster } = wide.match;
  const hasCluster = cluster === undefined || (narrow.match.cluster !== undefined && coversGlob(cluster, narrow.match.cluster));
  return hasCluster && coversSelector(wide.match, narrow.match);
}

function mistypedLabels({ match }: AlertRule): string[] {
  return Object.entries(match).flatMap(([label, glob]) => {
    const replaced = replacedIn(glob);
    return replaced.length === 0 ? [] : [`${label} has ${replaced.join(' and ')} in it; type it anew`];
  });
}
