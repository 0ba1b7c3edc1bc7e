import { SOURCE_NAMES } from '../../lib/alerts/sources.ts';
import { fieldsOf, parseJson } from '../../lib/http/json.ts';
import { readPolicyFile } from '../../lib/policy/policy-file.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { PROJECT_ID } from '../simulator/client.ts';
import { isJobOver } from '../simulator/jobs.ts';
import { settingsOf } from '../simulator/settings.ts';
import { type Simulator, type SimulatedCluster, startSimulator } from '../simulator/simulator.ts';
import { TOPIC } from '../simulator/smn-client.ts';
import { slackOfPolicy } from '../local/slack-of-policy.ts';
import { SAMPLE_SOURCES } from './alert-samples.ts';
import { type Chat, openChat } from './chat.ts';
import { type Deliveries, openDeliveries } from './deliveries.ts';
import { openPlaygroundHome } from './home-of-playground.ts';
import { JOB_KINDS, makeJobOf } from './job-kinds.ts';
import { peopleOf } from './people.ts';
import { createPushedClock } from './pushed-clock.ts';
import type { AuditLine, PlaygroundState, Switches } from './state.ts';

/** A cloud, a Slack and a home of the playground's own, on a clock that can be pushed. */
export type World = {
  state(): PlaygroundState;
  chat: Pick<Chat, 'type' | 'click'>;
  deliveries: Omit<Deliveries, 'list'>;
  /** Adds a job of that kind. Throws RangeError for one that there is not. */
  addJob(kindId: string): void;
  switchTo(switches: Partial<Switches>): Promise<void>;
  /** Pushes the clock forward; throws RangeError where it would go back. */
  push(ms: number): void;
  close(): Promise<void>;
};

const SIGNING_SECRET = 'playground-signing-secret';
const BOT_TOKEN = 'xoxb-playground-not-for-production';
const ALERT_TOKEN = 'playground-alert-token-not-for-production';
const HMAC_SECRET = 'playground-secret-not-for-production';
const FALLBACK_CHANNEL = 'C0123456789';
const FALLBACK_TEAM = 'T0123ABCD';
const KILL_DELAY_MS = 1_500;
const MOST_AUDIT_LINES = 100;
const FIRST_JOBS = ['spark', 'flink', 'protected', 'notebook', 'forgotten'];
/** The calls to MRS; those to IAM and Slack go on. */
const MRS_CALLS = ['kill', 'job', 'jobs', 'clusters', 'cluster'] as const;

/** Opens it with the policy of that file. Throws PolicyInvalid and PolicyUnreadable. */
export async function openWorld(policyFile: string): Promise<World> {
  const policy = readPolicyFile({ POLICY_FILE: policyFile, SLACK_BOT_TOKEN: BOT_TOKEN }, SOURCE_NAMES);
  const clock = createPushedClock();
  const clusters = clustersOf(policy);
  const projects = [...new Set([PROJECT_ID, ...clusters.map(({ projectId }) => projectId)])].map((id) => ({ id, name: id }));
  const simulator = await startSimulator({ now: clock.wall, killDelayMs: KILL_DELAY_MS, clusters, projects, slack: { ...slackOfPolicy(policy), botToken: BOT_TOKEN } });
  const audit: AuditLine[] = [];
  const home = await openPlaygroundHome(settingsFor(simulator, policyFile), policy, clock, (line) => noteAudit(audit, line));
  const channel = policy.slack.channel ?? policy.slack.channels?.[0] ?? FALLBACK_CHANNEL;
  const people = peopleOf(policy);
  const parts = { url: home.url, now: clock.wall };
  const chat = openChat({ ...parts, slack: simulator.slack, people, channel, team: policy.slack.team ?? FALLBACK_TEAM, signingSecret: SIGNING_SECRET });
  const clusterName = (id: string): string => clusters.find((cluster) => cluster.id === id)?.name ?? id;
  const deliveries = openDeliveries({ ...parts, simulator, clusterName, env: home.env });
  let switches: Omit<Switches, 'paused'> = { dryRun: policy.dryRun === true, outage: false };
  let jobsMade = 0;
  const addJob = (kindId: string): void => void simulator.addJob(makeJobOf(kindId, clusters, ++jobsMade, clock.wall()));
  for (const kindId of FIRST_JOBS) addJob(kindId);

  return {
    chat,
    deliveries,
    addJob,
    push: clock.push,
    async switchTo({ dryRun = switches.dryRun, outage = switches.outage, paused = home.isPaused() }) {
      if (paused !== home.isPaused()) home.setPaused(paused);
      if (outage !== switches.outage) setOutage(simulator, outage);
      const before = switches;
      switches = { dryRun, outage };
      if (dryRun !== before.dryRun) await home.restart({ ...policy, dryRun });
    },
    state: () => ({
      nowMs: clock.wall(),
      aheadMs: clock.aheadMs(),
      policyFile,
      switches: { ...switches, paused: home.isPaused() },
      people,
      chat: chat.entries(),
      jobs: simulator.jobs().map((job) => ({
        id: job.job_id, name: job.job_name, cluster: clusterName(job.cluster_id), type: job.job_type, user: job.user, queue: job.queue, state: job.job_state,
        result: job.job_result, yarnId: job.app_id ?? job.launcher_id, isOver: isJobOver(job), submittedAt: job.submitted_time,
      })),
      kinds: Object.entries(JOB_KINDS).map(([id, { title }]) => ({ id, title })),
      sources: [...SAMPLE_SOURCES],
      alertNames: [...new Set(policy.alerts.flatMap(({ match }) => match['alertname'] ?? []))],
      deliveries: deliveries.list(),
      audit,
    }),
    async close() {
      await home.close();
      await simulator.close();
    },
  };
}

function clustersOf({ clusters }: Policy): SimulatedCluster[] {
  return Object.entries(clusters).map(([name, { id, project = PROJECT_ID }]) => ({ id, name, projectId: project }));
}

function settingsFor({ url, slack }: Simulator, policyFile: string): Record<string, string> {
  return {
    ...settingsOf(url),
    HW_PROJECT_ID: PROJECT_ID,
    SLACK_API_URL: slack.apiUrl,
    SLACK_BOT_TOKEN: BOT_TOKEN,
    SLACK_SIGNING_SECRET: SIGNING_SECRET,
    ALERT_TOKENS: `playground:${ALERT_TOKEN}`,
    GRAFANA_HMAC_SECRET: HMAC_SECRET,
    PAGERDUTY_SECRET: HMAC_SECRET,
    SMN_TOPICS: TOPIC,
    SMN_ENDPOINT: url,
    POLICY_FILE: policyFile,
  };
}

function setOutage(simulator: Simulator, isOut: boolean): void {
  if (!isOut) return simulator.clearFaults();
  for (const on of MRS_CALLS) simulator.fault({ on, times: Infinity, status: 503, body: { error_code: 'APIGW.0202', error_msg: 'Backend unavailable.' } });
}

function noteAudit(audit: AuditLine[], line: string): void {
  if (fieldsOf(parseJson(line))?.['level'] !== 'audit') return;
  audit.push({ id: (audit.at(-1)?.id ?? 0) + 1, text: line });
  if (audit.length > MOST_AUDIT_LINES) audit.shift();
}
