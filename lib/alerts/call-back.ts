import { CallBackFailed } from '../core/errors.ts';
import { AnswerTooLarge, type HttpAnswer, NoAnswer, type Send } from '../http/send.ts';

/** The way back to one sender of alerts, for one instance of a function. GET only; no redirects, no more than MOST_BYTES. */
export type CallBack = {
  /** The answer, undefined where it is too large. Throws CallBackFailed where none comes, or one that passes (429, 5xx). */
  get(url: URL): Promise<HttpAnswer | undefined>;
  /**
   * The same, but a 200 is kept for an hour and any other answer for a minute; one request at a time is in flight for a URL. `now` is
   * epoch ms. Throws CallBackFailed, too, where too many were asked for within a minute.
   */
  getKept(url: URL, now: number): Promise<HttpAnswer | undefined>;
};

/** More than any certificate or confirmation has. */
export const MOST_BYTES = 128 * 1024;

const TIMEOUT_MS = 8_000; // twice in one delivery, within the 29 s of the function
const KEEP_MS = 3_600_000;
const KEEP_BAD_MS = 60_000;
const MOST_KEPT = 16;
// Who sends to us can make up as many URLs as there are. Fewer than are kept, so that they never push out a good answer.
const MOST_A_MINUTE = 10;

/** `send` decides which URLs may be called, and reads no more than MOST_BYTES. */
export function createCallBack(send: Send): CallBack {
  const kept = new Map<string, { until: number; answer: Promise<HttpAnswer | undefined> }>();
  let asked: number[] = [];
  const get: CallBack['get'] = async (url) => {
    const answer = await send({ method: 'GET', url, headers: {}, timeoutMs: TIMEOUT_MS }).catch(explain);
    if (answer !== undefined && (answer.status === 429 || answer.status >= 500)) {
      throw new CallBackFailed(`the sender answered a call back with HTTP ${answer.status}`);
    }
    return answer;
  };
  return {
    get,
    getKept(url, now) {
      for (const [href, { until }] of kept) if (now >= until) kept.delete(href);
      const known = kept.get(url.href);
      if (known !== undefined) return known.answer;
      asked = asked.filter((at) => now - at < 60_000);
      if (asked.length >= MOST_A_MINUTE) return Promise.reject(new CallBackFailed('the sender was called back too often within a minute'));
      asked.push(now);
      const fetched = { until: now + KEEP_MS, answer: get(url) };
      fetched.answer.then(
        (answer) => {
          if (answer?.status !== 200) fetched.until = now + KEEP_BAD_MS;
        },
        () => {
          if (kept.get(url.href) === fetched) kept.delete(url.href);
        },
      );
      kept.set(url.href, fetched);
      for (const oldest of [...kept.keys()].slice(0, -MOST_KEPT)) kept.delete(oldest);
      return fetched.answer;
    },
  };
}

function explain(error: unknown): undefined {
  if (error instanceof AnswerTooLarge) return undefined;
  if (!(error instanceof NoAnswer)) throw error;
  throw new CallBackFailed(`the sender could not be called back: ${error.message}`, { cause: error });
}
