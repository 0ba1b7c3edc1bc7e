import { coversGlob } from '../core/covers.ts';
import type { PolicyOutline } from './outline.ts';
import type { IsBroken, Path, PolicyProblem } from './problem.ts';

/** What needs a channel, the bot's token or an approver, and `slack.people`, of whom each has to be somebody's owner. */
export function checkSlack(policy: PolicyOutline, hasBotToken: boolean, isBroken: IsBroken): PolicyProblem[] {
  return [...checkSomebodyCanAnswer(policy, hasBotToken, isBroken), ...checkPeople(policy)];
}

/** What a rule means and there is nobody or nothing for. */
type Need = { what: string; channel?: string; approver?: boolean };

/** A question that nobody can see or answer would only expire. One error for each place, however much it lacks. */
function checkSomebodyCanAnswer(policy: PolicyOutline, hasBotToken: boolean, isBroken: IsBroken): PolicyProblem[] {
  const { slack = {} } = policy;
  const lacksChannel = !hasBotToken || (slack.channel === undefined && !isBroken(['slack', 'channel']));
  const lacksApprover = (slack.mayApprove ?? []).length === 0 && !isBroken(['slack', 'mayApprove']);
  return findNeeds(policy).flatMap(({ path, what, channel, approver = false }) => {
    const lacks = [
      ...(channel !== undefined && lacksChannel ? [`needs slack.channel and SLACK_BOT_TOKEN, to post ${channel}`] : []),
      ...(approver && lacksApprover ? ['means an approver, but slack.mayApprove names nobody'] : []),
    ];
    return lacks.length === 0 ? [] : [{ path, message: `${what} ${lacks.join('; and ')}` }];
  });
}

const CARD = 'the card';

function findNeeds({ slack = {}, ask = [], alerts = [], cleanup = [] }: PolicyOutline): (Need & { path: Path })[] {
  const needs: (Need & { path: Path })[] = [];
  for (const [section, rules] of Object.entries({ alerts, cleanup })) {
    for (const [index, { action, warn }] of rules.entries()) {
      if (action === 'ask' || action === 'notify') needs.push({ path: [section, index, 'action'], what: `action: ${action}`, channel: CARD, approver: action === 'ask' });
      else if (warn !== undefined) needs.push({ path: [section, index, 'warn'], what: 'warn', channel: CARD });
    }
  }
  const hasOwnRules = alerts.length > 0 || cleanup.length > 0;
  for (const [index, { trigger, who }] of ask.entries()) {
    const path = ['ask', index, 'who'];
    const byMachine = trigger === 'alerts' || trigger === 'cleanup';
    const channel = byMachine ? { channel: CARD } : {};
    if (who === 'approver') needs.push({ path, what: byMachine ? `who: approver for ${trigger}` : 'who: approver', ...channel, approver: true });
    // An alert or a schedule is no person that could confirm.
    else if (who === 'requester' && byMachine) needs.push({ path, what: `who: requester for ${trigger}`, ...channel, approver: true });
    else if (who === 'requester' && trigger === undefined && hasOwnRules) {
      needs.push({ path, what: 'who: requester without a trigger (it fits alerts and cleanup too; add trigger: slack if it should not)', approver: true });
    }
  }
  if (slack.digest !== undefined) needs.push({ path: ['slack', 'digest'], what: 'digest', channel: 'the week' });
  return needs;
}

/** The first glob that fits decides: one behind another that fits all the same users would never be told. */
function checkPeople({ slack = {} }: PolicyOutline): PolicyProblem[] {
  const globs = Object.keys(slack.people ?? {});
  return globs.flatMap((glob, index) => {
    const first = globs.slice(0, index).find((earlier) => coversGlob(earlier, glob));
    if (first === undefined) return [];
    return [{ path: ['slack', 'people', glob], message: `never decides, since ${first} stands before it and fits all the same users; put it first or leave it out` }];
  });
}
