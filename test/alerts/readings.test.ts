import { describe, expect, it } from '@jest/globals';
import { type Alert, findLink, unreadableAlert } from '../../lib/alerts/alert.ts';
import { alertmanager } from '../../lib/alerts/alertmanager.ts';
import { datadog } from '../../lib/alerts/datadog.ts';
import { generic } from '../../lib/alerts/generic.ts';
import { grafana } from '../../lib/alerts/grafana.ts';
import { pagerduty } from '../../lib/alerts/pagerduty.ts';
import type { AlertSource } from '../../lib/alerts/source.ts';
import { NOON } from '../core/a-job.ts';

type Fields = Record<string, unknown>;
/** The only alert that a source reads in a body. */
function readBy(source: AlertSource, body: unknown): Alert {
  const { alerts: [alert, ...others] } = source.parse(body, { rawBody: Buffer.from(''), headers: {}, receivedAt: NOON });
  if (alert === undefined || others.length > 0) throw new Error('expected one alert');
  return alert;
}

describe('an alert of Datadog', () => {
  const read = (over: Fields = {}): Alert => readBy(datadog, { alert_cycle_key: '58', transition: 'Triggered', ...over });

  it.each([
    ['Recovered', 'resolved'], ['No Data Recovered', 'resolved'], ['resolved', 'resolved'], ['Recovered later', 'firing'], ['Unrecovered', 'firing'],
    ['No Data', 'no-data'], ['Re-No Data', 'no-data'], ['NoData', 'no-data'], ['no_data', 'no-data'], ['no-data', 'no-data'], ['No  Data', 'firing'], ['noxdata', 'firing'], ['No Data today', 'firing'], ['Casino Data', 'firing'],
    ['Triggered', 'firing'], ['Re-Triggered', 'firing'], ['Renotify', 'firing'], ['Warn', 'firing'],
  ])('whose transition is %s is %s', (transition, status) => {
    expect(read({ transition }).status).toBe(status);
  });

  it.each<[Fields]>([[{ title: '[TEST] x' }], [{ title: ' \n[test] x' }], [{ title: '[Test]' }], [{ title: 'x', alert_title: '[TEST] x' }], [{ EVENT_TITLE: '[TEST]' }]])('with %j is a test', (over) => {
    expect(read({ team: 'data', ...over }).status).toBe('test');
  });

  it.each<[Fields]>([[{ title: 'x [TEST]' }], [{ title: 'a[TEST] x' }], [{ title: '[TEST x' }], [{ title: 'TEST x' }], [{ title_of: '[TEST] x' }], [{ name: '[TEST] x' }], [{ alert_title: ['[TEST] x'] }], [{ title: '' }]])('with %j is none', (over) => {
    expect(read({ team: 'data', ...over }).status).toBe('firing');
  });

  it.each<[unknown, Fields]>([
    ['a:1,b:2', { a: '1', b: '2' }],
    [' a:1 , b: x y ', { a: '1', b: ' x y' }],
    ['a:1:2', { a: '1:2' }],
    ['a', {}],
    ['a:', {}],
    ['a: ', {}],
    [':a:1', {}],
    ['a:$X', {}],
    ['$TAGS', {}],
    ['$TAGS[a:b]', {}],
    [['a:1', 'b:2'], { a: '1', b: '2' }],
    ['a:1,a:2,b:1,b:1', { b: '1' }],
  ])('with the tags %j has the labels %j', (tags, labels) => {
    const { tags: _, alert_cycle_key: _key, transition: _transition, ...tagged } = read({ tags }).labels;
    expect(tagged).toEqual(labels);
  });

  it.each([
    ['alert_cycle_key', '', 'alert_cycle_key: is empty, or a variable that Datadog did not fill in; check the payload of the webhook'],
    ['transition', '$ALERT_TRANSITION', 'transition: is empty, or a variable that Datadog did not fill in; check the payload of the webhook'],
    ['transition', undefined, 'transition: expected a text; check the payload of the webhook'],
  ])('without a %s (%j) is told what to look at', (name, value, message) => {
    expect(() => read({ [name]: value })).toThrow(message);
  });
});

