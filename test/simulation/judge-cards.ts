import { EndEntry, Held, JobSeen, runJob, startEnd, startHeld } from '../../lib/ledger/keys.ts';
import type { Key } from '../../lib/ledger/port.ts';
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
};

/** Somebody said no, or nobody answered on a card that stood. */
type No = { start: string; at: number; untilMs: number };

/** A no that could not be remembered for longer than this is nobody's fault. */
const LEDGER_TRIED_MS = 10 * MINUTE_MS;
/** From the answer to its being remembered. */
const REMEMBERED_AFTER_MS = 15 * MINUTE_MS;

/** Judges questions: that there is one for a rule and a job, and that a no counts for as long as the rule says. */
export function judgeCards(world: World, table: LedgerTable, messages: readonly SlackMessage[], origins: Origins): CardJudge {
  const asked = new Set<string>();
  const noes = new Map<string, No>();

  /** The start whose question a message asks. */
  const startOn = (message: SlackMessage): string | undefined => {
    const [button] = buttonsOf(message);
    const { do: what, name, start } = JSON.parse(button?.value ?? '{}') as { do?: string; name?: string; start?: number };
    return what === 'decide' && name !== undefined ? (start === 1 ? name : `${name}-${start}`) : undefined;
  };
  /** The rule and the job of a start that a rule chose; an alert that names its job asks once for each time that it fires instead. */
  const subjectOf = (execution: string): string | undefined => {
    const rule = origins.of(execution)?.alert?.rule?.alertname;
    const job = JobSeen.safeParse(table.read(runJob(requestOf(execution)))).data;
    return rule === undefined || job === undefined ? undefined : `${rule} ${job.job_id}`;
  };
  const endOf = (execution: string): EndEntry | undefined => EndEntry.safeParse(table.read(startEnd(requestOf(execution), startOf(execution)))).data;
  /** Whether an answer to it still counts: it has not ended, and its time is not up. */
  function isOpen(execution: string): boolean {
    const until = Held.safeParse(table.read(startHeld(requestOf(execution), startOf(execution), 'asked'))).data?.until;
    return endOf(execution) === undefined && (until === undefined || world.now() < until);
  }
  const isPicked = (execution: string): boolean => origins.of(execution)?.pick !== undefined;

  function heldBack(execution: string): No | undefined {
    const no = noes.get(subjectOf(execution) ?? '');
    const isHeld = no !== undefined && requestOf(no.start) !== requestOf(execution) && isPicked(execution) && world.now() > no.at + 20 * SECOND_MS && world.now() < no.untilMs;
    return isHeld && !world.wasDown('ledger', LEDGER_TRIED_MS) ? no : undefined;
  }

  return {
    onSlack() {
      const open = messages.flatMap((message) => {
        const execution = startOn(message);
        if (execution === undefined) return [];
        if (!asked.has(execution)) {
          asked.add(execution);
          const no = heldBack(execution);
          if (no !== undefined) world.blame('asked again after a no', `${shortName(execution)}, ${(world.now() - no.at) / MINUTE_MS} min after ${shortName(no.start)}`);
        }
        const subject = subjectOf(execution);
        return subject === undefined || !isOpen(execution) ? [] : [{ subject, execution }];
      });
      const twice = open.find(({ subject, execution }) => open.some((other) => other.subject === subject && requestOf(other.execution) !== requestOf(execution)));
      if (twice !== undefined) world.blame('two cards for one rule and job', `${twice.subject}: ${shortName(twice.execution)}`);
    },
    onWritten(keys) {
      for (const { partition, rest } of keys) {
        if (!partition.startsWith('start/') || !rest.endsWith('/end')) continue;
        const name = partition.slice('start/'.length);
        const number = Number(rest.split('/')[0]);
        const execution = number === 1 ? name : `${name}-${number}`;
        const end = endOf(execution);
        const rule = origins.of(execution)?.alert?.rule;
        const subject = subjectOf(execution);
        if (end === undefined || rule === undefined || subject === undefined || !isPicked(execution)) continue;
        const isNo = end.outcome === 'declined' || (end.outcome === 'expired' && asked.has(execution) && end.answeredBy === undefined);
        if (isNo && noes.get(subject)?.start !== execution) noes.set(subject, { start: execution, at: world.now(), untilMs: world.now() + rule.askAgainHours * HOUR_MS - REMEMBERED_AFTER_MS });
      }
    },
    onKill(actor, { execution }) {
      const no = heldBack(execution);
      if (no !== undefined) world.blame('kill of a job that somebody said no to', `${actor.name}: ${(world.now() - no.at) / MINUTE_MS} min after ${shortName(no.start)}`);
    },
  };
}
