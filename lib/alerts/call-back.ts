import { AppError } from '../core/errors.ts';
import { AnswerTooLarge, type HttpAnswer, NoAnswer, type Send } from '../http/send.ts';

/** A sender could not be called back now; its next try may go better. The message names no URL. */
export class CallBackFailed extends AppError {
  readonly code = 'call_back_failed';
  override readonly retryable = true;
}

/** The way back to one sender of alerts, for one instance of a function. GET only; no redirects, no more than MOST_BYTES. */
export type CallBack = {
  /** The answer, undefined where it is too large. Throws CallBackFailed where none comes, or one that passes (429, 5xx). */
  get(url: URL): Promise<HttpAnswer | undefined>;
  /** The same, but a 200 is kept for an hour, and one request at a time is in flight for a URL. `now` is epoch ms. */
  getKept(url: URL, now: number): Promise<HttpAnswer | undefined>;
};

/** More than any certificate or confirmation has. */
export const MOST_BYTES = 128 * 1024;

const TIMEOUT_MS = 8_000; // twice in one delivery, within the 29 s of the function
const KEEP_MS = 3_600_000;
const MOST_KEPT = 16;

/** `send` decides which URLs may be called, and reads no more than MOST_BYTES. */
export function createCallBack(send: Send): CallBack {
  const kept = new Map<string, { until: number; answer: Promise<HttpAnswer | undefined> }>();
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
      const known = kept.get(url.href);
      if (known !== undefined && now < known.until) return known.answer;
      const fetched = { until: now + KEEP_MS, answer: get(url) };
      const forget = (): void => {
        if (kept.get(url.href) === fetched) kept.delete(url.href);
      };
      fetched.answer.then((answer) => (answer?.status === 200 ? undefined : forget()), forget);
      kept.delete(url.href); // as the newest it goes to the end
      kept.set(url.href, fetched);
      // Who sends to us can make up as many URLs as there are: memory has to end somewhere.
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
