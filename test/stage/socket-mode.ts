import { openSocketMode, type SocketMode } from '../../home/socket-mode/socket-mode.ts';
import { Secret } from '../../lib/settings/secret.ts';
import { receiveFromSlack } from '../../lib/slack/receive-command.ts';
import type { Fault } from '../simulator/simulator.ts';
import { until } from '../support/until.ts';
import { createHeldClock, type HeldClock } from './held-clock.ts';
import { NOON, type SlackStage, type SlackStageOptions, startSlackStage } from './slack.ts';

export const APP_TOKEN = 'xapp-1-A0123ABCD-token-of-this-test';

/** Slack that comes in by Socket Mode alone: nothing is signed, and what `type` and `click` send are envelopes. */
export type SocketStage = SlackStage & {
  /** The clock of the connections; that of the house is `clock`. */
  socketClock: HeldClock;
  socketMode: SocketMode;
  /** What readToken gives from now on. */
  appToken: { value: string };
  /** Each time that a request came to the house. */
  received: { path: string; body: string }[];
  /** Waits until so many connections stand, on both sides. */
  connected(count?: number): Promise<void>;
};

export type SocketStageOptions = SlackStageOptions & {
  appToken?: string;
  /** Comes before the house; what it throws is the house's trouble. */
  before?: () => Promise<void> | void;
  /** Of the simulator, from the first call on. */
  faults?: Fault[];
};

/** Slack sends again after 100 ms of real time, so that nobody waits for three seconds, and for as long as any machine takes. */
export async function startSocketStage({ appToken = APP_TOKEN, before, faults = [], ...options }: SocketStageOptions = {}): Promise<SocketStage> {
  const simulator = { ...options.simulator, slack: { appToken: APP_TOKEN, resendAfterMs: 100, sends: 100, ...options.simulator?.slack } };
  const slack = await startSlackStage({ ...options, simulator, env: { SLACK_SIGNING_SECRET: undefined, ...options.env } });
  const { socketMode: slackSide } = slack.simulator.slack;
  const socketClock = createHeldClock(NOON);
  for (const fault of faults) slack.simulator.fault(fault);
  const token = { value: appToken };
  const received: SocketStage['received'] = [];
  const socketMode = openSocketMode({
    readToken: async () => new Secret(token.value),
    apiUrl: slack.simulator.slack.apiUrl,
    async receive(request) {
      received.push({ path: request.path, body: request.rawBody.toString() });
      await before?.();
      return slack.ledger.calledBy('slack', () => receiveFromSlack({ ...slack.load(), comesAgain: true }, request));
    },
    clock: socketClock,
    openSend: slack.outside.openSend,
    createId: slack.outside.createId,
    log: slack.outside.log,
  });
  const closeHouse = slack.close.bind(slack);
  return Object.assign(slack, {
    socketClock,
    socketMode,
    appToken: token,
    received,
    async connected(count = 1) {
      await until(() => slackSide.connections().length === count && socketMode.isConnected() === count > 0);
    },
    async send(path: string, body: string) {
      const acknowledged = await slackSide.deliver(path === '/slack/command' ? 'slash_commands' : 'interactive', new URLSearchParams(body));
      return { status: acknowledged ? 200 : 0, body: acknowledged?.payload, text: '' };
    },
    async close() {
      await socketMode.close();
      await closeHouse();
    },
  } satisfies Partial<SocketStage>);
}
