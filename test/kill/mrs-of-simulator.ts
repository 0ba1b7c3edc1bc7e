import type { Target } from '../../lib/core/request.ts';
import type { Clock } from '../../lib/core/time.ts';
import { openSend } from '../../lib/http/send.ts';
import type { FirstPosts } from '../../lib/kill/first-post.ts';
import { look, type Looked } from '../../lib/kill/look.ts';
import { createMrsCall } from '../../lib/mrs/call.ts';
import type { Cluster } from '../../lib/mrs/cluster.ts';
import { callerToken } from '../../lib/mrs/credentials.ts';
import { createMrs, type Mrs } from '../../lib/mrs/mrs.ts';
import { Secret } from '../../lib/settings/secret.ts';
import { NOON } from '../core/a-job.ts';
import type { Simulator } from '../simulator/simulator.ts';

const PROJECT = '0a1b2c3d4e5f60718293a4b5c6d7e8f9';

/** The simulator's two clusters, by their names in a policy. */
export const ANALYTICS: Cluster = { name: 'analytics', id: '2b460e01-3351-4170-b0a7-57b9dd5ffef3', region: 'eu-west-101', project: { id: PROJECT } };
export const DEV: Cluster = { name: 'dev', id: 'bc134369-294c-42b7-a707-b2036ba38524', region: 'eu-west-101', project: { id: PROJECT } };

/** A clock that stands at noon; sleeping moves it on at once. */
export function fakeClock(): Clock & { sleptMs: number[] } {
  let nowMs = NOON;
  const sleptMs: number[] = [];
  return {
    sleptMs,
    now: () => nowMs,
    wall: () => nowMs,
    async sleep(ms) {
      sleptMs.push(ms);
      nowMs += ms;
    },
    random: () => 0.5,
  };
}

/** A client of a simulator that takes any token: one started without IAM. */
export function mrsOf(simulator: Simulator, clock: Clock): Mrs {
  const endpoints = { mrs: simulator.url, iam: simulator.url };
  return createMrs(
    createMrsCall({
      credentials: callerToken(new Secret('simulator-token'), PROJECT),
      endpointsOf: () => endpoints,
      send: openSend([simulator.url]),
      clock,
      language: 'en-us',
      limit: (task) => task(),
    }),
  );
}

/** Looks for a job with a minute for repeats, none of which goes by; `posts` are the kills of the last hour. */
export function lookIn(simulator: Simulator, target: Target, clusters: Cluster[], posts: FirstPosts = []): Promise<Looked> {
  const { submittedBefore: at } = target;
  const news = at === undefined ? undefined : { at, what: 'the alert began', now: at, readPosts: async () => posts };
  return look(mrsOf(simulator, fakeClock()), clusters, target, { retryForMs: 60_000 }, news);
}
