import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { type AlertStage, nothingHappened, policyOf, startAlertStage } from '../stage/alerts.ts';
import { runs } from '../support/full-size.ts';

const NAMES_A_FIELD = /^(?:body|id|status|startsAt|labels|annotations)(?:\.[^]*)?: /;

let stage: AlertStage;
beforeAll(async () => {
  stage = await startAlertStage();
});
afterAll(() => stage.close());

async function expect400(body: unknown, sent = {}): Promise<string> {
  const reply = await stage.deliver(body, sent);
  expect([reply.status, Object.keys(reply.body), reply.body.error_code]).toEqual([400, ['error_code', 'error_msg', 'request_id'], 'KILL.0400']);
  expect(reply.body.error_msg).toMatch(NAMES_A_FIELD);
  nothingHappened(stage);
  return reply.body.error_msg ?? '';
}

describe('a body that cannot be read gets 400 that names what is wrong, and nothing was killed', () => {
  const right = { id: 'alert-7', labels: { alertname: 'MrsJobStuck', job_name: 'nightly-etl' } };

  it.each<[string, unknown, string]>([
    ['no body at all', '', 'body'],
    ['half a body', '{"id":"alert-7","labels":{"alert', 'body'],
    ['a form', 'id=alert-7', 'body'],
    ['JSON with a comment', '{"id":"a"/* */,"labels":{}}', 'body'],
    ['null', 'null', 'body'],
    ['a number', '7', 'body'],
    ['a text', '"alert-7"', 'body'],
    ['a list of alerts', [right], 'body'],
    ['no id', { labels: right.labels }, 'id'],
    ['an id that is null', { ...right, id: null }, 'id'],
    ['an id that is an object', { ...right, id: { toString: 'x' } }, 'id'],
    ['an empty id', { ...right, id: '' }, 'id'],
    ['an id of more than 256 letters', { ...right, id: 'x'.repeat(257) }, 'id'],
    ['labels that are a list', { ...right, labels: ['job_name'] }, 'labels'],
    ['labels that are a text', { ...right, labels: 'job_name=etl' }, 'labels'],
    ['a label that is a list', { ...right, labels: { job_name: ['a', 'b'] } }, 'labels.job_name'],
    ['a label that is an object', { ...right, labels: { job_name: { toString: 'x' } } }, 'labels.job_name'],
    ['annotations that are a text', { ...right, annotations: 'stuck' }, 'annotations'],
    ['an annotation that is a list', { ...right, annotations: { summary: [] } }, 'annotations.summary'],
    ['a status that is none', { ...right, status: 'pending' }, 'status'],
    ['a status in upper case', { ...right, status: 'FIRING' }, 'status'],
    ['a status that is a number', { ...right, status: 0 }, 'status'],
    ['a startsAt that is no time', { ...right, startsAt: 'yesterday' }, 'startsAt'],
    ['a startsAt without a zone', { ...right, startsAt: '2026-03-01T12:00:00' }, 'startsAt'],
    ['a startsAt on a day that is none', { ...right, startsAt: '2026-02-30T12:00:00Z' }, 'startsAt'],
    ['a startsAt in microseconds', { ...right, startsAt: 1_772_366_400_000_000 }, 'startsAt'],
    ['a startsAt of zero', { ...right, startsAt: 0 }, 'startsAt'],
    ['a startsAt that is true', { ...right, startsAt: true }, 'startsAt'],
  ])('%s', async (_, body, field) => {
    expect((await expect400(body)).startsWith(`${field}: `)).toBe(true);
  });

  it('bytes that are no UTF-8, though they look like JSON', async () => {
    const bytes = Buffer.concat([Buffer.from('{"id":"a'), Buffer.from([0xff]), Buffer.from('","labels":{"alertname":"MrsJobStuck","job_name":"x"}}')]);
    expect(await expect400(bytes, { base64: true })).toBe('body: expected JSON');
  });

  it('any bytes', async () => {
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 200 }), async (bytes) => {
        await expect400(Buffer.from(bytes), { base64: true });
      }),
      { numRuns: runs(150) },
    );
  });

  it('names each field that is wrong, and repeats no value', async () => {
    expect(await expect400({ id: 'secret-1'.repeat(40), status: 'secret-2', labels: { a: ['secret-3'] }, annotations: 'secret-4' })).not.toContain('secret');
  });

  it('answers in a few words to a field with an endless name', async () => {
    expect((await expect400({ id: 'a', labels: { ['x'.repeat(900_000)]: [] } })).length).toBeLessThan(300);
  });
});

