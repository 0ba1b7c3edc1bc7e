import { afterAll, describe, expect, it } from '@jest/globals';
import { ALERT_SOURCES } from '../../lib/alerts/all-sources.ts';
import { NOON } from '../core/a-job.ts';
import { notification, smnHeaders } from '../simulator/smn-client.ts';
import { readFixtures } from './fixtures.ts';
import { SENDERS } from './senders.ts';
import { type AlertStage, nothingHappened, type Reply, startAlertStage, STUCK } from '../stage/alerts.ts';

const DEPTH = 20_000; // more than any stack has frames
/** As text: nobody could write the deep ones, or 1e999, by JSON.stringify. */
const VALUES: [string, string][] = [
  ...['0', '-0', '1.5', '1e999', '""', '"x"', 'null', 'true', 'false', '[]', '[null]', '[[[]]]', '{}', '[{}]'].map((json): [string, string] => [json, json]),
  ['lists in lists', '['.repeat(DEPTH) + ']'.repeat(DEPTH)],
  ['objects in objects', '{"a":'.repeat(DEPTH) + '0' + '}'.repeat(DEPTH)],
];

// One for each source: what is not killed changes nothing.
const stages = new Map<string, Promise<AlertStage>>();
afterAll(async () => {
  for (const stage of stages.values()) await (await stage).close();
});
function stageOf(source: string): Promise<AlertStage> {
  const stage = stages.get(source) ?? startAlertStage(STUCK.replace('MrsJobStuck', 'NoAlertIsNamedSo'), { ALERT_TOKENS: '', ...SENDERS[source]?.env });
  stages.set(source, stage);
  return stage;
}

async function deliver(source: string, json: string): Promise<Reply> {
  const body = Buffer.from(json);
  const headers = SENDERS[source]?.prove(body, NOON / 1_000) ?? {};
  return (await stageOf(source)).deliver(body, { line: `POST /alerts/${source}`, headers, base64: true });
}

function expectInShape({ status, body }: Reply): void {
  expect([202, 400, 401]).toContain(status);
  if (status === 202) expect(body.results?.every(({ outcome }) => outcome === 'refused' || outcome === 'ignored')).toBe(true);
  else expect(body).toEqual({ error_code: `KILL.0${status}`, error_msg: expect.stringMatching(status === 400 ? /^[A-Za-z]\w*(?:\.[^]*)?: ./ : /^authentication failed$/), request_id: 'request-1' });
}

describe.each(Object.keys(ALERT_SOURCES))('%s, proven to be the sender', (source) => {
  it.each(VALUES)('that sends %s as a body is told what is wrong with it, and nothing was killed', async (_, json) => {
    const reply = await deliver(source, json);
    expectInShape(reply);
    expect([400, 401]).toContain(reply.status); // 401 where the proof is in the body
    nothingHappened(await stageOf(source));
  });

  it.each(VALUES)('that sends %s in place of any field gets an answer in shape, and nothing was killed', async (_, json) => {
    const stuckJob = readFixtures(source).find(({ name }) => name === 'stuck-job')?.body.toString('utf8') ?? '';
    for (const body of withEachReplacedBy(json, JSON.parse(stuckJob))) expectInShape(await deliver(source, body));
    nothingHappened(await stageOf(source));
  });
});

describe('smn, with a signature that holds', () => {
  it.each(VALUES)('that hands on %s gets an answer in shape, and nothing was killed', async (_, json) => {
    const stage = await stageOf('smn');
    for (const content of [json, `{"labels":${json}}`, `{"message_type":"alarm","alarm_status":"alarm","template_variable":${json}}`, `{"version":"v1","data":${json}}`]) {
      const message = notification(content, NOON);
      const reply = await stage.deliver(message, { line: 'POST /alerts/smn', headers: smnHeaders(message), base64: true });
      expectInShape(reply);
      expect([202, 400]).toContain(reply.status);
    }
    nothingHappened(stage);
  });
});

/** The value as JSON, once for each field or entry at any depth, with `json` in its place. */
function withEachReplacedBy(json: string, value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [];
  const entries = Object.entries(value);
  const write = (parts: [string, string][]): string =>
    Array.isArray(value) ? `[${parts.map(([, part]) => part).join(',')}]` : `{${parts.map(([name, part]) => `${JSON.stringify(name)}:${part}`).join(',')}}`;
  return entries.flatMap(([name, part]) =>
    [json, ...withEachReplacedBy(json, part)].map((other) => write(entries.map(([one, kept]) => [one, one === name ? other : JSON.stringify(kept)]))),
  );
}
