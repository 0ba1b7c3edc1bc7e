import { describe, expect, it } from '@jest/globals';
import type { CallBudget } from '../../lib/http/retry.ts';
import type { MrsCall, Read } from '../../lib/mrs/call.ts';
import { fixedKeys } from '../../lib/mrs/ak-sk.ts';
import { callerToken } from '../../lib/mrs/credentials.ts';
import { createMrs } from '../../lib/mrs/mrs.ts';
import { Secret } from '../../lib/settings/secret.ts';
import { DEV, ONCE } from './connected.ts';

type Asked = { path: string; budget: CallBudget };

/** MRS as far as pages go: `total` jobs, as it says, and what stands on each page. */
function listing(total: number, jobsOn: (page: number) => number): { mrs: ReturnType<typeof createMrs>; asked: Asked[] } {
  const asked: Asked[] = [];
  const call: MrsCall = {
    async read<T>(_cluster: unknown, { path, parse }: Read<T>, budget: CallBudget): Promise<T> {
      asked.push({ path, budget });
      const page = Number(/offset=(\d+)/.exec(path)?.[1]);
      const job_list = Array.from({ length: jobsOn(page) }, (_, index) => ({ job_id: `${page}-${index}`, job_name: 'etl', job_type: 'SparkSubmit', job_state: 'RUNNING', user: 'u' }));
      return parse({ total_record: total, job_list }) as T;
    },
    post: async () => true,
    clockSkewMs: () => undefined,
  };
  return { mrs: createMrs(call), asked };
}

const readAll = async (mrs: ReturnType<typeof createMrs>, budget: CallBudget = ONCE): Promise<number> => {
  let read = 0;
  for await (const jobs of mrs.activeJobs(DEV, budget)) read += jobs.length;
  return read;
};

describe('the list of jobs', () => {
  it('is read page by page, to its end', async () => {
    const { mrs, asked } = listing(250, (page) => (page < 3 ? 100 : 50));
    expect(await readAll(mrs)).toBe(250);
    expect(asked.map(({ path }) => path).filter((path) => path.includes('offset=3'))).not.toEqual([]);
  });

  it('that never ends is not read to its end, and says so', async () => {
    const { mrs } = listing(1_000_000, () => 100);
    await expect(readAll(mrs)).rejects.toMatchObject({ trouble: { service: 'MRS', kind: 'rejected', message: expect.stringMatching(/^the job list has more than \d+00 entries; it was not read to its end$/) } });
  });

  it('that breaks off before its end says so', async () => {
    const { mrs } = listing(250, (page) => (page < 2 ? 100 : 0));
    await expect(readAll(mrs)).rejects.toMatchObject({ trouble: { kind: 'unavailable', message: 'the job list ended after 100 of 250 jobs' } });
  });

  it('ends with the time of whoever asks', async () => {
    const over = new AbortController();
    const { mrs, asked } = listing(250, (page) => (page < 3 ? 100 : 50));
    await readAll(mrs, { ...ONCE, signal: over.signal });
    const signals = asked.map(({ budget }) => budget.signal);
    over.abort();
    expect(signals.every((signal) => signal?.aborted)).toBe(true);
  });

  it('is asked for no longer where nobody reads on', async () => {
    const { mrs, asked } = listing(250, () => 100);
    for await (const _ of mrs.activeJobs(DEV, ONCE)) break;
    expect(asked.some(({ budget }) => budget.signal?.aborted)).toBe(true);
  });
});

it('keys that stand in the settings, and a token of a caller, are the same when they are asked for again', async () => {
  const keys = { accessKey: 'AK', secretKey: new Secret('0123456789abcdef') };
  expect([await fixedKeys(keys).current(), fixedKeys(keys).renew(keys), callerToken(new Secret('t'), 'p').renew(DEV, undefined as never)]).toEqual([keys, false, false]);
});
