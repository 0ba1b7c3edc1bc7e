import { type Trouble, UpstreamFailed } from '../core/errors.ts';
import type { Clock } from '../core/time.ts';
import type { Limit } from '../http/limit.ts';
import type { HttpAnswer, Send } from '../http/send.ts';
import type { Endpoints } from '../settings/regions.ts';
import type { Cluster } from './cluster.ts';
import type { Authorization, Credentials, Proof } from './credentials.ts';
import { findProjectId, waitAtMost } from './iam.ts';
import { type SigningKeys, signRequest } from './sign.ts';

/** At most so many signed calls at a time: all of them may be refused at once, and the gateway locks a key after five. */
export const MOST_SIGNED_IN_FLIGHT = 4;

// As long as the gateway's own lock lasts.
// https://docs.otc.t-systems.com/api-gateway/umn/faqs/api_authentication/common_errors_related_to_iam_authentication_information.html
const HOLD_MS = 5 * 60_000;

/** Where the keys come from that calls are signed with. */
export type KeySource = {
  /** Throws UpstreamFailed where none can be had. */
  current(signal?: AbortSignal): Promise<SigningKeys>;
  /** After a 401 on `used`: whether `current` may have better ones now. */
  renew(used: SigningKeys): boolean;
};

/** Keys that stand in the settings. */
export function fixedKeys(keys: SigningKeys): KeySource {
  return { current: async () => keys, renew: () => false };
}

/**
 * Every request signed with an access key and its secret key. A project that is known by name only is looked up once, by a
 * signed call too. A refused signature is never repeated: it stops all calls with that access key for five minutes, with an error
 * that says so; new keys of the source are free of it.
 */
export function createSigningCredentials(options: {
  keys: KeySource;
  endpointsOf: (region: string) => Endpoints;
  send: Send;
  clock: Clock;
  /** The limit that the calls to MRS go through as well; at most MOST_SIGNED_IN_FLIGHT. */
  limit: Limit;
}): Credentials {
  const { keys: source, endpointsOf, send, clock, limit } = options;
  const projectIds = new Map<string, Promise<string>>();
  /** By access key. */
  const holds = new Map<string, { untilMs: number; trouble: Trouble }>();
  const signedWith = new WeakMap<Authorization, SigningKeys>();

  function proofFor(keys: SigningKeys, projectId?: string): Proof {
    return {
      sign(request) {
        const hold = holds.get(keys.accessKey);
        if (hold && clock.now() < hold.untilMs) throw new UpstreamFailed(hold.trouble);
        const headers = { ...request.headers, ...(projectId !== undefined && { 'x-project-id': projectId }) };
        const signed = signRequest({ ...request, headers }, keys, clock.wall());
        return { headers: signed, secrets: secretsIn(keys, signed) };
      },
      refused(refusal, answer) {
        const message = `${refusal.trouble.message}${explainSkew(refusal.trouble.message, answer, clock.wall())}; ${stopped(clock.wall() + HOLD_MS)}`;
        const trouble = { ...refusal.trouble, message };
        for (const [accessKey, hold] of holds) if (clock.now() >= hold.untilMs) holds.delete(accessKey);
        holds.set(keys.accessKey, { untilMs: clock.now() + HOLD_MS, trouble });
        return new UpstreamFailed(trouble);
      },
    };
  }

  function lookUpProject(region: string, name: string, keys: SigningKeys): Promise<string> {
    const { iam } = endpointsOf(region);
    const key = JSON.stringify([iam, name]);
    let projectId = projectIds.get(key);
    if (!projectId) {
      projectId = findProjectId({ send, clock, limit }, proofFor(keys), iam, name).catch((error: unknown) => {
        projectIds.delete(key);
        throw error;
      });
      projectIds.set(key, projectId);
    }
    return projectId;
  }

  async function authorizeWith(keys: SigningKeys, { region, project }: Cluster, signal?: AbortSignal): Promise<Authorization> {
    const projectId = 'id' in project ? project.id : await waitAtMost(lookUpProject(region, project.name, keys), signal, 'IAM', 'project id');
    const authorization = { projectId, ...proofFor(keys, projectId) };
    signedWith.set(authorization, keys);
    return authorization;
  }

  return {
    async authorize(cluster, signal) {
      const keys = await source.current(signal);
      try {
        return await authorizeWith(keys, cluster, signal);
      } catch (error) {
        if (!(error instanceof UpstreamFailed) || error.trouble.kind !== 'unauthorized' || !source.renew(keys)) throw error;
        return authorizeWith(await source.current(signal), cluster, signal);
      }
    },
    renew(_cluster, used) {
      const keys = signedWith.get(used);
      return keys !== undefined && source.renew(keys);
    },
  };
}

/** The signature is among them: until its time is over it would pass once more. */
function secretsIn({ accessKey, secretKey, securityToken }: SigningKeys, { authorization = '' }: Record<string, string>): string[] {
  const signature = authorization.slice(authorization.lastIndexOf('=') + 1);
  return [accessKey, secretKey.reveal(), signature, ...(securityToken ? [securityToken.reveal()] : [])];
}

function stopped(untilMs: number): string {
  return `no call is made with this access key until ${toSeconds(untilMs)}, or the gateway would lock it`;
}

/**
 * How far our clock is off, where the gateway says `signature expired`; '' for every other refusal. It takes 15 min either
 * way, and tells its own time: `signature time:20211217T064303Z,server time:20211217T065804Z`.
 */
function explainSkew(message: string, { headers }: HttpAnswer, nowMs: number): string {
  if (!/signature expired/i.test(message)) return '';
  const [, day, time] = /server time:\s*(\d{8})T(\d{6})Z/i.exec(message) ?? [];
  const serverMs = day && time ? Date.parse(`${dashed(day, '-')}T${dashed(time, ':')}Z`) : Date.parse(headers['date'] ?? '');
  if (Number.isNaN(serverMs)) return `; our clock says ${toSeconds(nowMs)}: see whether it is right`;
  const offSec = Math.round((nowMs - serverMs) / 1_000);
  const off = `${Math.floor(Math.abs(offSec) / 60)} min ${Math.abs(offSec) % 60} s ${offSec < 0 ? 'behind' : 'ahead'}`;
  return `; our clock is ${off}: ${toSeconds(nowMs)} here, ${toSeconds(serverMs)} there; set it right`;
}

/** `20261122` with `-` becomes `2026-11-22`, `120500` with `:` becomes `12:05:00`. */
function dashed(digits: string, separator: string): string {
  return digits.replace(/\B(?=(?:\d\d){1,2}$)/g, separator);
}

/** `2026-11-22T12:05:00Z` */
function toSeconds(timeMs: number): string {
  return new Date(timeMs).toISOString().replace(/\.\d{3}Z$/, 'Z');
}
