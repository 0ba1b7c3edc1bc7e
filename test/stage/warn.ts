import type { SimulatedJob, SlackMessage } from '../simulator/simulator.ts';
import { buttonsOf } from '../simulator/slack-client.ts';
import { APPROVER, REQUESTER } from './slack.ts';
import { type CleanupStage, cleanupPolicy, MINUTE_MS, NOON, startCleanupStage } from './cleanup.ts';
import type { LogLine } from './stage.ts';

export const OWNER = 'U0OWNER01';
/** When the run of cleanup comes that warns, and when that warning is over. */
export const TOLD_AT = NOON + MINUTE_MS;
export const UP_AT = TOLD_AT + 30 * MINUTE_MS;
/** The buttons of a warning that stands, in the channel and with the owner. */
export const LIVE = [['keep', 'kill-now'], ['keep', 'kill-now']];
export const CHANNEL = 'C0123456789';
const RIGHTS = `{ team: T0123ABCD, mayKill: [${REQUESTER}], mayApprove: [${APPROVER}], channel: ${CHANNEL}, people: { etl_dev: ${OWNER} } }`;

/** A rule of cleanup that warns, named `long-adhoc`; `terms` are how, `match` is what jobs have to fit besides. */
export function rule(terms = 'warn: 30m, keep: 2h, keepAtMost: 4h', match = ''): string {
  return `  - { name: long-adhoc, cluster: analytics, match: { name: "nb-*"${match && `, ${match}`} }, olderThan: 6h, ${terms}${terms.includes('action:') ? '' : ', action: kill'} }`;
}

/** Warns, unless other rules are given; `more` are further top-level lines. */
export function warnPolicy(rules = rule(), more = ''): string {
  return cleanupPolicy(rules, more).replace(/^slack: .*$/m, `slack: ${RIGHTS}`);
}

/** Cleanup and Slack, moved through days. */
export type WarnStage = CleanupStage & {
  /** Goes to that moment and waits for what happens on the way. */
  goTo(atMs: number): Promise<void>;
  /** Runs cleanup at that moment. */
  cleanAt(atMs: number): Promise<void>;
  /** The messages that are no report, oldest first, and the actions of each one's buttons. */
  cards(): SlackMessage[];
  buttons(): string[][];
  /** The audit lines of ends. */
  ends(): LogLine[];
  /** One alert of Alertmanager with these labels; its entry of the answer. */
  fire(labels: Record<string, string>, alert?: { status?: 'firing' | 'resolved'; fingerprint?: string; startsAt?: string }): Promise<{ outcome: string; reason?: string; rule?: string }>;
};

export async function startWarnStage(policy = warnPolicy(), more: Parameters<typeof startCleanupStage>[2] = {}): Promise<WarnStage> {
  const stage = await startCleanupStage(policy, { slack: { users: [OWNER, REQUESTER, APPROVER, 'U0STRANGER'] } }, more);
  const goTo = async (atMs: number): Promise<void> => {
    stage.clock.stopAt(atMs);
    await stage.backend.idle();
    for (let before = -1; before !== stage.clock.now() || before < atMs; ) {
      before = stage.clock.now();
      stage.clock.advanceTo(Math.min(atMs, before + 30_000));
      await stage.idle();
    }
  };
  const cards = (): SlackMessage[] => stage.simulator.slack.messages().filter(({ text }) => !/^\*Cleanup|^Paused/.test(text));
  return {
    ...stage,
    goTo,
    async cleanAt(atMs) {
      await goTo(atMs);
      await stage.run();
      await stage.idle();
    },
    cards,
    buttons: () => cards().map((card) => buttonsOf(card).map(({ action_id: id = '' }) => id)),
    async fire(labels, { status = 'firing', fingerprint = 'f-1', startsAt = '2026-11-22T11:59:00Z' } = {}) {
      const body = JSON.stringify({ version: '4', status, alerts: [{ status, labels, annotations: {}, fingerprint, startsAt }] });
      const answer = await stage.call('POST /alerts/alertmanager', { body, headers: { authorization: 'Bearer alert-token-of-this-test' } });
      await stage.idle();
      return (answer.body as { results: { outcome: string }[] }).results[0] as { outcome: string };
    },
    ends: () => stage.log().filter(({ message }) => message === 'kill request ended'),
  };
}

/** The same, with one job of the owner that `rule()` fits, warned of at TOLD_AT. */
export async function startWarned(policy = warnPolicy(), fields: Partial<SimulatedJob> = {}): Promise<{ stage: WarnStage; job: SimulatedJob }> {
  const stage = await startWarnStage(policy);
  const job = stage.addRunning('nb-old', 9, { user: 'etl_dev', ...fields });
  await stage.cleanAt(TOLD_AT);
  return { stage, job };
}
