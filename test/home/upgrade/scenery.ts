import { setTimeout as sleep } from 'node:timers/promises';
import { ANALYTICS_ID, PROJECT_ID } from '../../simulator/client.ts';
import type { Fault, SimulatedJob, Simulator, SlackMessage } from '../../simulator/simulator.ts';
import { blockActionsForm, buttonsOf, sendSlack } from '../../simulator/slack-client.ts';
import { APPROVER, CHANNEL, REQUESTER } from '../../simulation/policy.ts';
import { ALERT_TOKEN, SIGNING_SECRET } from '../serve/process.ts';
import type { Wait } from './waits.ts';

/** Rules for each wait. */
export const POLICY = `
dryRun: false
clusters: { analytics: { id: ${ANALYTICS_ID}, project: ${PROJECT_ID}, region: eu-west-101 } }
ask: [{ match: { type: Flink }, who: approver }]
limits: { perDelivery: 100, perHour: 100, percentOfRunning: 100 }
slack: { team: T0123ABCD, mayKill: [${REQUESTER}], mayApprove: [${APPROVER}], channel: ${CHANNEL} }
alerts:
  - { match: { alertname: Stuck }, cluster: analytics, job: job_id, action: kill }
  - { match: { alertname: Warned }, cluster: analytics, job: job_id, action: kill, warn: 5m, keep: 1h }
  - { match: { alertname: Told }, cluster: analytics, job: job_id, action: notify }
  - { match: { alertname: Memory }, cluster: analytics, pick: { queue: adhoc, order: longest-running, count: 2 }, action: kill }
`;

/** What is to be seen of one wait from outside. */
export type Scenery = {
  wait: Wait;
  simulator: Simulator;
  jobs: SimulatedJob[];
  /** What has happened so far, in the wait's own words. */
  marks: Set<string>;
  /** Misbehaves for its jobs alone, where it is about a job. */
  fault: (fault: Fault) => void;
  /** The messages about its jobs, and the actions of their buttons. */
  messages: () => SlackMessage[];
  buttons: () => string[];
  /** POSTs to MRS's kill for its jobs. */
  posts: () => number;
  /** Sends its alert. */
  begin: () => Promise<void>;
  /** Clicks as that person, and marks it `clicked`. */
  click: (action: string, user: string) => Promise<void>;
};

/** Adds the jobs of a wait. `url` is that of the home that serves now. */
export function setScene(wait: Wait, number: number, simulator: Simulator, url: () => Promise<string>): Scenery {
  const jobs = wait.jobs.map((fields, index) => simulator.addJob({ job_name: `job-${number}-${index}-of-an-upgrade`, ...fields }));
  const marks = new Set<string>();
  const isOurs = (text: string): boolean => jobs.some(({ job_id: id }) => text.includes(id));
  const messages = (): SlackMessage[] => simulator.slack.messages().filter((message) => isOurs(JSON.stringify([message.text, message.blocks])));
  return {
    wait, simulator, jobs, marks, messages,
    fault: (fault) => simulator.fault({ ...fault, when: (request) => (fault.on !== 'kill' || isOurs(request.path)) && (fault.when?.(request) ?? true) }),
    buttons: () => messages().flatMap((message) => buttonsOf(message).map(({ action_id: id = '' }) => id)),
    posts: () => simulator.kills().filter(({ path }) => isOurs(path)).length,
    async begin() {
      const body = JSON.stringify({ id: `alert-${number}`, labels: { alertname: wait.alertname, job_id: jobs[0]?.job_id } });
      const answer = await fetch(`${await url()}/alerts/generic`, { method: 'POST', headers: { authorization: `Bearer ${ALERT_TOKEN}` }, body });
      if (answer.status !== 202) throw new Error(`${wait.name}: the alert was answered ${answer.status}: ${await answer.text()}`);
    },
    async click(action, user) {
      marks.add('clicked');
      const message = messages().find((one) => buttonsOf(one).some(({ action_id: id }) => id === action));
      const button = message && buttonsOf(message).find(({ action_id: id }) => id === action);
      if (message === undefined || button === undefined) throw new Error(`${wait.name}: no message has a button ${action}`);
      const form = blockActionsForm({ message: { text: message.text, blocks: message.blocks }, user, messageTs: message.ts, channel: message.channel, actionId: action, value: button.value, responseUrl: simulator.slack.newResponseUrl() });
      const { status } = await sendSlack(await url(), '/slack/action', form, SIGNING_SECRET, Math.floor(Date.now() / 1_000));
      if (status !== 200) throw new Error(`${wait.name}: the click was answered ${status}`);
    },
  };
}

/** Waits until it is so; throws after a minute, with what it waited for. */
export async function waitFor(what: string, isSo: () => boolean): Promise<void> {
  for (const giveUpAt = performance.now() + 60_000; !isSo(); await sleep(20)) {
    if (performance.now() > giveUpAt) throw new Error(`after a minute it is not so: ${what}`);
  }
}
