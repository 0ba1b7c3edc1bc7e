import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ALERT_SOURCES } from '../../lib/alerts/all-sources.ts';
import { SENDERS } from '../alerts/senders.ts';
import { JOBS_PATH } from '../simulator/client.ts';
import { slackHeaders } from '../simulator/slack-client.ts';
import { type DoorStage, NOBODYS, startDoorStage } from '../stage/doors.ts';
import { SIGNING_SECRET } from '../stage/slack.ts';

/** JSON that no route takes. */
const BODIES = ['0', '-1.5', '"x"', 'null', 'true', '[]', '[[]]'];
const OURS = { authorization: 'Bearer rest-token-of-this-test' };

let stage: DoorStage;
let nowSec: number;
beforeAll(async () => {
  const envs = Object.values(SENDERS).map(({ env }) => env);
  stage = await startDoorStage({ env: Object.assign({}, ...envs, { ALERT_TOKENS: [...new Set(envs.map(({ ALERT_TOKENS }) => ALERT_TOKENS).filter(Boolean))].join(',') }) });
  nowSec = Math.floor(stage.clock.now() / 1_000);
});
afterAll(() => stage.close());

const ROUTES: [line: string, prove: (body: string) => Record<string, string>, status: number][] = [
  ...Object.keys(ALERT_SOURCES).flatMap((source) =>
    ['POST', 'PUT'].map((method): (typeof ROUTES)[number] => [`${method} /alerts/${source}`, (body) => SENDERS[source]?.prove(Buffer.from(body), nowSec) ?? {}, source === 'smn' ? 401 : 400]),
  ),
  ['POST /slack/command', (body) => slackHeaders(SIGNING_SECRET, nowSec, body), 400],
  ['POST /slack/action', (body) => slackHeaders(SIGNING_SECRET, nowSec, body), 400],
  [`POST ${JOBS_PATH}/${NOBODYS}/kill`, () => OURS, 400],
  ['POST /health', () => ({}), 405],
  ['PUT /health', () => ({}), 405],
  ['PUT /slack/command', (body) => slackHeaders(SIGNING_SECRET, nowSec, body), 405],
  [`PUT ${JOBS_PATH}/${NOBODYS}/kill`, () => OURS, 405],
  ['POST /nowhere', () => ({}), 404],
];

describe('a body of any JSON', () => {
  it.each(ROUTES)('is answered in shape by %s, as text, in base64 and as the value itself, and nothing was killed', async (line, prove, status) => {
    for (const text of BODIES) {
      const ways = [{ body: text }, { body: Buffer.from(text).toString('base64'), isBase64Encoded: true }];
      // A local gateway may have read it before it hands it over; a text would be one more reading off.
      const value: unknown = JSON.parse(text);
      if (typeof value !== 'string' && value !== null) ways.push({ body: value as string });
      for (const way of ways) {
        const reply = await stage.call(line, { headers: { 'content-type': 'application/json', ...prove(text) }, ...way });
        expect([text, reply.status, reply.body]).toEqual([text, status, { error_code: `KILL.0${status}`, error_msg: expect.stringMatching(/./), request_id: 'request-1' }]);
      }
    }
    expect([stage.simulator.requests, stage.lambda.calls, stage.simulator.killed()]).toEqual([[], [], []]);
  });
});
