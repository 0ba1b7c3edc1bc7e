import { describe, expect, it } from '@jest/globals';
import type { Alert } from '../../lib/alerts/alert.ts';
import { readCloudEye, type Told } from '../../lib/alerts/cloud-eye.ts';
import { smn } from '../../lib/alerts/smn.ts';
import { readMessage } from '../../lib/alerts/smn-message.ts';
import { NOON } from '../core/a-job.ts';
import { subscriptionConfirmation, TOPIC, unsubscribeConfirmation } from '../simulator/smn-client.ts';

type Fields = Record<string, unknown>;
const SENT_AT = NOON - 1_000;
const APP = 'application_1564622673393_0007';
const readAs = (message: unknown, subject?: string | null): Alert =>
  readMessage({ message: typeof message === 'string' ? message : JSON.stringify(message), message_id: 'm-1', subject, timestamp: SENT_AT });

describe('an alarm of Cloud Eye', () => {
  const topic = (over: Fields = {}): Fields => ({ message_type: 'alarm', alarm_name: 'memory-high', alarm_status: 'alarm', ...over });
  const group = (data: Fields = {}): Fields => ({ version: 'v1', data: { AlarmRuleName: 'memory-high', IsAlarm: true, ...data } });
  const read = (message: unknown): Told => readCloudEye(message) ?? { status: 'test', labels: {}, annotations: {} };

  it.each([
    ['alarm', 'firing'], ['Alarm', 'firing'], ['ok', 'resolved'], ['no alarm', 'resolved'], ['alarming', 'resolved'],
  ])('with the status %s is %s', (alarm_status, status) => {
    expect(read(topic({ alarm_status })).status).toBe(status);
    expect(read(topic({ alarm_status, template_variable: null })).status).toBe(status);
    expect(read(topic({ alarm_status, template_variable: { IsAlarm: true } })).status).toBe(status);
    expect(read(topic({ alarm_status, template_variable: {} })).status).toBe('resolved');
  });

  it.each<[unknown, Fields]>([
    ['cluster_id:1,node_id:2', { cluster_id: '1', node_id: '2' }],
    [' cluster_id : 1 , node_id:a b:c ', { cluster_id: '1', node_id: 'a b:c' }],
    ['cluster_id:1,cluster_id:2,node_id:1', { node_id: '1' }],
    ['cluster_id:,node_id: ', {}],
    [':cluster_id:1', {}],
    ['cluster_id', {}],
    [null, {}],
  ])('with the dimension %j has the labels %j', (dimension, labels) => {
    const { alarm_name: _name, alarm_status: _status, ...measured } = read(topic({ dimension })).labels;
    expect(measured).toEqual(labels);
  });

  it.each([
    ['2026/03/01 19:59:00 GMT+08:00', NOON - 60_000],
    ['2026/03/01 06:59:00 GMT-05:00', NOON - 60_000],
    ['x2026/03/01 19:59:00 GMT+08:00', undefined],
    ['2026/03/01 19:59:00 GMT+08:00x', undefined],
    ['2026/13/01 19:59:00 GMT+08:00', undefined],
    [null, undefined],
  ])('of a notification group with the time %s began then', (AlarmTime, startsAt) => {
    expect(read(group({ AlarmTime })).startsAt).toBe(startsAt);
  });

  it.each<[unknown, string]>([
    ...['MetricName', 'AlarmLevel', 'AlarmRuleName', 'ResourceId', 'ResourceName'].map((name): [unknown, string] => [topic({ template_variable: { IsAlarm: true, [name]: [] } }), `message.template_variable.${name}: `]),
    ...['MetricName', 'AlarmRuleName', 'Namespace', 'RegionId', 'AlarmTime'].map((name): [unknown, string] => [group({ [name]: {} }), `message.data.${name}: `]),
  ])('that has no text where one is meant is told the field: %j', (message, field) => {
    expect(() => readCloudEye(message)).toThrow(field);
  });

  it('has a name of 256 characters at most for its id', () => {
    expect(readAs(topic({ alarm_name: 'n'.repeat(257) })).id).toBe('n'.repeat(256));
    expect(readAs(topic({ alarm_name: '' })).id).toBe('m-1');
  });
});

