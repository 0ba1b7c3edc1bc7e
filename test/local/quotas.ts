import { ServiceError } from '../../home/engine/service-error.ts';

/** How many calls of the Lambda API an account may make in one second. */
export type Quotas = { start: number; callback: number; get: number; list: number; history: number };

/** As published, for each Region. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html */
export const PUBLISHED_QUOTAS: Quotas = { start: 300, callback: 3_000, get: 30, list: 15, history: 15 };

const ROUTES: readonly [on: keyof Quotas, method: string, path: RegExp][] = [
  ['start', 'POST', /\/functions\/[^/]+\/invocations$/],
  ['callback', 'POST', /\/durable-execution-callbacks\//],
  ['history', 'GET', /\/durable-executions\/[^/]+\/history$/],
  ['list', 'GET', /\/functions\/[^/]+\/durable-executions$/],
  ['get', 'GET', /\/durable-executions\/[^/]+$/],
];

/** 429, with Lambda's own word on when to come again. https://docs.aws.amazon.com/lambda/latest/api/CommonErrors.html */
export class Throttled extends ServiceError {
  constructor() {
    super('TooManyRequestsException', 429, 'Rate Exceeded.');
  }
}

/** Gives a check that throws Throttled for a call which is one too many in the second before it; other calls it lets through. */
export function createQuotas({ now }: { now: () => number }, quotas: Quotas): (method: string, path: string) => void {
  const taken = new Map<keyof Quotas, number[]>();
  return (method, path) => {
    const [on] = ROUTES.find(([, wanted, pattern]) => method === wanted && pattern.test(path)) ?? [];
    if (on === undefined) return;
    const at = now();
    const lately = (taken.get(on) ?? []).filter((moment) => at - moment < 1_000);
    if (lately.length >= quotas[on]) throw new Throttled();
    taken.set(on, [...lately, at]);
  };
}
