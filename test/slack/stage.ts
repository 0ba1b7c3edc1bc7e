import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { withDurableExecution } from '@aws/durable-execution-sdk-js';
import { expect } from '@jest/globals';
import { createAlertRoute } from '../../lib/alerts/receive.ts';
import type { Clock } from '../../lib/core/clock.ts';
import { createGuard } from '../../lib/http/guard.ts';
import { createSend } from '../../lib/http/send.ts';
import { createKillHandler } from '../../lib/kill/handle-payload.ts';
import { http, type HttpReply, type HttpRequest } from '../../lib/lambda.ts';
import { type Killswitch, loadKillswitch } from '../../lib/load.ts';
import { createLog } from '../../lib/log.ts';
import { connectMrs } from '../../lib/mrs/connect.ts';
import { answerLater } from '../../lib/slack/answer-later.ts';
import type { LaterTask } from '../../lib/slack/later.ts';
import { createSlackReporter } from '../../lib/slack/reporter.ts';
import { createSlackRoutes } from '../../lib/slack/routes.ts';
import { createSlack } from '../../lib/slack/web-api.ts';
import { realClock, type VirtualClock } from '../local/clock.ts';
import { createDurableBackend, type DurableBackend } from '../local/durable-backend.ts';
import { startLambdaServer } from '../local/lambda-server.ts';
import { ANALYTICS_ID, PROJECT_ID } from '../simulator/client.ts';
import { settingsOf } from '../simulator/settings.ts';
import { type Simulator, type SimulatorOptions, type SlackMessage, startSimulator } from '../simulator/simulator.ts';
import { blockActionsForm, buttonsOf, commandForm, slackHeaders } from '../simulator/slack-client.ts';
import { type EventOptions, httpEvent, lambdaContext } from '../support/http-event.ts';
import { parsePolicy } from '../support/parse-policy.ts';

export const REQUESTER = 'U012AB3CD';
export const APPROVER = 'U045EF6GH';
export const STRANGER = 'U0STRANGER';
export const CHANNEL = 'C0123456789';
/** A channel that the bot is not in. */
export const NO_BOT = 'C0000NOBOT';
export const SIGNING_SECRET = 'signing-secret-of-this-test';
export const BOT_TOKEN = 'xoxb-token-of-this-test';
const ALERT_TOKEN = 'alert-token-of-this-test';
const DEV_ID = 'bc134369-294c-42b7-a707-b2036ba38524';

type PolicyParts = { slack?: string; more?: string };

/** Kills for real; Flink jobs need an approver. `slack` replaces what stands under slack:, `more` adds lines. */
export function policyOf({ slack, more = '' }: PolicyParts = {}): string {
  return `
${more.includes('dryRun:') ? '' : 'dryRun: false'}
clusters:
  analytics: { id: ${ANALYTICS_ID}, project: ${PROJECT_ID}, region: eu-west-101 }
  dev: { id: ${DEV_ID} }
${more.includes('protected:') ? '' : 'protected: [{ name: "billing-*" }]'}
${more.includes('ask:') ? '' : 'ask: [{ match: { type: Flink }, who: approver }]'}
slack: ${slack ?? `{ team: T0123ABCD, mayKill: [${REQUESTER}], mayApprove: [${APPROVER}], channel: ${CHANNEL} }`}
${more}
`;
}

export type SlackStageOptions = {
  policy?: string;
  env?: Record<string, string | undefined>;
  simulator?: SimulatorOptions;
  /** Default: the clock on the wall. */
  clock?: VirtualClock;
};

export type Reply = { status: number; body: any; text: string };
type ClickMore = Partial<Parameters<typeof blockActionsForm>[0]>;

