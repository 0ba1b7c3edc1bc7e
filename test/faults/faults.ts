import type { Fault as HttpFault, RecordedRequest } from '../simulator/simulator.ts';

/** What can go wrong between us and somebody else. */
export const FAULTS = ['no answer', 'reset', 'slow', '429', '502 with HTML', 'broken JSON', 'expired token', 'clock an hour off'] as const;
export type Fault = (typeof FAULTS)[number];

/** Whether it happens at the first call of its kind only, or at each from there on. */
export const LENGTHS = ['once', 'for good'] as const;
export type Length = (typeof LENGTHS)[number];

/** How long a slow answer takes: less than we wait for one, and longer than a read before a kill counts. */
export const SLOW_MS = 9_000;

/** What the fault does with a request that it hits. Beside an answer of its own, all of them repeat what they were sent. */
export type Means = {
  passes: (ms: number) => void;
  /** The request was taken: the client gives up waiting for its answer. */
  goesSilent: (request: RecordedRequest) => void;
  expireTokens: () => void;
};

/** The faults of an HTTP server, as the simulator plays them; those whose answer is true only act before it. A clock is off from the start. */
export function httpFaults(means: Means): Record<Exclude<Fault, 'clock an hour off'>, { answer?: Partial<HttpFault>; before?: (request: RecordedRequest) => void }> {
  return {
    // What was asked for happens, and nobody hears of it.
    'no answer': { answer: { hang: true, thenDo: 'effect' }, before: means.goesSilent },
    reset: { answer: { hangUp: true } },
    slow: { before: () => means.passes(SLOW_MS) },
    429: { answer: { status: 429, headers: { 'retry-after': '5' }, body: (request) => JSON.stringify({ ok: false, error: 'ratelimited', error_code: 'APIGW.0308', error_msg: `The throttling threshold has been reached: ${echo(request)}` }) } },
    '502 with HTML': { answer: { status: 502, body: (request) => `<html><h1>502 Bad Gateway</h1>${echo(request)}</html>` } },
    'broken JSON': { answer: { status: 200, thenDo: 'effect', body: (request) => `{"job_detail": {"job_id": "${echo(request)}` } },
    'expired token': { before: means.expireTokens },
  };
}

/** All that the client sent, and what MRS knows of a job besides: some servers and their proxies say it all. */
function echo({ method, path, headers, body }: RecordedRequest): string {
  return `${method} ${path} ${JSON.stringify(headers)} ${body} [--db-password, fake-argument-secret] {fs.obs.secret.key=fake-property-secret}`;
}

/** Slack says so in its own words, under a status of success. */
export const SLACK_EXPIRED: Partial<HttpFault> = { status: 200, body: { ok: false, error: 'token_expired' } };
