import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { HOUR_MS, NOON } from '../core/a-job.ts';
import { type AlertStage, nothingHappened, policyOf, type Reply, startAlertStage } from '../stage/alerts.ts';

const RULES = policyOf(`
  - { match: { alertname: MrsJobStuck, team: "*" }, action: kill }
  - { match: { alertname: MrsJobStuck, severity: "4" }, action: kill }
  - { source: datadog, match: { title: "*stuck*" }, action: kill }`);

let stage: AlertStage;
let jobs: string[];
beforeEach(async () => {
  stage = await startAlertStage(RULES);
  jobs = [1, 2].map((number) => stage.simulator.addJob({ app_id: `application_1564622673393_000${number}`, job_name: `etl-${number}`, submitted_time: NOON - HOUR_MS }).job_id);
});
afterEach(() => stage.close());

const deliver = (source: string, body: unknown): Promise<Reply> => stage.deliver(body, { line: `POST /alerts/${source}` });
const outcomes = ({ body }: Reply): string[] => (body.results ?? []).map(({ outcome, rule }) => (rule === undefined ? outcome : `${outcome} ${rule}`));

type Fields = Record<string, unknown>;
/** An alert of a group for the job of that number. */
const one = (number: number, over: Fields = {}): Fields => ({
  status: 'firing',
  labels: { alertname: 'MrsJobStuck', team: 'data', application_id: `application_1564622673393_000${number}` },
  annotations: {},
  startsAt: '2026-03-01T11:50:00Z',
  fingerprint: String(number).repeat(16),
  ...over,
});

describe.each(['alertmanager', 'grafana'])('a group of %s', (source) => {
  const group = (...alerts: unknown[]): Promise<Reply> => deliver(source, { version: '4', status: 'firing', alerts });

  it.each<[string, unknown, string]>([
    ['no object', 'alert', 'alerts[0]'],
    ['null', null, 'alerts[0]'],
    ['a list', [], 'alerts[0]'],
    ['without a status', one(2, { status: undefined }), 'alerts[0].status'],
    ['of a status that is none', one(2, { status: 'alerting' }), 'alerts[0].status'],
    ['without a start', one(2, { startsAt: undefined }), 'alerts[0].startsAt'],
    ['with a start that is none', one(2, { startsAt: 'yesterday' }), 'alerts[0].startsAt'],
    ['with labels that are a list', one(2, { labels: ['alertname'] }), 'alerts[0].labels'],
    ['with a label that is an object', one(2, { labels: { alertname: 'MrsJobStuck', team: { name: 'data' } } }), 'alerts[0].labels.team'],
    ['with a fingerprint that is a list', one(2, { fingerprint: [] }), 'alerts[0].fingerprint'],
  ])('with an alert that cannot be read (%s) refuses that one and kills for the other', async (_, alert, field) => {
    const reply = await group(alert, one(1));
    expect([reply.status, outcomes(reply)]).toEqual([202, ['refused unreadable', 'accepted']]);
    expect(reply.body.results?.[0]).toEqual({ alert: 'alerts[0]', outcome: 'refused', rule: 'unreadable', reason: expect.stringContaining(`${field}: `) });
    expect(outcomes(await group(alert, one(1)))).toEqual(['refused unreadable', 'duplicate']);
    expect(await stage.outcomes()).toEqual(['killed']);
    expect(stage.simulator.killed()).toEqual([jobs[0]]);
    expect(stage.log().filter(({ level, outcome }) => level === 'audit' && outcome === 'refused')).toHaveLength(1);
  });

  it('of which nothing can be read is a 400 that names each field, and nothing was killed', async () => {
    const { status, body } = await group(one(1, { status: 7 }), null);
    expect([status, body.error_msg]).toEqual([400, expect.stringMatching(/^alerts\.0\.status: .*; alerts\.1: /)]);
    nothingHappened(stage);
  });

  it.each<[string, Fields]>([
    ['without a fingerprint', { fingerprint: undefined }],
    ['with null for it', { fingerprint: null }],
    ['with an empty one', { fingerprint: '' }],
    ['with one that is a number', { fingerprint: 4711 }],
    ['with null for annotations', { annotations: null }],
    ['without annotations', { annotations: undefined }],
    ['with annotations of all kinds', { annotations: { summary: null, runs: 7, dry: false } }],
    ['with labels of all kinds', { labels: { alertname: 'MrsJobStuck', severity: 4, retried: false, owner: null, empty: '', application_id: 'application_1564622673393_0001' } }],
  ])('takes an alert %s, once, beside another', async (_, over) => {
    expect(outcomes(await group(one(1, over), one(2)))).toEqual(['accepted', 'accepted']);
    expect(outcomes(await group(one(2), one(1, over)))).toEqual(['duplicate', 'duplicate']);
    expect(await stage.outcomes()).toEqual(['killed', 'killed']);
    expect(stage.simulator.killed().toSorted()).toEqual(jobs.toSorted());
  });

  it.each<[string, unknown]>([
    ['an empty label', { alertname: 'MrsJobStuck', team: '', application_id: 'application_1564622673393_0001' }],
    ['a blank label', { alertname: 'MrsJobStuck', team: ' ', application_id: 'application_1564622673393_0001' }],
    ['a label that is null', { alertname: 'MrsJobStuck', team: null, application_id: 'application_1564622673393_0001' }],
    ['no labels', {}],
    ['null for labels', null],
    ['labels left out', undefined],
  ])('whose alert has %s fits no rule by it, not even *, and nothing was killed', async (_, labels) => {
    const reply = await group(one(1, { labels }));
    expect([reply.status, outcomes(reply)]).toEqual([202, ['refused alerts']]);
    nothingHappened(stage);
  });

  it('in which an empty label stands over an annotation of its name is read from there', async () => {
    const labels = { alertname: 'MrsJobStuck', team: '', application_id: 'application_1564622673393_0001' };
    expect(outcomes(await group(one(1, { labels, annotations: { team: 'data' } })))).toEqual(['accepted']);
    await stage.outcomes();
  });

  it('that ends with a line break, with nanoseconds and an offset in its time, is read', async () => {
    const reply = await stage.deliver(`${JSON.stringify({ alerts: [one(1, { startsAt: '2026-03-01T06:50:00.123456789-05:00' })] })}\n`, { line: `POST /alerts/${source}` });
    expect(outcomes(reply)).toEqual(['accepted']);
    await stage.outcomes();
  });
});