/** Slack in front of the whole Lambda API, the kill function, MRS and IAM. */
export type SlackStage = {
  simulator: Simulator;
  backend: DurableBackend;
  /** What the functions were started with; PAUSED is read from it anew each time. */
  env: Record<string, string | undefined>;
  /** The log, at its most talkative. */
  lines: string[];
  load: () => Killswitch;
  /** What functions were handed over to themselves. */
  tasks: LaterTask[];
  now: () => number;
  /** From now on this policy counts. */
  deploy(policy: string): void;
  /** Sends a form as it stands, signed unless `headers` are given. */
  send(path: string, body: string, event?: EventOptions): Promise<Reply>;
  /** `/mrs` and `text`, by REQUESTER in CHANNEL unless told otherwise by Slack's names of the fields. */
  type(text: string, fields?: Record<string, string | undefined>): Promise<Reply>;
  /** A click on a button of a message; `nth` where there are several with this action. */
  click(message: SlackMessage, actionId: string, user: string, more?: ClickMore & { nth?: number }): Promise<Reply>;
  /** The same, waits for what comes of it, and gives the texts of the notes that the person got at the click's response URL. */
  clickAndRead(message: SlackMessage, actionId: string, user: string, more?: ClickMore & { nth?: number }): Promise<string[]>;
  /** A firing alert of these labels; gives its entry of the answer. */
  alert(labels: Record<string, string>): Promise<{ outcome: string; reason?: string }>;
  /** Keeps every function from running until what it returns is called. */
  hold(): () => void;
  idle(): Promise<void>;
  /** The one message that everyone can see. */
  card(): SlackMessage;
  /** The one note that one person only can see. */
  ephemeral(): SlackMessage;
  /** The outcomes of all executions, oldest first; the status of one that has none. */
  outcomes(): string[];
  close(): Promise<void>;
};

export async function startSlackStage(options: SlackStageOptions = {}): Promise<SlackStage> {
  const { clock } = options;
  const now = clock?.now ?? Date.now;
  const simulator = await startSimulator({ now, killDelayMs: 0, ...options.simulator, slack: { botToken: BOT_TOKEN, ...options.simulator?.slack } });
  const backend = createDurableBackend({ clock: clock ?? realClock(), onFunctionFailure: ({ error }) => void lines.push(`function failed: ${String(error)}`) });
  const lambda = await startLambdaServer(backend);
  Object.assign(process.env, {
    AWS_ENDPOINT_URL_LAMBDA: lambda.url,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'local',
    AWS_SECRET_ACCESS_KEY: 'aws-secret-of-this-test',
  });
  const folder = mkdtempSync(join(tmpdir(), 'slack-'));
  const policyFile = join(folder, 'policy.json');
  const env: SlackStage['env'] = {
    ...settingsOf(simulator.url),
    HW_PROJECT_ID: PROJECT_ID,
    ALERT_TOKENS: `gateway:${ALERT_TOKEN}`,
    SLACK_API_URL: simulator.slack.apiUrl,
    SLACK_SIGNING_SECRET: SIGNING_SECRET,
    SLACK_BOT_TOKEN: BOT_TOKEN,
    KILL_FUNCTION: 'mrs-killswitch-test-kill:durable',
    FOLLOW_INTERVAL_SEC: '1',
    POLICY_FILE: policyFile,
    ...options.env,
  };

  const lines: string[] = [];
  const log = createLog({ level: 'debug', now, write: (line) => void lines.push(line) });
  let loaded: Killswitch;
  const load = (): Killswitch => loaded;
  let slackRoute: (request: HttpRequest) => Promise<HttpReply>;
  let alertRoute: (request: HttpRequest) => Promise<HttpReply>;
  const deploy = (policy: string): void => {
    writeFileSync(policyFile, JSON.stringify(parsePolicy(policy, { hasBotToken: true, file: 'policy.yml' })));
    const real = loadKillswitch(env, pathToFileURL(policyFile))();
    loaded = clock ? onClock(real, clock) : real;
    slackRoute = createSlackRoutes(load, log, 'mrs-killswitch-test-slack');
    alertRoute = createAlertRoute(load, log);
  };
  deploy(options.policy ?? policyOf());
  const slackHandler = http(log, (request) => slackRoute({ ...request, receivedAt: now() }));
  const alertHandler = http(log, (request) => alertRoute({ ...request, receivedAt: now() }));

  let held: Promise<void> | undefined;
  const tasks: LaterTask[] = [];
  const kill = withDurableExecution(createKillHandler(load, log));
  backend.register('mrs-killswitch-test-kill', async (event, context) => {
    await held;
    return kill(event, context);
  });
  backend.registerPlain('mrs-killswitch-test-slack', async (event) => {
    tasks.push(event);
    await held;
    return answerLater(load, log, event);
  });

  let alerts = 0;
  const stage: SlackStage = {
    simulator, backend, env, lines, load, tasks, now, deploy,
    async send(path, body, { headers = slackHeaders(SIGNING_SECRET, Math.floor(now() / 1_000), body), ...event } = {}) {
      const { statusCode = 0, body: text = '' } = await slackHandler(httpEvent(`POST ${path}`, { body, headers, ...event }), lambdaContext());
      return { status: statusCode, body: text === '' ? undefined : JSON.parse(text), text };
    },
    type: (text, fields = {}) => stage.send('/slack/command', commandForm({ text, response_url: simulator.slack.newResponseUrl(), ...fields }).toString()),
    click(message, actionId, user, { nth = 0, ...more } = {}) {
      const button = buttonsOf(message).filter(({ action_id: id }) => id === actionId)[nth];
      const isEphemeral = message.ephemeralFor !== undefined;
      const form = { user, messageTs: message.ts, channel: message.channel, isEphemeral, actionId, value: button?.value, responseUrl: simulator.slack.newResponseUrl(), ...more };
      return stage.send('/slack/action', blockActionsForm(form).toString());
    },
    async clickAndRead(message, actionId, user, more = {}) {
      const responseUrl = more.responseUrl ?? simulator.slack.newResponseUrl();
      expect(await stage.click(message, actionId, user, { ...more, responseUrl })).toEqual({ status: 200, body: undefined, text: '' });
      await backend.idle();
      return simulator.slack.responses().flatMap(({ url, body }) => (url === responseUrl ? [String(body['text'])] : []));
    },
    async alert(labels) {
      const body = JSON.stringify({ id: `alert-${++alerts}`, labels });
      const reply = await alertHandler(httpEvent('POST /alerts/generic', { body, headers: { authorization: `Bearer ${ALERT_TOKEN}` } }), lambdaContext());
      const [result] = (JSON.parse(reply.body ?? '') as { results: { outcome: string; reason?: string }[] }).results;
      if (result === undefined) throw new Error('no result');
      return result;
    },
    hold() {
      const { promise, resolve } = Promise.withResolvers<void>();
      held = promise;
      return resolve;
    },
    idle: () => backend.idle(),
    card: () => only(simulator.slack.messages()),
    ephemeral: () => only(simulator.slack.ephemerals()),
    outcomes: () => backend.list({ oldestFirst: true }).map(({ status, result }) => (result === undefined ? status : (JSON.parse(result) as { outcome: string }).outcome)),
    async close() {
      backend.close();
      rmSync(folder, { recursive: true, force: true });
      await lambda.close();
      await simulator.close();
    },
  };
  return stage;
}

