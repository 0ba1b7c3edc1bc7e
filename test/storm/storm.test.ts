import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { PRICES } from './bill.ts';
import { SHIPPED } from './home.ts';
import { playStorm } from './storm.ts';

const ROOT = join(import.meta.dirname, '../..');
/** More than one invocation at a time can do: most of it waits, as in a storm of 100,000. */
const SMALL = { count: 18, stormMs: 10_000, shipped: { requestsPerSecond: 1, burst: 4, killConcurrency: 1 } };

describe('a storm (npm run stress -- --storm plays a large one)', () => {
  it('over the AWS home: nothing is lost and nothing killed twice, whatever waits and is turned away', async () => {
    const { faults, lines } = await playStorm('aws', SMALL);
    expect(faults).toEqual([]);
    expect(lines[1]).toMatch(/\b12 202 accepted\b.*\b429\b/);
    expect(lines[3]).toMatch(/^ {2}started: 12, of which ended: 12 killed; 12 POSTs/);
  });

  it('notices what Lambda drops before it has run', async () => {
    const { faults } = await playStorm('aws', { ...SMALL, shipped: { ...SMALL.shipped, requestsPerSecond: 50, burst: 100, eventAgeSec: 5 } });
    expect(faults).toEqual([expect.stringMatching(/^\d+ ended FAILED$/)]);
  });

  it('over the own home: the same', async () => {
    const { faults, lines } = await playStorm('own', { count: 18, stormMs: 2_000 });
    expect(faults).toEqual([]);
    expect(lines[3]).toMatch(/^ {2}started: 12, of which ended: 12 killed; 12 POSTs/);
  });

  it('goes by what serverless.yml allows', () => {
    const text = readFileSync(join(ROOT, 'serverless.yml'), 'utf8');
    const { kill } = (parse(text, { logLevel: 'error' }) as { functions: Record<string, { timeout: number; maximumEventAge: number; durableConfig: { executionTimeout: number } }> }).functions;
    expect(kill).toMatchObject({ timeout: SHIPPED.killTimeoutSec, maximumEventAge: SHIPPED.eventAgeSec, durableConfig: { executionTimeout: SHIPPED.killLifeSec } });
    expect(text).toContain(`ThrottlingRateLimit: ${SHIPPED.requestsPerSecond}, ThrottlingBurstLimit: ${SHIPPED.burst}`);
    expect(readFileSync(join(ROOT, 'serverless/given.cjs'), 'utf8')).toContain(`KILL_CONCURRENCY: '${SHIPPED.killConcurrency}'`);
  });

  it('charges the prices of docs/operating.md', () => {
    const prices = readFileSync(join(ROOT, 'docs/operating.md'), 'utf8').split('- **Prices**: ')[1]?.split('\n- **')[0]?.replaceAll(/\s+/g, ' ') ?? '';
    const { operationsPerMillion, writtenPerGb, requestsPerMillion, gbSecond, tableWritesPerMillion, tableReadsPerMillion } = PRICES;
    expect(prices).toContain(`durable operations ${operationsPerMillion} USD a million, what they write ${writtenPerGb} USD a GB`);
    expect(prices).toContain(`Lambda ${requestsPerMillion.toFixed(2)} USD a million requests and ${gbSecond} USD a GB-second`);
    expect(prices).toContain(`${tableWritesPerMillion} USD a million writes and ${tableReadsPerMillion} USD a million reads`);
  });
});
