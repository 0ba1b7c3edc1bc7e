import type { SignedRequest } from './sign.ts';

/** What came back; no status where nothing did. `failed`: Lambda says that the function threw. */
export type Answer = { status?: number; failed: boolean; body: string; tookMs: number };

const TIMEOUT_MS = 30_000;

/** Where a request goes, below the path of the server's URL. */
export function targetOf(url: URL, { path }: Pick<SignedRequest, 'path'>): URL {
  return new URL(url.href.replace(/\/+$/, '') + path);
}

/** Sends it once. Where no answer comes, `body` says why. */
export async function post(url: URL, { headers, body }: SignedRequest, now: () => number): Promise<Answer> {
  const startedAt = now();
  try {
    // A redirect would take the token elsewhere.
    const answer = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body), redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = await answer.text();
    return { status: answer.status, failed: answer.headers.has('x-amz-function-error'), body: text, tookMs: now() - startedAt };
  } catch (error) {
    const { cause, message } = error as Error & { cause?: { code?: string } };
    const isHere = url.hostname === '127.0.0.1';
    const why = `no answer from ${url.origin} (${cause?.code ?? message})`;
    return { failed: true, body: `${why}: ${isHere ? 'run npm start first, in another terminal' : 'is the server up?'}`, tookMs: now() - startedAt };
  }
}

/** Whether the server took it. */
export function isTaken({ status = 0, failed }: Answer): boolean {
  return status >= 200 && status < 300 && !failed;
}

/** What may be wrong where an answer is 401. */
export const HINT_401 = 'The server has another secret, or none for this source, or the time in the body is too old for it.';
