import { type Trouble, UpstreamFailed } from '../core/errors.ts';
import type { Clock } from '../core/time.ts';
import { parseJsonObject } from '../http/json.ts';
import type { Limit } from '../http/limit.ts';
import { retryRead } from '../http/retry.ts';
import type { HttpAnswer, Send } from '../http/send.ts';
import { type Proof, sendSigned, type UnsignedRequest } from './credentials.ts';
import { unreadableAnswer } from './trouble.ts';

/** What calls to IAM go through; `limit` bounds each try by itself. */
export type IamCalls = { send: Send; clock: Clock; limit?: Limit };

const TRY_TIMEOUT_MS = 8_000;
const RETRY_FOR_MS = 10_000;

/** Calls IAM and returns its 2xx; repeated for ten seconds while the trouble may pass. Throws UpstreamFailed. */
export async function callIam({ send, clock, limit }: IamCalls, proof: Proof, request: UnsignedRequest): Promise<HttpAnswer> {
  const sendOnce = () => sendSigned(send, 'IAM', proof, request, { timeoutMs: TRY_TIMEOUT_MS });
  return retryRead(clock, { retryForMs: RETRY_FOR_MS }, (notCharged) => {
    const askedAt = clock.now();
    const sendInTurn = (): Promise<HttpAnswer> => {
      notCharged(clock.now() - askedAt);
      return sendOnce();
    };
    return limit ? limit(sendInTurn, { rank: 'person' }) : sendOnce(); // everybody waits for it
  });
}

/**
 * Asks IAM for the id of the project of exactly that name; throws UpstreamFailed unless there is one.
 * https://support.huaweicloud.com/intl/en-us/api-iam/iam_06_0001.html
 */
export async function findProjectId(calls: IamCalls, proof: Proof, iam: string, name: string): Promise<string> {
  const url = new URL(`${iam}/v3/projects`);
  url.searchParams.set('name', name);
  const answer = await callIam(calls, proof, { method: 'GET', url, headers: { 'content-type': 'application/json' } });
  const { projects } = parseJsonObject(answer.text);
  if (!Array.isArray(projects)) throw unreadableAnswer('IAM', answer, 'projects');
  const ids = projects.filter((project) => project?.name === name).map(({ id }): unknown => id);
  if (ids.length === 1 && typeof ids[0] === 'string' && ids[0] !== '') return ids[0];
  throw new UpstreamFailed({
    service: 'IAM',
    kind: 'rejected',
    status: answer.status,
    message: `${ids.length} projects are named ${name}; set HW_PROJECT_ID`,
  });
}

/** The caller's own time limits how long they wait for `what` of a service; the request goes on for the others. */
export function waitAtMost<T>(request: Promise<T>, signal: AbortSignal | undefined, service: Trouble['service'], what: string): Promise<T> {
  if (!signal) return request;
  const { promise: timeUp, reject } = Promise.withResolvers<never>();
  const stopWaiting = (): void => reject(new UpstreamFailed({ service, kind: 'timeout', message: `no ${what} in time` }));
  if (signal.aborted) stopWaiting();
  else signal.addEventListener('abort', stopWaiting, { once: true });
  return Promise.race([request, timeUp]).finally(() => signal.removeEventListener('abort', stopWaiting));
}
