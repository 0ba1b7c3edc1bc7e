import { inspect } from 'node:util';
import { afterAll, describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { AlertSource, Reading } from '../../lib/alerts/source.ts';
import { ALERT_SOURCES } from '../../lib/alerts/all-sources.ts';
import { findSource } from '../../lib/alerts/sources.ts';
import { InvalidRequest } from '../../lib/core/errors.ts';
import { NOON } from '../core/a-job.ts';
import { type Fixture, listFixtureFolders, readFixtures } from './fixtures.ts';
import { OTHER_SOURCES_TOKEN, type Proof, SECRETS, type Sender, SENDERS, settingsOf } from './senders.ts';
import { homeOfStage } from '../stage/home-of-stage.ts';
import { type AlertStage, nothingHappened, type Reply, startAlertStage, STUCK } from '../stage/alerts.ts';
import { runs } from '../support/full-size.ts';

const NOON_SEC = NOON / 1_000;
const NAMES = Object.keys(ALERT_SOURCES);
const SOURCES = Object.entries<AlertSource>(ALERT_SOURCES).map(([name, source]) => ({ name, source, sender: SENDERS[name] as Sender, fixtures: readFixtures(name) }));
const stuckJobOf = (fixtures: Fixture[]): Buffer => {
  const found = fixtures.find(({ name }) => name === 'stuck-job');
  if (found === undefined) throw new Error('every source needs a fixture named stuck-job');
  return found.body;
};

// One for each environment: they are many cases, and a 401 changes nothing.
const stages = new Map<string, Promise<AlertStage>>();
afterAll(async () => {
  for (const stage of stages.values()) await (await stage).close();
});
/** A stage that lets the sender in, whose rules fit no alert. */
function quietStage({ env }: Sender, over: Record<string, string> = {}): Promise<AlertStage> {
  const whole = { ALERT_TOKENS: '', ...env, ...over };
  const key = JSON.stringify(whole);
  const stage = stages.get(key) ?? startAlertStage(STUCK.replace('MrsJobStuck', 'NoAlertIsNamedSo'), whole);
  stages.set(key, stage);
  return stage;
}

async function deliverAs(stage: AlertStage, name: string, prove: Sender['prove'], body: Buffer, method = 'POST'): Promise<Reply> {
  return stage.deliver(body, { line: `${method} /alerts/${name}`, headers: prove(body, NOON_SEC), base64: true });
}

describe('the table of sources', () => {
  it('has a folder of fixtures for every source, and none for another', () => {
    expect(listFixtureFolders()).toEqual(NAMES.toSorted());
    for (const { fixtures } of SOURCES) {
      expect(fixtures.some(({ expected }) => 'error' in expected)).toBe(true);
      expect(fixtures.some(({ expected }) => 'alerts' in expected && expected.alerts.length > 0)).toBe(true);
    }
  });

  it.each(['__proto__', 'constructor', 'prototype', 'toString', 'valueOf', 'hasOwnProperty', '', 'Generic', 'alertmanager ', 'grafana/', 'length'])('has no source named %j', async (name) => {
    expect(await findSource(name)).toBeUndefined();
  });
});

describe.each(SOURCES)('the source $name', ({ name, source, sender, fixtures }) => {
  const delivery = (body: Buffer) => ({ rawBody: body, headers: {}, receivedAt: NOON });
  const read = (body: Buffer): Reading => source.parse(JSON.parse(body.toString('utf8')), delivery(body));

  describe('reads', () => {
    it.each(fixtures)('$name', async ({ body, expected }) => {
      const reply = await deliverAs(await quietStage(sender), name, sender.prove, body);
      if ('error' in expected) {
        expect(() => read(body)).toThrow(InvalidRequest);
        expect([reply.status, reply.body.error_code, reply.body.error_msg]).toEqual([400, 'KILL.0400', expect.stringMatching(`^${expected.error.replaceAll('.', '\\.')}: `)]);
      } else {
        expect(read(body)).toEqual(expected);
        const results = expected.alerts.map(({ id, status }) => expect.objectContaining({ alert: id, outcome: status === 'resolved' || status === 'test' ? 'ignored' : 'refused' }));
        expect([reply.status, reply.body]).toEqual([202, { results, ...(expected.truncated > 0 ? { truncated: expected.truncated } : {}) }]);
      }
      nothingHappened(await quietStage(sender));
    });
  });

  it.each(['POST', 'PUT'])('kills the job of the alert that a rule fits, by %s, and a repeat is a duplicate', async (method) => {
    const stage = await startAlertStage(STUCK.replace('alertname: MrsJobStuck', () => sender.match), { ALERT_TOKENS: '', ...sender.env });
    try {
      const job = stage.simulator.addJob({ job_id: '431b135e-c090-489f-b1db-0abe3822b855', app_id: 'application_1564622673393_0007', submitted_time: NOON - 7_200_000 });
      const outcomes = [];
      for (let time = 1; time <= 3; time++) outcomes.push((await deliverAs(stage, name, sender.prove, stuckJobOf(fixtures), method)).body.results?.map(({ outcome }) => outcome));
      expect(outcomes).toEqual([['accepted'], ['duplicate'], ['duplicate']]);
      expect(await stage.outcomes()).toEqual(['killed']);
      expect(stage.simulator.killed()).toEqual([job.job_id]);
      expect(stage.simulator.kills()).toHaveLength(1);
    } finally {
      await stage.close();
    }
  });

  it.each(sender.right)('is let in with $title', async ({ prove, env }) => {
    const reply = await deliverAs(await quietStage(sender, env), name, prove, stuckJobOf(fixtures));
    expect([reply.status, reply.body.results?.length]).toEqual([202, 1]);
  });

  it.each(sender.wrong)('is not let in with $title: 401 like all others, and nothing was killed', async ({ prove, env }) => {
    const stage = await quietStage(sender, env);
    const reply = await deliverAs(stage, name, prove, stuckJobOf(fixtures));
    expect(reply).toEqual({
      status: 401,
      headers: { 'content-type': 'application/json; charset=utf-8', 'cache-control': 'no-store', 'x-request-id': 'request-1', 'www-authenticate': 'Bearer' },
      body: { error_code: 'KILL.0401', error_msg: 'authentication failed', request_id: 'request-1' },
      text: '{"error_code":"KILL.0401","error_msg":"authentication failed","request_id":"request-1"}',
    });
    nothingHappened(stage);
  });

  it('is on only where a setting lets it in', () => {
    expect(source.isOn(settingsOf(sender.env))).toBe(true);
    expect(source.isOn(settingsOf({}))).toBe(false);
    expect(source.isOn(settingsOf({ ALERT_TOKENS: `nobody@elsewhere:${OTHER_SOURCES_TOKEN}` }))).toBe(false);
  });

  it('is asked who it is before anything is read: what is no JSON at all gets 401 too', async () => {
    const stage = await quietStage(sender);
    for (const body of ['', '{', 'null', '[]', 'a=b']) expect((await deliverAs(stage, name, () => ({}), Buffer.from(body))).status).toBe(401);
    nothingHappened(stage);
  });

  it('gets 413 for more than 1 MiB, and whoever proves nothing 401', async () => {
    const stage = await quietStage(sender);
    const large = Buffer.from(JSON.stringify({ ...JSON.parse(stuckJobOf(fixtures).toString('utf8')), pad: 'x'.repeat(1_048_577) }));
    expect((await deliverAs(stage, name, sender.prove, large)).status).toBe(413);
    expect((await deliverAs(stage, name, () => ({}), large)).status).toBe(source.signsWithKey && homeOfStage() === 'own' ? 413 : 401); // at home who sent it is not known before it is read
    nothingHappened(stage);
  });

  describe('makes of any JSON', () => {
    it('alerts or an error that names a field', () => {
      const bodies = fixtures.map(({ body }) => JSON.parse(body.toString('utf8')) as fc.JsonValue);
      const seen = { read: 0, refused: 0 };
      fc.assert(
        fc.property(fc.oneof(fc.jsonValue(), damaged(bodies)), (value) => {
          const body = Buffer.from(JSON.stringify(value));
          try {
            checkReading(read(body));
            seen.read++;
          } catch (error) {
            if (!(error instanceof InvalidRequest)) throw error;
            expect(error.message).toMatch(/^(?:body|[A-Za-z]\w*(?:\.[^]*)?): ./);
            seen.refused++;
          }
        }),
        { numRuns: runs(1_000) },
      );
      expect(Math.min(seen.read, seen.refused)).toBeGreaterThan(runs(50));
      expect(Object.keys(Object.prototype)).toEqual([]);
    });
  });

  it('shows no secret, in no answer, no error and no line of the log', async () => {
    const stage = await quietStage(sender);
    const seen: string[] = [];
    const proofs: Proof[] = [...sender.right, ...sender.wrong].filter(({ env }) => env === undefined);
    const sent = new Set<string>();
    for (const { prove } of proofs) {
      for (const body of [stuckJobOf(fixtures), ...fixtures.map(({ body: one }) => one), Buffer.from('{"alerts":[{"status":"body-secret"}],"id":["body-secret"],"status":"body-secret"}'), Buffer.from('"body-secret')]) {
        const headers = prove(body, NOON_SEC);
        for (const value of Object.values(headers)) for (const word of value.split(/[ ,=]+/)) if (word.length >= 16) sent.add(word);
        const reply = await stage.deliver(body, { line: `POST /alerts/${name}`, headers, base64: true });
        seen.push(reply.text, JSON.stringify(reply.headers));
        const lowerCase = Object.fromEntries(Object.entries(headers).map(([header, value]) => [header.toLowerCase(), value]));
        try {
          await source.verify({ rawBody: body, headers: lowerCase, receivedAt: NOON }, settingsOf(sender.env));
          read(body);
        } catch (error) {
          seen.push(inspect(error, { depth: Infinity, showHidden: true }), JSON.stringify(error), String(error));
        }
      }
    }
    const all = [...seen, ...stage.lines].join('\n');
    expect(stage.lines.length).toBeGreaterThan(0);
    for (const secret of [...SECRETS, ...sent, 'body-secret']) expect(all).not.toContain(secret);
  });
});

/** One of the bodies with something in it left out, or put in place of something else; sometimes with nothing done to it. */
function damaged(bodies: fc.JsonValue[]): fc.Arbitrary<fc.JsonValue> {
  const names = fc.constantFrom('__proto__', 'constructor', 'toString', 'alerts', 'labels', 'id', 'status', 'x');
  const values = fc.oneof(fc.jsonValue(), fc.constantFrom<fc.JsonValue>(null, '', 'firing', '0001-01-01T00:00:00Z', {}, [], -1, 1e308));
  return fc
    .tuple(fc.constantFrom(...bodies), fc.array(fc.nat(40), { maxLength: 5 }), fc.constantFrom('leave out', 'replace', 'add', 'nothing'), names, values)
    .map(([body, path, deed, name, value]) => {
      const whole = { body: structuredClone(body) };
      let place: Record<string, fc.JsonValue> = whole as Record<string, fc.JsonValue>;
      let key = 'body';
      for (const step of path) {
        const next = place[key];
        if (typeof next !== 'object' || next === null || Object.keys(next).length === 0) break;
        place = next as Record<string, fc.JsonValue>;
        key = Object.keys(place)[step % Object.keys(place).length] ?? '';
      }
      if (deed === 'leave out' && key !== 'body') delete place[key];
      if (deed === 'replace') Object.defineProperty(place, key, { value, enumerable: true, configurable: true, writable: true });
      if (deed === 'add') Object.defineProperty(place, name, { value, enumerable: true, configurable: true, writable: true });
      return whole.body;
    });
}

function checkReading({ alerts, truncated }: Reading): void {
  expect(Number.isSafeInteger(truncated) && truncated >= 0).toBe(true);
  for (const { id, deliveryKey, status, startsAt, labels, annotations } of alerts) {
    expect(typeof id === 'string' && id !== '' && typeof deliveryKey === 'string' && deliveryKey !== '').toBe(true);
    expect(['firing', 'resolved', 'no-data', 'test']).toContain(status);
    expect(startsAt === undefined || Number.isFinite(startsAt)).toBe(true);
    for (const strings of [labels, annotations]) {
      expect(Object.getPrototypeOf(strings)).toBe(Object.prototype);
      expect(Object.values(strings).every((value) => typeof value === 'string')).toBe(true);
    }
  }
}
