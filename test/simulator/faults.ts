import type { Answer, RecordedRequest } from './routing.ts';

/** What a fault can hit: the name of a route, or any of them. */
export type FaultTarget = 'kill' | 'job' | 'jobs' | 'clusters' | 'cluster' | 'token' | 'projects' | 'slack' | 'smn-certificate' | 'smn-confirmation' | 'agency' | 'any';

/** A scripted misbehaviour. With `delayMs` or `headers` alone the real answer goes out, late or with those headers. */
export type Fault = {
  on: FaultTarget;
  /** How many requests it hits; default 1, Infinity allowed. */
  times?: number;
  when?: (request: RecordedRequest) => boolean;
  /** Answer this instead. What is left out comes from the true answer where the effect happens, else it is 200 and empty. */
  status?: number;
  body?: string | object | ((request: RecordedRequest) => string);
  headers?: Record<string, string>;
  delayMs?: number;
  /** Never answer. */
  hang?: true;
  /** Destroy the socket without an answer. */
  hangUp?: true;
  /** `effect`: what was asked for really happens, although this answer goes out. Default `nothing`. */
  thenDo?: 'effect' | 'nothing';
};

/** The first fault that fits this request, one use less of it left in `faults`; undefined for a request that goes well. */
export function takeFault(faults: Fault[], on: FaultTarget, request: RecordedRequest): Fault | undefined {
  const at = faults.findIndex((fault) => (fault.on === 'any' || fault.on === on) && (fault.when?.(request) ?? true));
  const fault = faults[at];
  if (fault === undefined) return undefined;
  const timesLeft = (fault.times ?? 1) - 1;
  if (timesLeft > 0) faults[at] = { ...fault, times: timesLeft };
  else faults.splice(at, 1);
  return fault;
}

/** The answer a fault gives to a request, undefined for none. `answerTruly` does what was asked and is called only where that is to happen. */
export function answerWithFault(fault: Fault, request: RecordedRequest, answerTruly: () => Answer): Answer | undefined {
  const replaces = fault.status !== undefined || fault.body !== undefined || fault.hang === true || fault.hangUp === true;
  const answer = !replaces || fault.thenDo === 'effect' ? answerTruly() : { status: 200 };
  if (fault.hang === true || fault.hangUp === true) return undefined;
  return {
    ...answer,
    ...(fault.body === undefined ? {} : { body: typeof fault.body === 'function' ? fault.body(request) : fault.body }),
    status: fault.status ?? answer.status,
    headers: { ...answer.headers, ...fault.headers },
  };
}
