import { stringify } from 'yaml';
import type { Clock } from '../../lib/core/time.ts';
import { SENDERS } from '../alerts/senders.ts';
import { type VirtualClock, virtualClock } from '../local/clock.ts';
import { ANALYTICS_ID, PROJECT_ID } from '../simulator/client.ts';
import type { SlackMessage } from '../simulator/simulator.ts';
import { blockActionsForm, commandForm, slackHeaders } from '../simulator/slack-client.ts';
import { openSendTo } from '../simulator/smn-send.ts';
import { DEV_ID } from './cleanup.ts';
import { type Reply, type Stage, startStage } from './stage.ts';

/** 2026-11-22 12:05 UTC, when every case begins: a run of cleanup for the hour before is not yet late. */
const START_MS = 1_795_349_100_000;
const SIGNING_SECRET = 'signing-secret-of-the-field';
const BOT_TOKEN = 'xoxb-token-of-the-field';
const API_TOKEN = 'rest-token-of-the-field';
const CHANNEL = 'C0123456789';
export const KILLER = 'UKILL0001';
export const APPROVER = 'UAPPR0001';

/** The clusters of the cases; theirs are named the other way round than the simulator's. */
export const CLUSTERS: Record<string, string> = { analytics: DEV_ID, dev: ANALYTICS_ID };

/** A body as text, as the API gateway hands it over; `parsed`, as serverless-offline does with JSON. */
export type Body = { text: string; parsed?: boolean };

/** Every door at once, on a clock that goes on no further than it is told. */
export type FieldStage = Stage & {
  post(source: string, body: Body, headers?: Record<string, string>): Promise<Reply>;
  slack(path: string, body: Body): Promise<Reply>;
  type(text: string, user?: string): Promise<Reply>;
  click(message: SlackMessage, actionId: string, value: string | undefined, user: string): Promise<Reply>;
  rest(line: string, body?: Body): Promise<Reply>;
  clean(event: unknown): Promise<void>;
  /** Lets so much time go by, and all that happens in it. */
  pass(sec: number): Promise<void>;
};

export async function startFieldStage({ policy, env }: { policy: Record<string, unknown>; env: Record<string, string> }): Promise<FieldStage> {
  const clock = boundedClock(START_MS);
  const stage = await startStage(
    {
      policy: stringify({
        dryRun: false,
        clusters: { analytics: { id: CLUSTERS['analytics'], project: PROJECT_ID, region: 'eu-west-101' }, dev: { id: CLUSTERS['dev'] } },
        slack: { team: 'T0123ABCD', mayKill: [KILLER], mayApprove: [APPROVER], channel: CHANNEL },
        ...policy,
      }),
      clock: clock as VirtualClock & Clock,
      env: { ...Object.assign({}, ...Object.values(SENDERS).map((sender) => sender.env)), API_TOKENS: `ci:${API_TOKEN}`, SLACK_SIGNING_SECRET: SIGNING_SECRET, SLACK_BOT_TOKEN: BOT_TOKEN, ...env },
      simulator: { killDelayMs: 1_000, slack: { botToken: BOT_TOKEN, users: [KILLER, APPROVER, 'U0STRANGER'] } },
      openSend: openSendTo,
    },
    START_MS,
  );
  const { simulator, backend } = stage;
  const nowSec = (): number => Math.floor(clock.now() / 1_000);
  const json = { 'content-type': 'application/json' };
  // What a front has parsed is no text any more, whatever its type says.
  const handOver = ({ text, parsed = false }: Body): string => (parsed ? (JSON.parse(text) as string) : text);
  const slack: FieldStage['slack'] = (path, body) => stage.call(`POST ${path}`, { headers: slackHeaders(SIGNING_SECRET, nowSec(), body.text), body: handOver(body) });
  return {
    ...stage,
    slack,
    post(source, body, headers = SENDERS[source]?.prove(Buffer.from(body.text), nowSec())) {
      return stage.call(`POST /alerts/${source}`, { headers: { ...json, ...headers }, body: handOver(body) });
    },
    type: (text, user = KILLER) => slack('/slack/command', { text: commandForm({ text, user_id: user, response_url: simulator.slack.newResponseUrl() }).toString() }),
    click: ({ ts, channel }, actionId, value, user) =>
      slack('/slack/action', { text: blockActionsForm({ actionId, value, user, messageTs: ts, channel, responseUrl: simulator.slack.newResponseUrl() }).toString() }),
    rest: (line, body) => stage.call(line, { headers: { ...json, authorization: `Bearer ${API_TOKEN}` }, ...(body && { body: handOver(body) }) }),
    async clean(event) {
      const answer = await backend.call('mrs-killswitch-test-cleanup', JSON.stringify(event));
      if (answer.kind === 'threw') throw answer.error;
    },
    async pass(sec) {
      const untilMs = clock.now() + sec * 1_000;
      // From one timer to the next, so that what a deadline sets off happens at its own time.
      for (let next = clock.now(); ; next = Math.min(untilMs, clock.nextAtMs())) {
        clock.moveTo(next);
        await Promise.race([clock.reach(clock.now()), backend.idle()]);
        if (next === untilMs && clock.nextAtMs() > untilMs) return;
      }
    },
  };
}

type BoundedClock = VirtualClock & Clock & {
  /** Lets it go on by itself up to that moment; resolves when nobody has anything left to do before it. */
  reach(ms: number): Promise<void>;
  moveTo(ms: number): void;
  /** When the next timer goes off; Infinity where there is none. */
  nextAtMs(): number;
};

/** A virtual clock that the backend moves on by itself, but no further than it is told. */
function boundedClock(startMs: number): BoundedClock {
  const inner = virtualClock(startMs);
  let limitMs = startMs;
  let waiting: (() => void)[] = [];
  const timers = new Set<{ atMs: number }>();
  return {
    now: inner.now,
    wall: inner.now,
    setTimer(atMs, run) {
      const timer = { atMs };
      timers.add(timer);
      const cancel = inner.setTimer(atMs, () => {
        timers.delete(timer);
        run();
      });
      return () => {
        timers.delete(timer);
        cancel();
      };
    },
    advanceTo(ms) {
      inner.advanceTo(Math.min(ms, Math.max(limitMs, inner.now())));
      if (ms <= limitMs) return;
      const resolved = waiting;
      waiting = [];
      for (const resolve of resolved) resolve();
    },
    sleep: async (ms) => inner.advanceTo(inner.now() + ms),
    random: () => 0,
    reach(ms) {
      limitMs = Math.max(ms, inner.now());
      return new Promise((resolve) => waiting.push(resolve));
    },
    stopAt: (ms) => inner.stopAt(ms),
    stopsAt: () => inner.stopsAt(),
    moveTo: (ms) => inner.advanceTo(ms),
    nextAtMs: () => Math.min(Infinity, ...[...timers].map(({ atMs }) => atMs)),
  };
}
