import type { DurableEngine } from '../../home/engine/engine.ts';
import type { OpenSend } from '../../lib/http/send.ts';
import { PROJECT_ID } from '../simulator/client.ts';
import { settingsOf } from '../simulator/settings.ts';
import type { Actor } from '../simulation/actor.ts';
import { BOT_TOKEN, CLOUD_URL } from '../simulation/cloud.ts';
import type { Env } from '../simulation/deployments.ts';
import { ALERT_TOKEN } from '../simulation/doors.ts';
import { policyFile } from '../simulation/policy.ts';
import type { World } from '../simulation/world.ts';
import type { Told } from './senders.ts';

/** What a storm breaks over: a world, the way out of it, and settings with a policy that kills for each alert. */
export type Ground = {
  world: World;
  openSend: (who: () => Actor) => OpenSend;
  env: Env;
  /** How many places of the hour are taken. */
  places: () => number;
  shipped: Shipped;
};

/** What the AWS home allows itself: of the HTTP API, and of the function that kills. */
export type Shipped = { requestsPerSecond: number; burst: number; killConcurrency: number; eventAgeSec: number; killLifeSec: number; killTimeoutSec: number };

/** As serverless.yml has them. */
export const SHIPPED: Shipped = { requestsPerSecond: 50, burst: 100, killConcurrency: 20, eventAgeSec: 21_600, killLifeSec: 36_000, killTimeoutSec: 120 };

/** A home that takes deliveries. */
export type StormHome = {
  knock: (line: string, request: { headers: Record<string, string>; body: string }) => Promise<Told>;
  engine: DurableEngine;
  /** When each execution was first run, epoch ms by its name. */
  begunAt: ReadonlyMap<string, number>;
  /** How many executions are open. */
  countOpen: () => number;
  /** What is said of it beside all else. */
  lines: () => string[];
  close: () => void;
};

export const PER_HOUR = 1_000;

export function envOfStorm(): Env {
  return {
    ...settingsOf(CLOUD_URL), HW_PROJECT_ID: PROJECT_ID, SLACK_API_URL: `${CLOUD_URL}/api/`, SLACK_BOT_TOKEN: BOT_TOKEN, ALERT_TOKENS: `sender:${ALERT_TOKEN}`,
    POLICY_FILE: policyFile({ perHour: PER_HOUR, percentOfRunning: 50, picks: [] }),
  };
}

/** What a door answered, as its sender reads it. */
export function readTold(status: number, headers: Record<string, unknown>, body: { results?: { outcome: string }[] }): Told {
  const retryAfter = Number(headers['retry-after']);
  return { status, outcome: body.results?.[0]?.outcome, retryAfterSec: Number.isFinite(retryAfter) ? retryAfter : undefined };
}
