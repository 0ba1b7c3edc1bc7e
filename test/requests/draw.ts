import fc from 'fast-check';
import { anyText, HOSTILE_URLS } from './hostile.ts';
import { anyChange, anySlip, type Change, type Slip } from './mutate.ts';
import { type Sample, SAMPLES } from './samples.ts';

/** How the rule is called that a request means, where it means one. */
export const RULES = ['MrsJobStuck', 'MrsAsk', 'MrsTell', 'MrsWarn', 'MrsPick'] as const;

/** One request as it was drawn: plain JSON, so that one that broke something can be kept. */
export type Drawn = {
  /** Of SAMPLES; `card` is a click on one of the newest buttons. */
  sample: string;
  /** Whether it comes from somebody who may have something killed, where its proof is right. */
  isMeant: boolean;
  rule: (typeof RULES)[number];
  /** Even: one of the right proofs; odd: one of the wrong ones. */
  proof: number;
  /** Which of the jobs that it may name. */
  job: number;
  changes: Change[];
  slips: Slip[];
  headers: { name: string; value: string }[];
  line: { method?: string; path?: Slip };
  way: 'text' | 'base64' | 'value';
  responseUrl: string;
  /** What MRS, IAM, Slack or SMN answers next instead of the truth. */
  upstream?: { status: number; location: string };
};

const byKind = (wanted: (sample: Sample) => boolean): string[] => [...SAMPLES].flatMap(([name, sample]) => (wanted(sample) ? [name] : []));
const kinds = (weight: number, ...names: Sample['kind'][]): { weight: number; arbitrary: fc.Arbitrary<string> } => ({ weight, arbitrary: fc.constantFrom(...byKind(({ kind }) => names.includes(kind))) });
const stuck = byKind((sample) => sample.kind === 'alert' || sample.kind === 'smn').filter((name) => name.endsWith('/stuck-job'));

const anySample = fc.oneof(kinds(8, 'alert'), { weight: 8, arbitrary: fc.constantFrom(...stuck) }, kinds(5, 'smn'), kinds(5, 'command'), kinds(3, 'click'), { weight: 3, arbitrary: fc.constant('card') }, kinds(7, 'rest'), kinds(3, 'event'), kinds(1, 'schedule'), kinds(3, 'any'));

const METHODS = ['GET', 'POST', 'PUT', 'DELETE', 'PATCH', 'HEAD', 'OPTIONS', 'get', 'TRACE', ''];
const HEADERS = ['content-type', 'authorization', 'x-auth-token', 'prefer', 'x-slack-signature', 'x-slack-request-timestamp', 'x-smn-message-type', 'x-pagerduty-signature', 'x-grafana-alerting-signature', 'content-encoding', 'x-forwarded-for', 'x-forwarded-host', 'cookie', 'x-http-method-override', '__proto__', 'constructor'];
const HEADER_VALUES = ['application/json', 'text/plain; charset=utf-16', 'multipart/form-data', 'gzip', 'wait=1', 'wait=99999', 'wait=-1', 'respond-async, wait=3', 'Bearer', 'Basic ', 'Bearer x', 'v0=', 'v1=', 'Notification', 'a'.repeat(6_000)];
/** None of them names a job, a cluster or a kill. */
const PATHS = ['/', '//', '..', '%2f', '%00', '%', ';a=b', '?x=1', '?x=%', '#', '*', 'ü', ' ', 'a'.repeat(3_000)];

const few = <T>(arbitrary: fc.Arbitrary<T>, most: number, none: number): fc.Arbitrary<T[]> => fc.oneof({ weight: none, arbitrary: fc.constant<T[]>([]) }, { weight: 1, arbitrary: fc.array(arbitrary, { minLength: 1, maxLength: most }) });
const seldom = <T>(arbitrary: fc.Arbitrary<T>, none: number): fc.Arbitrary<T | undefined> => fc.oneof({ weight: none, arbitrary: fc.constant(undefined) }, { weight: 1, arbitrary });

const anyLine = fc.record({ method: seldom(fc.constantFrom(...METHODS), 3), path: seldom(fc.record({ at: fc.nat(400), how: fc.constantFrom<Slip['how']>('cut', 'double', 'insert', 'drop'), text: fc.constantFrom(...PATHS) }), 1) });

/** Any request: mostly with a right proof, mostly with a few things changed in it. */
export const anyDrawn: fc.Arbitrary<Drawn> = fc
  .record({
    sample: anySample,
    isMeant: fc.oneof({ weight: 2, arbitrary: fc.constant(true) }, { weight: 1, arbitrary: fc.constant(false) }),
    rule: fc.oneof({ weight: 2, arbitrary: fc.constant<Drawn['rule']>('MrsJobStuck') }, { weight: 1, arbitrary: fc.constantFrom(...RULES) }),
    proof: fc.oneof({ weight: 4, arbitrary: fc.nat(20).map((nth) => 2 * nth) }, { weight: 1, arbitrary: fc.nat(60).map((nth) => 2 * nth + 1) }),
    job: fc.nat(1_000),
    changes: few(anyChange, 5, 1),
    slips: few(anySlip, 2, 8),
    headers: few(fc.record({ name: fc.constantFrom(...HEADERS), value: fc.oneof(fc.constantFrom(...HEADER_VALUES), anyText) }), 2, 12),
    line: seldom(anyLine, 12),
    way: fc.oneof({ weight: 6, arbitrary: fc.constant<Drawn['way']>('text') }, { weight: 1, arbitrary: fc.constantFrom<Drawn['way']>('base64', 'value') }),
    responseUrl: fc.oneof({ weight: 1, arbitrary: fc.constant('') }, { weight: 1, arbitrary: fc.constantFrom(...HOSTILE_URLS) }),
    upstream: seldom(fc.record({ status: fc.constantFrom(301, 302, 303, 307, 308, 200, 401, 500), location: fc.constantFrom(...HOSTILE_URLS) }), 40),
  })
  .map(({ line = {}, upstream, ...drawn }) => ({ ...drawn, line: { ...(line.method !== undefined && { method: line.method }), ...(line.path !== undefined && { path: line.path }) }, ...(upstream !== undefined && { upstream }) }));