describe('an alert of a group', () => {
  const group = (over: Fields): unknown => ({ alerts: [{ status: 'firing', startsAt: '2026-03-01T11:50:00Z', labels: { alertname: 'Stuck' }, fingerprint: 'f', ...over }] });

  it.each<[Fields, Fields]>([
    ...['NoData', 'no data', 'Error', 'NoData, KeepLast', 'keep last', 'KeepLast', 'MissingSeries', 'missing series'].map((reason): [Fields, Fields] => [{ alertname: 'Stuck' }, { grafana_state_reason: reason }]),
    [{ alertname: 'Stuck', grafana_state_reason: 'NoData' }, {}],
    [{ grafana_state_reason: 'Error' }, {}],
    [{ alertname: 'DatasourceNoData' }, {}],
    [{ alertname: 'DatasourceError' }, {}],
  ])('with labels %j and annotations %j is without data, unless it is resolved', (labels, annotations) => {
    expect(readBy(alertmanager, group({ labels, annotations })).status).toBe('no-data');
    expect(readBy(alertmanager, group({ labels, annotations, status: 'resolved' })).status).toBe('resolved');
  });

  it.each<[Fields, Fields]>([
    ...['Paused', 'Errors', 'NoDataYet', 'Updated'].map((reason): [Fields, Fields] => [{ alertname: 'Stuck' }, { grafana_state_reason: reason }]),
    [{ alertname: 'Stuck', grafana_state_reason: 'NoData' }, { grafana_state_reason: 'Updated' }],
    [{ alertname: 'Stuck' }, { reason: 'NoData' }],
    [{ alertname: 'Stuck', reason: 'NoData' }, {}],
    [{ alertname: 'MyDatasourceNoData' }, {}],
    [{ alertname: 'DatasourceErrors' }, {}],
    [{}, {}],
  ])('with labels %j and annotations %j fires', (labels, annotations) => {
    expect(readBy(alertmanager, group({ labels, annotations })).status).toBe('firing');
  });

  it('of Grafana is a test where it says so, whatever else it says', () => {
    for (const over of [{ labels: { alertname: 'TestAlert' } }, { valueString: "[ metric='foo' labels={instance=bar} value=10 ]" }]) {
      for (const status of ['firing', 'resolved']) {
        expect(readBy(grafana, group({ ...over, status })).status).toBe('test');
        expect(readBy(alertmanager, group({ ...over, status })).status).toBe(status);
      }
    }
    expect(readBy(grafana, group({ valueString: '[ value=10 ]' })).status).toBe('firing');
  });

  it('has a fingerprint of 256 characters, and its labels stand for a longer one, in any order', () => {
    const labels = { alertname: 'Stuck', team: 'data', app: 'x' };
    const idOf = (fingerprint: string, its: Fields = labels): string => readBy(alertmanager, group({ fingerprint, labels: its })).id;
    expect(idOf('f'.repeat(256))).toBe('f'.repeat(256));
    expect(idOf('f'.repeat(257))).toMatch(/^[0-9a-f]{16}$/);
    expect(idOf('f'.repeat(257))).toBe(idOf('', { team: 'data', app: 'x', alertname: 'Stuck' }));
    expect(idOf('', { ...labels, app: 'y' })).not.toBe(idOf('', labels));
  });

  it.each([
    ['dashboardURL', { dashboardURL: 'https://a/1', panelURL: 'https://a/2', generatorURL: 'https://a/3' }, 'https://a/1'],
    ['panelURL', { panelURL: 'https://a/2', generatorURL: 'https://a/3' }, 'https://a/2'],
    ['generatorURL', { generatorURL: 'https://a/3' }, 'https://a/3'],
  ])('has its %s for a link', (_, over, link) => {
    expect(readBy(alertmanager, group(over)).link).toBe(link);
  });
});

describe('an alert of generic', () => {
  const read = (over: Fields): Alert => readBy(generic, { id: 'a', ...over });

  it.each([undefined, null, ''])('whose start is %j has none, and its id for a key', (startsAt) => {
    const { startsAt: read1, deliveryKey, occurrence } = read({ startsAt });
    expect([read1, deliveryKey, occurrence]).toEqual([undefined, 'a', 'a']);
  });

  it.each(['17723664000', 'x1772366400', '1772366400x', '17723664000000', 'at 1772366400000'])('whose start is %j is not read', (startsAt) => {
    expect(() => read({ startsAt })).toThrow('startsAt: expected a time such as 2026-11-28T12:00:00Z, or epoch seconds or milliseconds');
  });

  it('is told what fits where it does not', () => {
    expect(() => read({ id: [] })).toThrow('id: expected a text of 1 to 256 characters');
    expect(() => read({ labels: { a: [] } })).toThrow('labels.a: expected a text');
  });
});

describe('an event of PagerDuty', () => {
  it('names its service, by a text alone', () => {
    const event = (service: unknown): unknown => ({ event: { id: 'a', event_type: 'incident.triggered', occurred_at: '2026-03-01T11:50:00Z', data: { title: 'stuck', service } } });
    expect(readBy(pagerduty, event({ summary: 'yarn' })).labels).toEqual({ event_type: 'incident.triggered', title: 'stuck', service: 'yarn' });
    expect(readBy(pagerduty, event({})).labels).toEqual({ event_type: 'incident.triggered', title: 'stuck' });
    expect(() => readBy(pagerduty, event({ summary: 7 }))).toThrow('event.data.service.summary: ');
  });
});

describe('a link', () => {
  it('is the first that is https, a text, and no longer than 2,000 characters', () => {
    const long = `https://a/${'x'.repeat(1_990)}`;
    expect(findLink([undefined, 'http://a/', 'a', ['https://a/'], `${long}x`, long, 'https://b/'])).toBe(long);
    expect(findLink([])).toBeUndefined();
  });
});

describe('an alert that cannot be read', () => {
  it('is known again by its content; those that are nested too deep are all one', () => {
    const keyOf = (content: unknown): string => unreadableAlert('alerts[0]', content, 'x').deliveryKey;
    expect(keyOf({ a: 1 })).toBe(keyOf({ a: 1 }));
    expect(keyOf({ a: 1 })).not.toBe(keyOf({ a: 2 }));
    const deep = JSON.parse(`${'['.repeat(100_000)}${']'.repeat(100_000)}`) as unknown;
    expect([keyOf(deep), keyOf([deep])]).toEqual(['unreadable e3b0c44298fc1c14', 'unreadable e3b0c44298fc1c14']);
  });
});
