import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createStore } from '../../home/store/store.ts';
import { HOUR_MS, NOON } from '../core/a-job.ts';
import { SENDERS } from '../alerts/senders.ts';
import { virtualClock, type VirtualClock } from '../local/clock.ts';
import { JOBS_PATH, send, tokenRequest } from '../simulator/client.ts';
import type { RecordedRequest, SimulatedJob, SlackMessage } from '../simulator/simulator.ts';
import { blockActionsForm, buttonsOf, commandForm, slackHeaders } from '../simulator/slack-client.ts';
import { type Reply, referenceTo } from '../stage/home-of-stage.ts';
import { type LogLine, type Stage, startStage } from '../stage/stage.ts';
import type { Fault, Means } from './faults.ts';
import { openOutOfTime } from './out-of-time.ts';
import { openParameters } from './parameters.ts';
import { OWNER, PERSON, POLICY, stuckJobOf } from './rules.ts';
import { type Trigger, VICTIM } from './triggers.ts';

/** The whole product with one job that its trigger means, and others that nobody may touch. */
export type World = Means & {
  stage: Stage;
  /** Where ledger and executions stand. */
  storeFile: string;
  clock: VirtualClock;
  /** The one that is meant. */
  job: SimulatedJob;
  /** Asked at each read of the off switch there: what was read of secrets before serves on. */
  parameterFault: () => Fault | undefined;
  /** Those that came with commands and clicks. */
  responseUrls: string[];
  /** What was answered over HTTP, and what functions/cleanup threw. */
  answers: Reply[];
  threw: unknown[];
  /** `/mrs` and this. */
  type(text: string): Promise<void>;
  click(message: SlackMessage, actionId: string): Promise<void>;
  /** An alert of Alertmanager; the status of its answer. */
  fire(labels: Record<string, string>): Promise<number>;
  /** The saved alert of a source, which means the victim, as that source would send it; the status of its answer. */
  deliver(source: string): Promise<number>;
  clean(): Promise<void>;
  /** POST …/kill, by somebody who waits for its end, with our token or a token of IAM of their own. */
  kill(hasOwnToken: boolean): Promise<void>;
  /** The ledger is put back to when nothing stood in it. */
  forget(): void;
  /** The audit lines of ends. */
  ends(): LogLine[];
  close(): Promise<void>;
};

export const SECRETS = {
  password: 'canary-password-of-huawei',
  botToken: 'xoxb-canary-of-slack',
  signingSecret: 'canary-that-signs-for-slack',
  apiToken: 'canary-token-of-rest',
  accessKey: 'CANARYACCESSKEY',
  secretKey: 'canary-key-that-signs-for-mrs',
} as const;

/** How far the clocks of the others are ahead of ours. */
export type Ahead = { cloudMs?: number; slackMs?: number };

