import { Choice, EndEntry, Held, No, noKey, startChoice, startEnd, startHeld } from '../../lib/ledger/keys.ts';
import type { KillRequest, RuleId } from '../../lib/core/request.ts';
import type { Key } from '../../lib/ledger/port.ts';
import type { ExecutionView } from '../local/execution-view.ts';
import { buttonsOf } from '../simulator/slack-client.ts';
import type { SlackMessage } from '../simulator/slack-workspace.ts';
import { type Actor, requestOf, shortName, startOf } from './actor.ts';
import type { Kill } from './judge-kills.ts';
import type { LedgerTable } from './ledger.ts';
import type { Origins } from './origin.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS, type World } from './world.ts';

export type CardJudge = {
  onSlack: () => void;
  onWritten: (keys: readonly Key[]) => void;
  onKill: (actor: Actor, kill: Kill) => void;
  /** An execution begins. */
  onStarted: (execution: string) => void;
  judgeAtTheEnd: (executions: readonly ExecutionView[]) => void;
};

/** A start of a request, as a button names it. */
type Of = { name: string; start: number };

/** Somebody said no, or nobody answered on a card that stood; it counts until `untilMs` by the house's clock, which may be set forward over it. */
type Said = { start: string; at: number; untilMs: number };

/** A no that could not be remembered for longer than this is nobody's fault. */
const LEDGER_TRIED_MS = 10 * MINUTE_MS;
/** Expired after a quarter of an hour, half an hour to answer in, and a little. */
const CHOICE_ENDS_WITHIN_MS = 50 * MINUTE_MS;
/** A job is claimed before its card is posted: for half an hour to answer in, and an hour. */
const HELD_BEFORE_MS = 90 * MINUTE_MS;
/** From the answer to its being remembered. */
const REMEMBERED_AFTER_MS = 15 * MINUTE_MS;