describe('a text', () => {
  it.each([
    [`${APP} is stuck`, { message: `${APP} is stuck`, application_id: APP }],
    [`ALM-18020 ${APP}`, { message: `ALM-18020 ${APP}`, application_id: APP, alarm_name: 'ALM-18020' }],
    ['ALM-180201 and ALM-1802', { message: 'ALM-180201 and ALM-1802' }],
    ['ALM-1802012, xALM-18020, ALM-180', { message: 'ALM-1802012, xALM-18020, ALM-180' }],
    ['ALM-18020, ALM-18020', { message: 'ALM-18020, ALM-18020', alarm_name: 'ALM-18020' }],
    ['disk is full', { message: 'disk is full' }],
    ['', {}],
    [' \n', {}],
  ])('%j has the labels %j', (message, labels) => {
    expect(Object.entries(readAs(message).labels)).toEqual(expect.arrayContaining(Object.entries(labels)));
    expect(Object.keys(readAs(message).labels)).toHaveLength(Object.keys(labels).length);
  });

  it.each([
    [`${APP} waits for job_1564622673393_0008`, 'application waits for job'],
    ['job_1564622673393_0007, task_1564622673393_0008_m_000001', 'job, taskm_000001'],
    ['attempt_1564622673393_0007_m_000001_0 dag_1564622673393_0008_1 vertex_1564622673393_0009_1_00', 'attemptm_000001_0 dag vertex'],
    ['appattempt_1564622673393_0007_000001 container_e17_1564622673393_0008_01_000002', 'appattempt container'],
    ['task_1_2 of job_20260301_01 and x_1564622673393_0008', 'task_1_2 of job_20260301_01 and x_1564622673393_0008'],
    ['application_etl and application_x1', 'application_etl and application_x1'],
  ])('of none or of several jobs has no number of theirs: %s', (message, shown) => {
    expect(readAs(message).labels).toEqual({ message: shown });
  });

  it('of one job is shown whole up to 2,000 characters; a longer one is cut, and has no number', () => {
    const text = (length: number): string => `${APP} `.padEnd(length, 'x');
    expect(readAs(text(2_000)).labels).toEqual({ message: text(2_000), application_id: APP });
    expect(readAs(text(2_001)).labels).toEqual({ message: text(2_001).replace(APP, 'application'), application_id: APP });
    expect(readAs('x'.repeat(2_001)).labels).toEqual({ message: 'x'.repeat(2_000) });
  });

  it.each([undefined, null, ''])('without a subject (%j) has no summary; it began when it was sent', (subject) => {
    expect(readAs('disk is full', subject)).toEqual({ id: 'm-1', deliveryKey: 'm-1', status: 'firing', startsAt: SENT_AT, labels: { message: 'disk is full' }, annotations: {} });
    expect(readAs('disk is full', 'SMN').annotations).toEqual({ summary: 'SMN' });
  });
});

describe('a message about a subscription', () => {
  const parse = (body: unknown): unknown => smn.parse(body, { rawBody: Buffer.from(''), headers: {}, receivedAt: NOON });

  it('has no alerts', () => {
    const confirmAt = 'https://console.eu.huaweicloud.com/smn/subscription/confirm?token=1';
    expect(parse(subscriptionConfirmation('1', NOON, { subscribe_url: confirmAt }))).toEqual({ alerts: [], truncated: 0, subscription: { change: 'asked', topic: TOPIC, confirmAt: new URL(confirmAt) } });
    expect(parse(unsubscribeConfirmation('1', NOON))).toEqual({ alerts: [], truncated: 0, subscription: { change: 'ended', topic: TOPIC } });
  });

  it('that leads elsewhere is told so', () => {
    expect(() => parse(subscriptionConfirmation('1', NOON, { subscribe_url: 'https://evil.example/' }))).toThrow('subscribe_url: its host is not one of SMN or its consoles; confirm the subscription by hand');
  });
});