describe('any JSON', () => {
  it('gets 202 with one result, or 400 that names a field, and never anything else', async () => {
    const labelName = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('__proto__', 'constructor', 'toString', 'hasOwnProperty', 'alertname', 'job', 'job_id', 'application_id', 'cluster'));
    const text = fc.oneof(fc.string({ unit: 'binary', maxLength: 40 }), fc.constantFrom('Other', 'application_1564622673393_0007', 'analytics', '431b135e-c090-489f-b1db-0abe3822b855'));
    const strings = fc.dictionary(labelName, text);
    const nearly = fc.record(
      {
        id: fc.oneof({ weight: 5, arbitrary: fc.string({ minLength: 1 }) }, fc.jsonValue()),
        status: fc.oneof({ weight: 3, arbitrary: fc.constantFrom('firing', 'resolved') }, fc.jsonValue()),
        startsAt: fc.oneof(fc.date({ noInvalidDate: true }).map((date) => date.toISOString()), fc.jsonValue()),
        labels: fc.oneof({ weight: 5, arbitrary: strings }, fc.jsonValue()),
        annotations: fc.oneof({ weight: 5, arbitrary: strings }, fc.jsonValue()),
        deliveryKey: fc.jsonValue(),
        __proto__: fc.jsonValue(),
      },
      { requiredKeys: [], noNullPrototype: true },
    );
    const seen = new Set<number>();
    await fc.assert(
      fc.asyncProperty(fc.oneof(nearly.map((body) => JSON.stringify(body)), fc.json()), async (body) => {
        const reply = await stage.deliver(body);
        seen.add(reply.status);
        if (reply.status === 202) {
          const { id } = JSON.parse(body) as { id: string | number | boolean };
          expect(reply.body).toEqual({ results: [expect.objectContaining({ alert: String(id), outcome: expect.stringMatching(/^(?:ignored|refused)$/) })] });
        } else {
          expect([reply.status, reply.body.error_code]).toEqual([400, 'KILL.0400']);
          expect(reply.body.error_msg).toMatch(NAMES_A_FIELD);
        }
      }),
      { numRuns: runs(500) },
    );
    expect(seen).toEqual(new Set([202, 400]));
    nothingHappened(stage); // none of them was named MrsJobStuck
  });

  it('that a rule fits gets 202 and never an answer of its own', async () => {
    const open = await startAlertStage(policyOf('  - { match: { alertname: "*" }, action: kill }', 'dryRun: false\nlimits: { perHour: 100000 }'));
    try {
      const value = fc.oneof(fc.string({ unit: 'binary' }), fc.constantFrom('application_1564622673393_0007', 'analytics', 'https://rm/proxy/application_1_2/'));
      const labels = fc.dictionary(fc.constantFrom('job_id', 'application_id', 'app', 'job_name', 'name', 'cluster', 'cluster_id', '__proto__', 'url'), value);
      await fc.assert(
        fc.asyncProperty(fc.uuid(), labels, labels, async (id, its, annotations) => {
          const { status, body } = await open.deliver({ id, labels: { ...its, alertname: 'x' }, annotations });
          expect([status, body.results?.length, body.results?.[0]?.alert]).toEqual([202, 1, id]);
          expect(['accepted', 'refused', 'duplicate']).toContain(body.results?.[0]?.outcome);
        }),
        { numRuns: runs(100) },
      );
      await open.outcomes();
      expect(open.simulator.killed()).toEqual([]);
    } finally {
      await open.close();
    }
  });
});

describe('an alert with values of any size and kind', () => {
  it('is accepted with very long ones, which are cut before they travel on', async () => {
    const open = await startAlertStage();
    try {
      const { job_id } = open.simulator.addJob();
      const long = '🙂'.repeat(60_000);
      const result = await open.alert({ labels: { alertname: 'MrsJobStuck', job_id, long }, annotations: { summary: long, description: long } });
      expect(result.outcome).toBe('accepted');
      expect(await open.outcomes()).toEqual(['killed']);
      const [payload] = open.payloads();
      expect(payload).toMatchObject({ request: { requestedBy: 'generic alert MrsJobStuck', reason: `${'🙂'.repeat(1_000)}…` } });
    } finally {
      await open.close();
    }
  });

  it('is accepted with a name of any length, which is cut too', async () => {
    const open = await startAlertStage(policyOf('  - { match: { severity: crit }, action: kill }'));
    try {
      await open.alert({ labels: { alertname: 'A'.repeat(900_000), severity: 'crit', job_name: 'nightly-etl' } });
      await open.outcomes();
      expect(open.payloads()).toMatchObject([{ request: { requestedBy: `generic alert ${'A'.repeat(186)}…` } }]);
    } finally {
      await open.close();
    }
  });

  it('names no job where the value is longer than any name or URL, and nothing was killed', async () => {
    const open = await startAlertStage();
    try {
      expect(await open.alert({ labels: { job_name: 'x'.repeat(500_000) } })).toMatchObject({ outcome: 'refused', rule: 'target' });
      expect(await open.alert({ labels: { mrs_job_id: 'x'.repeat(500_000), app_name: ' ' } })).toMatchObject({ outcome: 'refused', rule: 'target' });
      nothingHappened(open);
    } finally {
      await open.close();
    }
  });
});
