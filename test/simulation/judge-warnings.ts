import type { Requested } from '../../lib/core/request.ts';
import { Answer, startAnswer } from '../../lib/ledger/keys.ts';
import { KILL_NOW } from '../../lib/slack/button.ts';
import type { SlackMessage } from '../simulator/slack-workspace.ts';
import { type Actor, requestOf, shortName, startOf } from './actor.ts';
import type { Kill } from './judge-kills.ts';
import type { LedgerTable } from './ledger.ts';
import type { Origins } from './origin.ts';
import { warningOn, type WarningClick } from './owners.ts';
import type { Plot } from './plot.ts';
import { REQUESTER, type WarnRule } from './policy.ts';
import { MINUTE_MS, SECOND_MS, type World } from './world.ts';

export type WarningJudge = {
  onSlack: () => void;
  onKill: (actor: Actor, kill: Kill) => void;
};

/** A card of a round, as long as it had buttons. Epoch ms. */
type Stood = { warning: string; message: SlackMessage; from: number; until?: number };

/** From the answer of Slack to the moment from which the run counts, and back. */
const COUNTED_WITHIN_MS = 15 * SECOND_MS;

/** The rule of a request that warns; undefined where it kills at once, or is no rule's. */
export function warnRuleOf(plot: Plot, policyRule: string | undefined): WarnRule | undefined {
  return plot.warned?.rules.find(({ name }) => name === policyRule);
}

/** Whether it is what a click on Kill now led to, and not the rule's own. */
export function isKillNow(request: Requested): boolean {
  return 'warning' in request && request.warning?.killNow === true;
}

/** Judges that people are warned before a rule kills that warns, for as long as it says, and that what they answered counts. */
export function judgeWarnings(world: World, table: LedgerTable, messages: readonly SlackMessage[], origins: Origins, plot: () => Plot, clicks: () => readonly WarningClick[], isRunning: (execution: string) => boolean): WarningJudge {
  const stood: Stood[] = [];
  /** By its execution: whether an answer to it would still count. */
  const isOpen = (warning: string): boolean => answerOf(warning) === undefined && !hasEnded(warning);
  const answerOf = (warning: string): Answer | undefined => Answer.safeParse(table.read(startAnswer(requestOf(warning), startOf(warning)))).data;
  const hasEnded = (warning: string): boolean => table.partition(`start/${requestOf(warning)}`).some(({ rest }) => Number(rest.split('/')[0]) === startOf(warning) && rest.endsWith('/end'));

  function noteCards(): void {
    for (const message of messages) {
      const warning = warningOn(message);
      const card = stood.find((one) => one.message === message && one.until === undefined);
      if (card !== undefined && warning === undefined) card.until = world.now();
      if (card === undefined && warning !== undefined) stood.push({ warning, message, from: world.now() });
    }
  }

  function subjectOf(warning: string): string {
    const request = origins.of(warning)?.request;
    const job = request !== undefined && 'job' in request.target ? JSON.stringify(request.target.job) : '';
    return `${request?.policyRule ?? ''} ${job}`;
  }

  /** Two messages of one round may stand, one in the channel and one with the owner. */
  function judgeLive(): void {
    const live = stood.filter(({ warning, until }) => until === undefined && isOpen(warning));
    const places = live.map(({ warning, message }) => `${warning} ${message.channel}`);
    const same = places.find((place, index) => places.indexOf(place) !== index);
    if (live.length > 0) world.judge('two messages of one warning in one place', same !== undefined, () => shortName(same ?? ''));
    const twice = live.find(({ warning }) => live.some((other) => other.warning !== warning && subjectOf(other.warning) === subjectOf(warning) && isRunning(other.warning) && isRunning(warning)));
    if (live.length > 0) world.judge('two warnings for one rule and job', twice !== undefined, () => `${subjectOf(twice?.warning ?? '')}: ${shortName(twice?.warning ?? '')}`);
  }

  function judgeWarned(rule: WarnRule, kill: Kill, judge: World['judge']): void {
    const { warning } = origins.of(kill.execution) ?? {};
    judge('kill without a warning', warning === undefined, () => rule.name);
    if (warning === undefined) return;
    const cards = stood.filter((card) => {
      const round = origins.of(card.warning)?.warning;
      return round?.first === warning.first && round.round === warning.round;
    });
    const warnMs = rule.warnMin * MINUTE_MS - COUNTED_WITHIN_MS;
    const longestMs = Math.max(0, ...cards.map(({ from, until = Infinity }) => Math.min(until, kill.sentAt) - from));
    judge('kill before the warning stood for its time', longestMs < warnMs, () => `${longestMs / SECOND_MS} s of ${rule.warnMin} min`);
    const answer = cards[0] && answerOf(cards[0].warning);
    if (answer !== undefined) judge('kill against the answer', answer.what !== 'time', () => answer.what);
  }

  function judgeKillNow(person: string, kill: Kill, judge: World['judge']): void {
    const { warning } = origins.of(kill.execution) ?? {};
    const isClicked = clicks().some(({ by, what, warning: clicked }) => {
      const round = origins.of(clicked)?.warning;
      return by === person && what === KILL_NOW && round?.first === warning?.first && round?.round === warning?.round;
    });
    judge('kill now by somebody who may not', person !== REQUESTER || !isClicked, () => person);
  }

  return {
    onSlack() {
      if (plot().warned === undefined) return;
      noteCards();
      judgeLive();
    },
    onKill(actor, kill) {
      const { request } = origins.of(kill.execution) ?? {};
      const rule = warnRuleOf(plot(), request?.policyRule);
      if (request === undefined || rule === undefined) return;
      const judge: World['judge'] = (what, isBroken, line) => world.judge(what, isBroken, () => `${actor.name}: ${line()}`);
      if (isKillNow(request)) judgeKillNow(request.person ?? '', kill, judge);
      else judgeWarned(rule, kill, judge);
    },
  };
}