/** `hasKeys`: MRS is called with AK/SK, and not with a user's token. */
export async function startWorld(trigger: Trigger, { cloudMs = 0, slackMs = 0, hasKeys = false }: Ahead & { hasKeys?: boolean } = {}): Promise<World> {
  const clock = virtualClock(NOON);
  const { openSend, giveUp } = openOutOfTime(clock);
  const folder = mkdtempSync(join(tmpdir(), 'faults-'));
  const storeFile = join(folder, 'killswitch.sqlite');
  const database = new DatabaseSync(storeFile);
  database.exec('PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF');
  const passes = (ms: number): void => clock.advanceTo(clock.now() + ms);
  let parameterFault: World['parameterFault'] = () => undefined;
  const readParameters = openParameters({ '/paused': 'false', '/bot-token': SECRETS.botToken, '/password': SECRETS.password }, (names) => (names.includes('/paused') ? parameterFault() : undefined), passes);
  const stage = await startStage({
    policy: POLICY,
    clock,
    store: createStore(database, queueMicrotask),
    openSend,
    readParameters,
    env: {
      PAUSED: referenceTo('/paused'),
      HW_USER_PASSWORD: referenceTo('/password'),
      SLACK_BOT_TOKEN: referenceTo('/bot-token'),
      SLACK_SIGNING_SECRET: SECRETS.signingSecret,
      ...Object.assign({}, ...Object.values(SENDERS).map(({ env }) => env), SENDERS['alertmanager']?.env) as Record<string, string>,
      ...(hasKeys && { HW_ACCESS_KEY: SECRETS.accessKey, HW_SECRET_KEY: SECRETS.secretKey }),
      API_TOKENS: `ci:${SECRETS.apiToken}`,
    },
    simulator: {
      killDelayMs: 1_000,
      now: () => clock.now() + cloudMs,
      users: [{ name: 'killswitch', password: SECRETS.password, domain: 'simulator' }],
      keys: [{ access: SECRETS.accessKey, secret: SECRETS.secretKey }],
      slack: { botToken: SECRETS.botToken, users: [OWNER, PERSON] },
    },
  }, NOON);
  const answers: Reply[] = [];
  const threw: unknown[] = [];
  const call: Stage['call'] = async (...given) => {
    const reply = await stage.call(...given);
    answers.push(reply);
    return reply;
  };
  const slack = async (path: string, form: URLSearchParams): Promise<void> => {
    const body = form.toString();
    await call(`POST ${path}`, { body, headers: slackHeaders(SECRETS.signingSecret, Math.floor((clock.now() + slackMs) / 1_000), body) });
  };
  const responseUrls: string[] = [];
  const newResponseUrl = (): string => {
    const url = stage.simulator.slack.newResponseUrl();
    responseUrls.push(url);
    return url;
  };
  const deliver = async (source: string, body: Buffer): Promise<number> => {
    const headers = SENDERS[source]?.prove(body, Math.floor(clock.now() / 1_000)) ?? {};
    return (await call(`POST /alerts/${source}`, { body: body.toString('base64'), isBase64Encoded: true, headers })).status;
  };
  await stage.call('GET /health'); // each function has read what references lead to
  await stage.refresh();
  const job = addJobs(stage, trigger, NOON + cloudMs);
  return {
    stage,
    storeFile,
    clock,
    job,
    get parameterFault() {
      return parameterFault;
    },
    set parameterFault(next) {
      parameterFault = next;
    },
    responseUrls,
    answers,
    threw,
    passes,
    goesSilent: ({ path }: RecordedRequest) => giveUp(path),
    expireTokens: () => stage.simulator.expireTokens(),
    type: (text) => slack('/slack/command', commandForm({ text, response_url: newResponseUrl() })),
    async click({ ts, channel, text, blocks }, actionId) {
      const button = buttonsOf({ blocks }).find(({ action_id: id }) => id === actionId);
      await slack('/slack/action', blockActionsForm({ message: { text, blocks }, messageTs: ts, channel, actionId, value: button?.value ?? '', responseUrl: newResponseUrl() }));
    },
    async fire(labels) {
      const alert = { status: 'firing', labels, annotations: {}, fingerprint: 'f-1', startsAt: new Date(NOON - HOUR_MS).toISOString() };
      return deliver('alertmanager', Buffer.from(JSON.stringify({ version: '4', status: 'firing', alerts: [alert] })));
    },
    async deliver(source) {
      if (source !== 'cloudwatch') return deliver(source, stuckJobOf(source));
      return stage.event(JSON.parse(stuckJobOf(source).toString())).then(() => 200, (error: unknown) => (threw.push(error), 500));
    },
    async clean() {
      const answer = await stage.backend.call('mrs-killswitch-test-cleanup', '{}');
      if (answer.kind === 'threw') threw.push(answer.error);
    },
    async kill(hasOwnToken) {
      const login = hasOwnToken ? await send(stage.simulator, 'POST /v3/auth/tokens', { body: tokenRequest(undefined, SECRETS.password) }) : undefined;
      const proof = login ? { 'x-auth-token': login.headers.get('x-subject-token') ?? '' } : { authorization: `Bearer ${SECRETS.apiToken}` };
      await call(`POST ${JOBS_PATH}/${job.job_id}/kill`, { headers: { ...proof, prefer: 'wait=25' } });
    },
    forget: () => database.exec('DELETE FROM ledger'),
    async close() {
      await stage.close();
      rmSync(folder, { recursive: true, force: true });
    },
    ends: () => stage.log().filter(({ message }) => message === 'kill request ended'),
  };
}

/** The victim is the oldest of its kind; of the others some are younger, one is protected, one of no rule. `now` is MRS's. */
function addJobs({ simulator }: Stage, trigger: Trigger, now: number): SimulatedJob {
  const add = (job_name: string, hours: number): SimulatedJob =>
    simulator.addJob({ job_name, user: 'etl_dev', submitted_time: now - hours * HOUR_MS - 5_000, started_time: now - hours * HOUR_MS });
  const job = add(VICTIM[trigger], 8);
  for (const [name, hours] of [['nb-young', 1], ['old-young', 5.5], ['own-young', 5.5], ['billing-etl', 9], ['healthy', 9]] as const) add(name, hours);
  return job;
}
