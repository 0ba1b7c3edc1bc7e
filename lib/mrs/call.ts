import { UpstreamFailed } from '../core/errors.ts';
import type { Clock } from '../core/time.ts';
import { parseJsonObject } from '../http/json.ts';
import type { Limit, Turn } from '../http/limit.ts';
import { type CallBudget, retryRead } from '../http/retry.ts';
import { type HttpAnswer, NoAnswer, type Send } from '../http/send.ts';
import type { Endpoints } from '../settings/regions.ts';
import type { Cluster } from './cluster.ts';
import { type Authorization, type Credentials, sendSigned } from './credentials.ts';
import { troubleOf, troubleOfNoAnswer, unreadableAnswer } from './trouble.ts';

export type CallOptions = {
  credentials: Credentials;
  endpointsOf: (region: string) => Endpoints;
  send: Send;
  clock: Clock;
  /** `X-Language` of MRS's messages: en-us or zh-cn. */
  language: string;
  /** Shared by all clients of an instance: at most ten calls in flight, people's first. */
  limit: Limit;
};

/** What to read: the path below `/{version}/{project_id}`, and how to understand the answer. */
export type Read<T> = {
  version: 'v1.1' | 'v2';
  path: string;
  /** Undefined where the answer is not what was asked for. */
  parse: (body: Record<string, unknown>) => T | undefined;
  /** What the answer then lacks, for the error. */
  missing: string;
};

/** Whether something is still to be sent, asked at the last moment. */
export type IsWanted = () => boolean | Promise<boolean>;

/** Authorized calls to MRS; they throw UpstreamFailed. Any 2xx is a success: MRS answers 202 to reads. */
export type MrsCall = {
  /** Repeated while its trouble may pass and the budget lasts, and once at once with renewed credentials after a 401. */
  read<T>(cluster: Cluster, what: Read<T>, budget: CallBudget): Promise<T>;
  /**
   * Sent once and never repeated here, without a body; the answer's body is not read: MRS sends none. `isWanted` is asked last,
   * when only the sending is left to do, and once more where that had to wait for its place; false where it said no and nothing
   * was sent.
   */
  post(cluster: Cluster, path: string, signal?: AbortSignal, isWanted?: IsWanted): Promise<boolean>;
  /** How far MRS's clock was ahead of ours at its last answer, by its `Date` header; undefined where that is not known. */
  clockSkewMs(cluster: Cluster): number | undefined;
};

const TIMEOUT_MS = 10_000;
/** Who waited longer for a place asks again whether the call is wanted. */
const ASKED_JUST_NOW_MS = 1_000;

export function createMrsCall({ credentials, endpointsOf, send, clock, language, limit }: CallOptions): MrsCall {
  const skewsMs = new Map<string, number>(); // by region

  /** Undefined, with nothing sent, where `isWanted` says no once the place is there. `onPlace` hears how long (ms) that took. */
  async function callOnce(
    cluster: Cluster,
    authorization: Authorization,
    { method, version, path, turn, onPlace, isWanted }: { method: 'GET' | 'POST'; version: string; path: string; turn: Turn; onPlace?: (waitedMs: number) => void; isWanted?: IsWanted },
  ): Promise<HttpAnswer | undefined> {
    const url = new URL(`${endpointsOf(cluster.region).mrs}/${version}/${encodeURIComponent(authorization.projectId)}${path}`);
    // Some editions of the documentation call the content type mandatory, on calls without a body too.
    const headers = { 'content-type': 'application/json', 'x-language': language };
    const { signal } = turn;
    const askedAt = clock.now();
    let hasPlace = false;
    // Signed and judged inside the limit: what waits behind a refused signature then sees the refusal before it is sent.
    const sendInTurn = async (): Promise<HttpAnswer | undefined> => {
      hasPlace = true;
      const waitedMs = clock.now() - askedAt;
      onPlace?.(waitedMs);
      if (isWanted && waitedMs > ASKED_JUST_NOW_MS && !(await isWanted())) return undefined;
      return sendSigned(send, 'MRS', authorization, { method, url, headers }, { timeoutMs: TIMEOUT_MS, signal, statusIsEnough: method === 'POST' });
    };
    const answer = await limit(sendInTurn, turn).catch((error: unknown) => {
      throw hasPlace || !signal?.aborted ? error : troubleOfNoAnswer('MRS', new NoAnswer('timeout', 'too many calls at once, and no free place in time'));
    });
    const dateMs = Date.parse(answer?.headers['date'] ?? '');
    if (!Number.isNaN(dateMs)) skewsMs.set(cluster.region, dateMs - clock.wall());
    return answer;
  }

  return {
    read(cluster, { version, path, parse, missing }, budget) {
      const { signal } = budget;
      const readOnce = async (authorization: Authorization, onPlace: (waitedMs: number) => void) => {
        const answer = (await callOnce(cluster, authorization, { method: 'GET', version, path, turn: budget, onPlace })) as HttpAnswer;
        const value = parse(parseJsonObject(answer.text));
        if (value === undefined) throw troubleInSuccess(answer) ?? unreadableAnswer('MRS', answer, missing);
        return value;
      };
      return retryRead(clock, budget, async (notCharged) => {
        const authorization = await credentials.authorize(cluster, signal);
        try {
          return await readOnce(authorization, notCharged);
        } catch (error) {
          if (!isUnauthorized(error) || !credentials.renew(cluster, authorization)) throw error;
          return readOnce(await credentials.authorize(cluster, signal), notCharged);
        }
      });
    },

    async post(cluster, path, signal, isWanted = () => true) {
      const authorization = await credentials.authorize(cluster, signal);
      if (!(await isWanted())) return false;
      try {
        return (await callOnce(cluster, authorization, { method: 'POST', version: 'v2', path, turn: { rank: 'kill', signal }, isWanted })) !== undefined;
      } catch (error) {
        if (isUnauthorized(error)) credentials.renew(cluster, authorization); // for a next attempt, which is not ours to make
        throw error;
      }
    },

    clockSkewMs: ({ region }) => skewsMs.get(region),
  };
}

/** MRS's own error code under a status of success: the code rules, as everywhere. */
function troubleInSuccess(answer: HttpAnswer): UpstreamFailed | undefined {
  const failed = troubleOf('MRS', answer, []);
  return failed.trouble.errorCode === undefined ? undefined : failed;
}

function isUnauthorized(error: unknown): boolean {
  return error instanceof UpstreamFailed && error.trouble.kind === 'unauthorized' && error.trouble.service === 'MRS';
}
