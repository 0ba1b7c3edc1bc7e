import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import * as z from 'zod';
import { byBearer } from '../../lib/alerts/bearer.ts';
import type { AlertSource } from '../../lib/alerts/source.ts';
import { ALERT_SOURCES } from '../../lib/alerts/all-sources.ts';
import { readBody } from '../../lib/http/read-body.ts';
import { openApiRegions } from '../../tools/docs/openapi.ts';
import { listRegion, tableRegions } from '../../tools/docs/readme.ts';
import { fillRegions } from '../../tools/docs/regions.ts';
import { secretHeaders } from '../../tools/replay/sign.ts';
import { NOON } from '../core/a-job.ts';
import { settingsOf } from './senders.ts';

const ROOT = join(import.meta.dirname, '../..');
const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

const Body = z.looseObject({ alertId: z.string().min(1), action: z.enum(['Create', 'Close']), details: z.record(z.string(), z.string()).default({}) });

/** All that a source which sends a token as bearer has to say: this would be its file. */
const beacon: AlertSource = {
  ...byBearer('beacon'),
  about: {
    title: 'Beacon',
    link: 'https://docs.example.com/beacon',
    deliveryKey: '`alertId`',
    namesJob: 'by a key of its `details`',
    otherwise: '`pick`',
  },
  body: Body,
  parse(body) {
    const { alertId, action, details } = readBody(Body, body);
    return { alerts: [{ id: alertId, deliveryKey: alertId, status: action === 'Close' ? 'resolved' : 'firing', labels: details, annotations: {} }], truncated: 0 };
  },
};
/** A source that signs, with a header of its own. */
const signing: AlertSource = { ...beacon, proofs: [{ header: 'X-Beacon-Signature', says: 'HMAC-SHA256 of the raw body.' }] };

const settings = settingsOf({ ALERT_TOKENS: 'all:beacon-token-0123456789' });
const body = Buffer.from('{"alertId":"70413a06","action":"Create","details":{"job_name":"nightly-etl"}}');

describe('a source that nobody has heard of before', () => {
  it('is let in by what it signs, and read', async () => {
    const { headers, rawBody } = beacon.sign(body, { settings }, NOON);
    const delivery = { headers, rawBody, receivedAt: NOON };
    await expect((async () => beacon.verify(delivery, settings))()).resolves.toBeUndefined();
    await expect((async () => beacon.verify({ ...delivery, headers: {} }, settings))()).rejects.toThrow('authentication failed');
    expect(beacon.parse(JSON.parse(rawBody.toString('utf8')), delivery)).toEqual({
      alerts: [{ id: '70413a06', deliveryKey: '70413a06', status: 'firing', labels: { job_name: 'nightly-etl' }, annotations: {} }],
      truncated: 0,
    });
  });

  it('is on where a token is for it, and does not sign without', () => {
    expect(beacon.isOn(settings)).toBe(true);
    const without = settingsOf({ ALERT_TOKENS: 'other@generic:beacon-token-0123456789' });
    expect(beacon.isOn(without)).toBe(false);
    expect(() => beacon.sign(body, { settings: without }, NOON)).toThrow('ALERT_TOKENS: has no token for beacon');
  });

  it('stands in both READMEs and in the tables of the sources, without a page of its own', () => {
    const sources = { ...ALERT_SOURCES, beacon };
    const listed = '\n[Beacon](https://docs.example.com/beacon) ·\n';
    expect(fillRegions(textOf('README.md'), listRegion(sources, 'en', () => undefined))).toContain(listed);
    expect(fillRegions(textOf('README.zh-CN.md'), listRegion(sources, 'zh', () => undefined))).toContain(listed);
    const english = fillRegions(textOf('docs/triggers/README.md'), tableRegions(sources));
    expect(english).toContain(
      '\n| [Beacon](https://docs.example.com/beacon) | `/alerts/beacon` | bearer (a token of `ALERT_TOKENS`) | `alertId` |\n',
    );
    expect(english).toContain('\n| Beacon | by a key of its `details` | `pick` |\n');
  });

  it('stands in openapi.yml with its route, its body, an example and its header', () => {
    const example = JSON.parse(body.toString('utf8')) as unknown;
    const regions = openApiRegions({ ...ALERT_SOURCES, beacon: signing }, (source) => (source === 'beacon' ? example : {}), '1.2.3');
    const { paths, components } = parse(fillRegions(textOf('openapi.yml'), regions)) as { paths: Record<string, any>; components: Record<string, any> };
    expect(components['parameters'].Source.schema.enum).toEqual([...Object.keys(ALERT_SOURCES), 'beacon']);
    expect(components['parameters'].Source.description).toContain('- `beacon`: [Beacon](');
    expect(components['securitySchemes'].beaconSignature).toEqual({ type: 'apiKey', in: 'header', name: 'X-Beacon-Signature', description: 'For `beacon`: HMAC-SHA256 of the raw body.' });
    for (const method of ['post', 'put']) expect(paths['/alerts/{source}'][method].security).toContainEqual({ beaconSignature: [] });
    const delivery = components['requestBodies'].AlertDelivery.content['application/json'];
    expect(delivery.schema.anyOf).toContainEqual({ $ref: '#/components/schemas/BeaconDelivery' });
    expect(delivery.examples.beacon).toEqual({ value: example });
    expect(components['schemas'].BeaconDelivery).toMatchObject({ type: 'object', required: ['alertId', 'action'], additionalProperties: true });
    expect(components['responses'].Healthy.content['application/json'].examples.ok.value).toMatchObject({ version: '1.2.3', triggers: { beacon: 'off' } });
  });

  it('has its signature hidden where a replay is shown', () => {
    expect(secretHeaders({ beacon: signing }).has('x-beacon-signature')).toBe(true);
    expect(secretHeaders(ALERT_SOURCES).has('x-smn-message-type')).toBe(false); // its proof is in the body
  });
});
