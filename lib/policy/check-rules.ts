import { parseDurationMs } from '../core/time.ts';
import { meant } from './meant.ts';
import type { PolicyOutline } from './outline.ts';
import type { IsBroken, Path, PolicyProblem } from './problem.ts';

/** A name is a rule's in the ledger, whichever section it stands in. */
export function checkRuleNames({ alerts = [], cleanup = [] }: PolicyOutline): PolicyProblem[] {
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
export function checkAlertRules({ alerts = [], limits }: PolicyOutline, sources: readonly string[]): PolicyProblem[] {
  return alerts.flatMap(({ source, job, pick }, index): PolicyProblem[] => [
    ...(source !== undefined && !sources.includes(source) ? [{ path: ['alerts', index, 'source'], message: `${source} is no alert source; they are ${sources.join(', ')}${meant(source, sources)}` }] : []),
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

/** What rules of either kind may say; the outline of an alert rule has `pick` too. */
type Rule = NonNullable<PolicyOutline['cleanup']>[number] & { pick?: unknown };

/** A time that nothing ever reads is one that somebody relies on. */
export function checkTimes({ ask = [], alerts = [], cleanup = [] }: PolicyOutline, isBroken: IsBroken): PolicyProblem[] {
  return Object.entries<Rule[]>({ alerts, cleanup }).flatMap(([section, rules]) => {
    const mayBeAsked = isBroken(['ask']) || ask.some(({ trigger, who }, at) => who !== 'none' && (trigger === undefined || trigger === section || isBroken(['ask', at, 'trigger'])));
    return rules.flatMap((rule, index) => {
      const place: Path = [section, index];
      const has = (key: 'pick' | 'warn' | 'keep'): boolean => key in rule || isBroken([...place, key]);
      const problems: PolicyProblem[] = [];
      const add = (key: string, message: string): void => void problems.push({ path: [...place, key], message });

      if (rule.warn !== undefined) {
        const reasons = findWarningReasons(rule);
        if (reasons.length > 0) add('warn', reasons.join('; '));
      }
      if (rule.keep !== undefined && !has('warn')) add('keep', 'keeps a job that people were warned of; add warn, such as warn: 30m');
      if (rule.keepAtMost !== undefined && !has('keep')) add('keepAtMost', 'is how long keep may keep a job in all; add keep, such as keep: 2h');
      else if (isShorter(rule.keepAtMost, rule.keep) && !isBroken([...place, 'keep'])) add('keepAtMost', `is shorter than keep (${rule.keep}); a job is kept for keep at a time`);
      const neverAsks = rule.action === 'kill' && !mayBeAsked && !has('pick') && !has('warn');
      if (rule.askAgain !== undefined && neverAsks && !isBroken([...place, 'askAgain'])) add('askAgain', 'is for rules that ask, notify, warn or pick, and this one only kills; leave it out');
      return problems;
    });
  });
}

/** Why a rule cannot warn. */
function findWarningReasons(rule: Rule): string[] {
  return [
    ...('pick' in rule ? ['a pick kills at once what it chose, and warns nobody; leave out warn or pick'] : []),
    ...(rule.action === 'ask' || rule.action === 'notify' ? [`goes with action: kill only, and action: ${rule.action} tells people anyway; leave out warn or write action: kill`] : []),
  ];
}

/** What is left out, or is no time, is not shorter, and nothing is shorter than it. */
function isShorter(written = '', than = ''): boolean {
  return (parseDurationMs(written) ?? Infinity) < (parseDurationMs(than) ?? 0);
}