/** Judges questions: that there is one for a rule and a job, and that a no counts for as long as the rule says. */
export function judgeCards(world: World, table: LedgerTable, messages: readonly SlackMessage[], origins: Origins, houseNow: () => number): CardJudge {
  const asked = new Set<string>();
  const noes = new Map<string, Said>();
  /** Rows of a no that once held as long as its rule says: a claim of its owner from before the card that comes late makes it longer, by no more than that was for. */
  const rightOnce = new Set<string>();

  /** The start whose question a message asks. */
  const startOn = (message: SlackMessage): string | undefined => {
    const [button] = buttonsOf(message);
    const { do: what, of, ...asks } = JSON.parse(button?.value ?? '{}') as { do?: string; of?: Of } & Partial<Of>;
    const { name, start } = of ?? asks;
    if (name === undefined || (what !== 'decide' && of === undefined)) return undefined;
    return start === 1 ? name : `${name}-${start}`;
  };
  /** Whether a rule only tells people of its jobs: their card has a button until the job is over, and asks nothing. */
  const isToTell = (execution: string): boolean => origins.of(execution)?.alert?.rule?.action === 'notify';
  /** Which job a pick chose for a start. */
  function jobOf(execution: string): string | undefined {
    const { job } = (origins.of(execution)?.request as KillRequest | undefined)?.target ?? {};
    return job?.by === 'mrs-id' ? job.id : undefined;
  }
  /** The rule and the job of a start that a rule chose; an alert that names its job asks once for each time that it fires instead. */
  const subjectOf = (execution: string): string | undefined => {
    const rule = origins.of(execution)?.alert?.rule?.alertname;
    const jobId = jobOf(execution);
    return rule === undefined || jobId === undefined ? undefined : `${rule} ${jobId}`;
  };
  const endOf = (execution: string): EndEntry | undefined => EndEntry.safeParse(table.read(startEnd(requestOf(execution), startOf(execution)))).data;
  /** Whether an answer to it still counts: it has not ended, and its time is not up. */
  function isOpen(execution: string): boolean {
    const until = Held.safeParse(table.read(startHeld(requestOf(execution), startOf(execution), 'asked'))).data?.until;
    return endOf(execution) === undefined && (until === undefined || world.now() < until);
  }
  const isPicked = (execution: string): boolean => origins.of(execution)?.pick !== undefined;

  function heldBack(execution: string): Said | undefined {
    const no = noes.get(subjectOf(execution) ?? '');
    // What broke off before it could remember that people were told says nothing of the job.
    if (no === undefined || (isToTell(no.start) && endOf(no.start)?.outcome === 'failed')) return undefined;
    const isHeld = requestOf(no.start) !== requestOf(execution) && isPicked(execution) && world.now() > no.at + 20 * SECOND_MS && houseNow() < no.untilMs;
    return isHeld && !world.wasDown('ledger', LEDGER_TRIED_MS) ? no : undefined;
  }

  const afterNo = (no: Said | undefined): string => (no === undefined ? '' : `${(world.now() - no.at) / MINUTE_MS} min after ${shortName(no.start)}`);

  function noteNo(execution: string): void {
    const subject = subjectOf(execution);
    if (subject === undefined || !isPicked(execution) || noes.get(subject)?.start === execution) return;
    noes.set(subject, { start: execution, at: world.now(), untilMs: houseNow() + askAgainOf(execution) - REMEMBERED_AFTER_MS });
  }

  /** As the no of a rule is known by it. */
  const ruleOf = (execution: string): RuleId | undefined => origins.of(execution)?.request?.rule;
  const askAgainOf = (execution: string): number => (origins.of(execution)?.alert?.rule?.askAgainHours ?? 0) * HOUR_MS;

  /** By how much a no holds longer than its rule says; undefined where none stands. */
  function overheldMs(key: Key): number | undefined {
    const row = table.row(key);
    const no = No.safeParse(row?.value).data;
    return row && no && row.until - no.at - askAgainOf(row.owner);
  }

  return {
    onSlack() {
      const open = messages.flatMap((message) => {
        const execution = startOn(message);
        if (execution === undefined) return [];
        if (!asked.has(execution)) {
          asked.add(execution);
          const no = heldBack(execution);
          if (noes.has(subjectOf(execution) ?? '')) world.judge('asked again after a no', no !== undefined, () => `${shortName(execution)}, ${afterNo(no)}`);
          if (isToTell(execution)) noteNo(execution);
        }
        const subject = subjectOf(execution);
        return subject === undefined || isToTell(execution) || !isOpen(execution) ? [] : [{ subject, execution }];
      });
      const twice = open.find(({ subject, execution }) => open.some((other) => other.subject === subject && requestOf(other.execution) !== requestOf(execution)));
      if (open.length > 0) world.judge('two cards for one rule and job', twice !== undefined, () => `${twice?.subject}: ${shortName(twice?.execution ?? '')}`);
    },
    onWritten(keys) {
      for (const key of keys) {
        const { partition, rest } = key;
        if (partition.startsWith('no/') && (overheldMs(key) ?? Infinity) <= 0) rightOnce.add(`${partition} ${rest}`);
        if (!partition.startsWith('start/') || !rest.endsWith('/end')) continue;
        const name = partition.slice('start/'.length);
        const number = Number(rest.split('/')[0]);
        const execution = number === 1 ? name : `${name}-${number}`;
        const end = endOf(execution);
        if (end?.outcome === 'declined' || (end?.outcome === 'expired' && asked.has(execution) && end.answeredBy === undefined)) noteNo(execution);
      }
    },
    onKill(actor, { execution }) {
      const no = heldBack(execution);
      if (noes.has(subjectOf(execution) ?? '')) world.judge('kill of a job that somebody said no to', no !== undefined, () => `${actor.name}: ${afterNo(no)}`);
    },
    onStarted(execution) {
      const isOfPick = (card: string): boolean => requestOf(origins.of(card)?.pick ?? '') === requestOf(execution) && origins.of(card)?.pick !== execution;
      // By the house's clock, which may be set forward over it, what was chosen has so long to end.
      const isOverdue = (card: string): boolean => {
        const pick = origins.of(card)?.pick ?? '';
        const chosenAt = Choice.safeParse(table.read(startChoice(requestOf(pick), startOf(pick)))).data?.at;
        return chosenAt !== undefined && houseNow() - chosenAt > CHOICE_ENDS_WITHIN_MS;
      };
      const card = messages.flatMap((message) => startOn(message) ?? []).find((one) => isOfPick(one) && isOpen(one) && !isOverdue(one));
      if (origins.of(execution)?.alert?.by === 'pick') world.judge('a pick anew while its card stands', card !== undefined, () => `${shortName(execution)} beside ${shortName(card ?? '')}`);
    },
    judgeAtTheEnd(executions) {
      for (const { name, status } of executions) {
        const content = ruleOf(name);
        const jobId = jobOf(name);
        if (content === undefined || jobId === undefined || status !== 'SUCCEEDED' || !isPicked(name)) continue;
        const key = noKey(content, jobId, false);
        const overMs = overheldMs(key);
        if (overMs === undefined || table.row(key)?.owner !== requestOf(name)) continue;
        const mostMs = rightOnce.has(`${key.partition} ${key.rest}`) ? HELD_BEFORE_MS : LEDGER_TRIED_MS;
        world.judge('a no that holds too long', overMs > mostMs, () => `${shortName(name)}: by ${overMs / MINUTE_MS} min`);
      }
    },
  };
}
