import { JOBS_PATH } from '../simulator/client.ts';
import { blockActionsForm } from '../simulator/slack-client.ts';
import type { SimulatedJob } from '../simulator/simulator.ts';
import { APPROVER, CHANNEL, NOON, policyOf, type Reply, REQUESTER, type SlackStage, type SlackStageOptions, startSlackStage } from './slack.ts';
import type { LogLine } from './stage.ts';

const API_TOKEN = 'rest-token-of-this-test';
const ALERT_TOKEN = 'alert-token-of-all-doors';

export const FOREIGN_TEAM = 'T0FOREIGN';
/** An id that no job has. */
export const NOBODYS = '431b135e-c090-489f-b1db-0abe3822b855';
export const RIGHTS = `{ team: T0123ABCD, mayKill: [${REQUESTER}], mayApprove: [${APPROVER}], channel: ${CHANNEL} }`;

/** A rule of each kind; `more` adds lines. */
function doorPolicy(slack: string, more: string): string {
  const rules = `
alerts:
  - { match: { alertname: Stuck }, action: kill }
  - { match: { alertname: Big }, action: notify }
  - { match: { alertname: Crowd }, cluster: analytics, pick: { name: "nb-*", count: 3 }, action: kill }
cleanup: [{ name: stale, cluster: analytics, match: { name: "nb-*" }, olderThan: 6h, action: kill }]`;
  return policyOf({ slack, more: more + rules });
}

export type FiredAlert = { labels: Record<string, string>; annotations?: Record<string, string>; status?: string; fingerprint?: string };
type CallOptions = { headers?: Record<string, string>; body?: string };

/** Every trigger in front of one house: Slack, alerts, cleanup and REST, each with its proof. */
export type DoorStage = SlackStage & {
  /** What was deployed at first. */
  policy: string;
  /** One delivery of Alertmanager, of these alerts. */
  fire(...alerts: FiredAlert[]): Promise<Reply>;
  /** A click on a button with that action and value, wherever it may stand. */
  press(actionId: string, value: string | undefined, by?: Partial<Parameters<typeof blockActionsForm>[0]>): Promise<Reply>;
  /** A run of cleanup; rejects with what it throws. */
  clean(event?: unknown): Promise<void>;
  /** A call of the REST API, with our token. */
  rest(line: string, options?: CallOptions): Promise<Reply>;
  /** POST …/kill of a job of the cluster `analytics`. */
  kill(jobId: string, options?: CallOptions): Promise<Reply>;
  /** Jobs that have been running since yesterday. */
  addOld(names: string[], fields?: Partial<SimulatedJob>): SimulatedJob[];
  /** The audit lines of ends. */
  ends(): LogLine[];
};

/** `slack` replaces what stands under slack: of the policy, `more` adds lines to it. */
export type House = { slack?: string; more?: string; env?: SlackStageOptions['env'] };

export async function startDoorStage({ slack: rights = RIGHTS, more = '', env }: House = {}): Promise<DoorStage> {
  const policy = doorPolicy(rights, more);
  const slack = await startSlackStage({
    policy,
    env: { API_TOKENS: `ci:${API_TOKEN}`, ALERT_TOKENS: `all:${ALERT_TOKEN}`, ...env },
  });
  let fired = 0;
  const rest: DoorStage['rest'] = (line, { headers = { authorization: `Bearer ${API_TOKEN}` }, ...options } = {}) => slack.call(line, { headers, ...options });
  return {
    ...slack,
    policy,
    fire(...alerts) {
      const all = alerts.map((alert) => ({ status: 'firing', startsAt: '2026-11-22T11:00:00Z', annotations: {}, fingerprint: `fired-${++fired}`, ...alert }));
      const body = JSON.stringify({ version: '4', status: 'firing', alerts: all });
      return slack.call('POST /alerts/alertmanager', { body, headers: { authorization: `Bearer ${ALERT_TOKEN}` } });
    },
    press: (actionId, value, by = {}) =>
      slack.send('/slack/action', blockActionsForm({ actionId, value, messageTs: '1795348800.000100', responseUrl: slack.simulator.slack.newResponseUrl(), ...by }).toString()),
    async clean(event = {}) {
      const answer = await slack.backend.call('mrs-killswitch-test-cleanup', JSON.stringify(event));
      if (answer.kind === 'threw') throw answer.error;
    },
    rest,
    kill: (jobId, options) => rest(`POST ${JOBS_PATH}/${jobId}/kill`, options),
    addOld: (names, fields = {}) => names.map((job_name) => slack.simulator.addJob({ job_name, submitted_time: NOON - 86_400_000, ...fields })),
    ends: () => slack.log().filter(({ message }) => message === 'kill request ended'),
  };
}
