import { createHmac } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { CallBack } from '../../lib/alerts/call-back.ts';
import { pagerduty } from '../../lib/alerts/pagerduty.ts';
import { Unauthorized } from '../../lib/core/errors.ts';
import { Secret } from '../../lib/settings/secret.ts';
import { readSettings, type Settings } from '../../lib/settings/settings.ts';
import { NOON } from '../core/a-job.ts';
import { type AlertStage, nothingHappened, policyOf, type Reply, startAlertStage } from '../stage/alerts.ts';

const SECRET = 'pagerduty-secret-of-this-test';
const HOUR_MS = 3_600_000;
const FOLDER = join(import.meta.dirname, '../fixtures');
const NO_CALL_BACK: CallBack = { get: () => Promise.reject(new Error('nobody is called back')), getKept: () => Promise.reject(new Error('nobody is called back')) };
const YARN_ID = 'application_1564622673393_0007';

const sign = (rawBody: Buffer): Record<string, string> => ({ 'X-PagerDuty-Signature': `v1=${createHmac('sha256', SECRET).update(rawBody).digest('hex')}` });
const settingsOf = (secret: string): Settings =>
  readSettings({ HW_REGION_NAME: 'eu-west-101', HW_USER_NAME: 'killswitch', HW_USER_PASSWORD: 'password', HW_DOMAIN_NAME: 'domain', PAGERDUTY_SECRET: secret });

describe('a published delivery of PagerDuty', () => {
  const { vectors } = JSON.parse(readFileSync(join(FOLDER, 'signatures/alert-vectors.json'), 'utf8')) as {
    vectors: { name: string; secret: string; headers: Record<string, string> }[];
  };
  const vector = vectors.find(({ name }) => name.startsWith('pagerduty:'));
  const rawBody = readFileSync(join(FOLDER, 'signatures/pagerduty-v3-incident-triggered.json'));
  const headers = { 'x-pagerduty-signature': vector?.headers['X-PagerDuty-Signature'] ?? '' };
  const happenedAt = Date.parse('2021-06-04T13:35:29.781Z');
  const verify = async (receivedAt: number, secret = vector?.secret ?? ''): Promise<void> => pagerduty.verify({ headers, rawBody, receivedAt }, { ...settingsOf(SECRET), pagerdutySecrets: [new Secret(secret)] }, NO_CALL_BACK);

  it.each([
    ['at once', happenedAt],
    ['after 48 h', happenedAt + 48 * HOUR_MS],
    ['with a clock that is 5 min ahead of ours', happenedAt - 300_000],
  ])('is let in %s', async (_, receivedAt) => {
    await expect(verify(receivedAt)).resolves.toBeUndefined();
    await expect(verify(receivedAt, 'another-secret')).rejects.toThrow(Unauthorized);
  });

  it.each([
    ['after more than 48 h', happenedAt + 48 * HOUR_MS + 1],
    ['after years', NOON],
    ['from more than 5 min ahead', happenedAt - 300_001],
  ])('is not let in %s, in the same words as a wrong signature', async (_, receivedAt) => {
    await expect(verify(receivedAt)).rejects.toThrow(new Unauthorized('time outside the window'));
  });
});

describe('an event of PagerDuty', () => {
  let stage: AlertStage;
  beforeEach(async () => {
    stage = await startAlertStage(policyOf('  - { source: pagerduty, match: { service: yarn, urgency: high }, action: kill }'), { PAGERDUTY_SECRET: SECRET });
    stage.simulator.addJob({ app_id: YARN_ID, submitted_time: NOON - 2 * HOUR_MS });
  });
  afterEach(() => stage.close());

  const event = (over: Record<string, unknown> = {}, data: Record<string, unknown> = {}): Buffer =>
    Buffer.from(
      JSON.stringify({
        event: {
          id: '01BZYIL05THJDFF2Y08X9SVMTU',
          event_type: 'incident.triggered',
          occurred_at: new Date(NOON - 30_000).toISOString(),
          data: { title: `${YARN_ID} is stuck`, service: { summary: 'yarn' }, urgency: 'high', ...data },
          ...over,
        },
      }),
    );
  const deliver = (body: Buffer, headers: Record<string, string> = {}): Promise<Reply> => stage.deliver(body, { line: 'POST /alerts/pagerduty', headers: { ...sign(body), ...headers }, base64: true });
  const outcomesOf = ({ body }: Reply): string[] => (body.results ?? []).map(({ outcome, rule }) => (rule === undefined ? outcome : `${outcome} ${rule}`));

  it('is one delivery by its id, whatever webhook brings it', async () => {
    expect(outcomesOf(await deliver(event(), { 'X-Webhook-Id': '1' }))).toEqual(['accepted']);
    expect(outcomesOf(await deliver(event({ occurred_at: new Date(NOON - 29_000).toISOString() }), { 'X-Webhook-Id': '2' }))).toEqual(['duplicate']);
    expect(await stage.outcomes()).toEqual(['killed']);
    expect(stage.simulator.kills()).toHaveLength(1);
  });

  it.each(['incident.acknowledged', 'incident.reopened', 'incident.resolved', 'incident.custom_field_values.updated', 'Incident.Triggered'])(
    '%s is understood and ignored, and nothing was killed',
    async (type) => {
      const reply = await deliver(event({ event_type: type }));
      expect([reply.status, outcomesOf(reply)]).toEqual([202, ['ignored']]);
      nothingHappened(stage);
    },
  );

  it('that is a ping says that it was received, and nothing was killed', async () => {
    const { status, body } = await deliver(event({ event_type: 'pagey.ping', data: { message: 'Hello from your friend Pagey!', type: 'ping' } }));
    expect([status, body.results]).toEqual([202, [{ alert: '01BZYIL05THJDFF2Y08X9SVMTU', outcome: 'ignored', rule: 'test', reason: 'test received' }]]);
    nothingHappened(stage);
  });

  it.each([
    ['no job', 'something is slow', 'refused target'],
    ['two jobs', `${YARN_ID} waits for application_1564622673393_0008`, 'refused target'],
  ])('whose title names %s kills nothing', async (_, title, expected) => {
    const reply = await deliver(event({}, { title }));
    expect([reply.status, outcomesOf(reply)]).toEqual([202, [expected]]);
    nothingHappened(stage);
  });

  it.each([
    ['old', NOON - 48 * HOUR_MS - 1],
    ['from the future', NOON + 300_001],
  ])('that is %s is not authenticated, and nothing was killed', async (_, occurredAt) => {
    const { status, body } = await deliver(event({ occurred_at: new Date(occurredAt).toISOString() }));
    expect([status, body.error_msg]).toEqual([401, 'authentication failed']);
    nothingHappened(stage);
  });

  it('without a time is a 400 that names the field, once its signature held', async () => {
    const { status, body } = await deliver(event({ occurred_at: undefined }));
    expect([status, body.error_msg]).toEqual([400, expect.stringMatching(/^event\.occurred_at: /)]);
    nothingHappened(stage);
  });
});