describe('a loose sender', () => {
  it('of generic may have numbers, true, false and null where texts are meant', async () => {
    const body = { id: 4711, status: null, startsAt: null, labels: { alertname: 'MrsJobStuck', severity: 4, retried: false, owner: null, job_name: 'etl-1' }, annotations: null };
    expect(outcomes(await deliver('generic', body))).toEqual(['accepted']);
    expect(outcomes(await deliver('generic', { ...body, id: '4711' }))).toEqual(['duplicate']);
    expect(await stage.outcomes()).toEqual(['killed']);
    expect(stage.simulator.killed()).toEqual([jobs[0]]);
  });

  it('of generic that gives a start has another delivery with another one', async () => {
    const body = { id: 'a', labels: { alertname: 'MrsJobStuck', team: 'data', job_name: 'etl-1' }, startsAt: '2026-03-01T11:50:00Z' };
    expect(outcomes(await deliver('generic', body))).toEqual(['accepted']);
    expect(outcomes(await deliver('generic', { ...body, startsAt: '2026-03-01T12:50:00+01:00' }))).toEqual(['duplicate']);
    await stage.outcomes();
    expect(outcomes(await deliver('generic', { ...body, startsAt: '2026-03-01T11:55:00Z' }))).toEqual(['accepted']);
    await stage.outcomes();
    expect(stage.simulator.kills()).toHaveLength(1);
  });

  it.each([NOON - 60_000, NOON / 1_000 - 60, String(NOON - 60_000), String(NOON / 1_000 - 60), '2026-03-01T11:59:00.000Z'])('of generic may write its start as %j', async (startsAt) => {
    await deliver('generic', { id: 'a', startsAt, labels: { alertname: 'MrsJobStuck', team: 'data', job_name: 'etl-1' } });
    expect(stage.payloads()).toMatchObject([{ request: { target: { submittedBefore: NOON - 60_000 } } }]);
    await stage.outcomes();
  });

  it.each<[string, Fields]>([
    ['numbers for ids and date', { alert_id: 9731001, event_id: 7012345678, date: NOON - 1_000 }],
    ['a number for the key of its cycle', { alert_cycle_key: 5811223344556692 }],
    ['null for what it has not', { aggreg_key: null, tags: null, link: null, cluster: null, date: null }],
    ['tags in a list', { tags: ['app_name:etl-1', null, 'team:data'] }],
    ['a value nobody knows', { org: { id: 1, name: 'x' }, priority: true, list: [] }],
  ])('of Datadog may have %s', async (_, over) => {
    const body = { alert_cycle_key: '58112233445566926', transition: 'Triggered', title: 'job stuck', tags: 'app_name:etl-1', job_name: 'etl-1', date: String(NOON - 1_000), ...over };
    expect(outcomes(await deliver('datadog', body))).toEqual(['accepted']);
    expect(outcomes(await deliver('datadog', body))).toEqual(['duplicate']);
    expect(await stage.outcomes()).toEqual(['killed']);
    expect(stage.simulator.killed()).toEqual([jobs[0]]);
  });
});

describe('the request of an alert carries what the card shows of it', () => {
  const facts = async (source: string, body: unknown): Promise<unknown> => {
    await deliver(source, body);
    const [payload] = stage.payloads();
    await stage.outcomes();
    return payload && 'request' in payload ? payload.request?.alert : undefined;
  };
  const PAGES = { generatorURL: 'https://prometheus.example/graph', dashboardURL: 'https://grafana.example/d/x', panelURL: '' };

  it.each<[string, Fields, object]>([
    ['the runbook first', { ...PAGES, annotations: { runbook_url: 'https://wiki.example/runbook' } }, { link: 'https://wiki.example/runbook' }],
    ['then its dashboard', PAGES, { link: 'https://grafana.example/d/x' }],
    ['then where it was made', { ...PAGES, dashboardURL: 'http://grafana.example/d/x' }, { link: 'https://prometheus.example/graph' }],
    ['no link that is not https', { generatorURL: 'http://prometheus.example/graph', annotations: { runbook_url: 'javascript:alert(1)', link: 'ftp://x' } }, {}],
    ['its severity', { labels: { alertname: 'MrsJobStuck', team: 'data', severity: 'critical', application_id: 'application_1564622673393_0001' } }, { severity: 'critical' }],
  ])('%s', async (_, over, expected) => {
    expect(await facts('alertmanager', { alerts: [one(1, over)] })).toEqual({ name: 'MrsJobStuck', ...expected });
  });

  it('of Datadog, its title, priority and link', async () => {
    const body = { alert_cycle_key: '1', transition: 'Triggered', title: 'job stuck', job_name: 'etl-1', priority: 'P1', link: 'https://app.datadoghq.com/event' };
    expect(await facts('datadog', body)).toEqual({ name: 'job stuck', severity: 'P1', link: 'https://app.datadoghq.com/event' });
  });
});