/** The same parts, but that their time is the clock's: retries within a step take no time at all but there. */
function onClock(real: Killswitch, clock: VirtualClock): Killswitch {
  const { settings: { slack: { apiUrl, botToken } }, policy } = real;
  const own: Clock = { now: clock.now, sleep: async (ms) => clock.advanceTo(clock.now() + ms), random: () => 0 };
  const reporter = botToken
    ? createSlackReporter(createSlack({ apiUrl, botToken, send: createSend(createGuard([apiUrl])) }), policy.slack.channel, clock.now)
    : real.reporter;
  return { ...real, ...connectMrs(real.settings, real.clusters, own), clock: own, reporter };
}

function only(messages: SlackMessage[]): SlackMessage {
  const [message, ...others] = messages;
  if (message === undefined || others.length > 0) throw new Error(`expected one message, not ${JSON.stringify(messages.map(({ text }) => text))}`);
  return message;
}

/** What a message said, oldest first. */
export function saidBy({ history, text }: SlackMessage): string[] {
  return [...history.map((version) => version.text), text];
}

/** All the words of a message. */
export function wordsOf({ text, blocks }: Pick<SlackMessage, 'text' | 'blocks'>): string {
  return `${text}\n${JSON.stringify(blocks)}`;
}

/** No kill was asked of MRS, whatever it would have answered, and no job died of one. */
export function expectNoKill({ simulator }: SlackStage): void {
  expect(simulator.kills()).toEqual([]);
  expect(simulator.killed()).toEqual([]);
}

/** The same, and nobody looked, was asked or was told in a channel either. */
export function expectNothingStarted(stage: SlackStage): void {
  expectNoKill(stage);
  expect(stage.backend.list({})).toEqual([]);
  expect(stage.simulator.requests.filter(({ path }) => !path.startsWith('/hooks/'))).toEqual([]);
}
