import { expect } from '@jest/globals';
import { type VirtualClock, virtualClock } from '../local/clock.ts';
import { ANALYTICS_ID, PROJECT_ID } from '../simulator/client.ts';
import type { SimulatorOptions, SlackMessage } from '../simulator/simulator.ts';
import { blockActionsForm, buttonsOf, commandForm, slackHeaders } from '../simulator/slack-client.ts';
import type { EventOptions } from '../support/http-event.ts';
import { type Stage, type StageOptions, startStage } from './stage.ts';

/** 2026-11-22 12:00 UTC. */
export const NOON = 1_795_348_800_000;
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
  /** Default: a clock that stands at NOON. */
  clock?: VirtualClock;
} & Pick<StageOptions<VirtualClock>, 'createBackend' | 'durable'>;

export type Reply = { status: number; body: any; text: string };
type ClickMore = Partial<Parameters<typeof blockActionsForm>[0]>;

/** Slack in front of the whole Lambda API, the kill function, MRS and IAM. */
export type SlackStage = Stage & {
  now: () => number;
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
  idle(): Promise<void>;
  /** The one message that everyone can see. */
  card(): SlackMessage;
  /** The one note that one person only can see. */
  ephemeral(): SlackMessage;
  /** The outcomes of all executions, oldest first; the status of one that has none. */
  outcomes(): string[];
};

export async function startSlackStage(options: SlackStageOptions = {}): Promise<SlackStage> {
  const clock = options.clock ?? virtualClock(NOON);
  const base = await startStage(
    {
      policy: options.policy ?? policyOf(),
      clock,
      env: { ALERT_TOKENS: `gateway:${ALERT_TOKEN}`, SLACK_SIGNING_SECRET: SIGNING_SECRET, SLACK_BOT_TOKEN: BOT_TOKEN, ...options.env },
      simulator: { ...options.simulator, slack: { botToken: BOT_TOKEN, ...options.simulator?.slack } },
      ...(options.createBackend && { createBackend: options.createBackend }),
      ...(options.durable && { durable: options.durable }),
    },
    NOON,
  );
  const { simulator, backend } = base;
  const { now } = clock;
  let alerts = 0;
  const stage: SlackStage = {
    ...base,
    now,
    async send(path, body, { headers = slackHeaders(SIGNING_SECRET, Math.floor(now() / 1_000), body), ...event } = {}) {
      const { status, body: answer, text } = await base.call(`POST ${path}`, { body, headers, ...event });
      return { status, body: answer, text };
    },
    type: (text, fields = {}) => stage.send('/slack/command', commandForm({ text, response_url: simulator.slack.newResponseUrl(), ...fields }).toString()),
    click(message, actionId, user, { nth = 0, ...more } = {}) {
      const button = buttonsOf(message).filter(({ action_id: id }) => id === actionId)[nth];
      const isEphemeral = message.ephemeralFor !== undefined;
      const form = { message: { text: message.text, blocks: message.blocks }, user, messageTs: message.ts, channel: message.channel, isEphemeral, actionId, value: button?.value, responseUrl: simulator.slack.newResponseUrl(), ...more };
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
      const reply = await base.call('POST /alerts/generic', { body, headers: { authorization: `Bearer ${ALERT_TOKEN}` } });
      const [result] = (reply.body as { results: { outcome: string; reason?: string }[] }).results;
      if (result === undefined) throw new Error('no result');
      return result;
    },
    idle: () => backend.idle(),
    card: () => only(simulator.slack.messages()),
    ephemeral: () => only(simulator.slack.ephemerals()),
    outcomes: () => backend.list({ oldestFirst: true }).map(({ status, result }) => (result === undefined ? status : (JSON.parse(result) as { outcome: string }).outcome)),
  };
  return stage;
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
