import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { stringify } from 'yaml';
import { ALERT_SOURCES } from '../../lib/alerts/all-sources.ts';
import { digestText } from '../../lib/slack/digest-text.ts';
import { NOON } from '../core/a-job.ts';
import { at, compileOpen, pointerTo, ROUTES } from '../openapi/document.ts';
import { type AlertStage, nothingHappened, policyOf, startAlertStage } from '../stage/alerts.ts';
import { parsePolicy } from '../support/parse-policy.ts';
import { blocksOf, EXPLAINING } from './pages.ts';
import { policyExamplesOf } from './policy-examples.ts';
import { commandsOf } from './shell.ts';

const SLACK = { team: 'T0123ABCD', mayKill: ['U012AB3CD'], mayApprove: ['U045EF6GH'], channel: 'C0123456789' };

describe('the policies of the documents', () => {
  const examples = EXPLAINING.flatMap((page) => policyExamplesOf(page).map((example) => ({ page, ...example })));

  it('are many', () => expect(examples.length).toBeGreaterThan(9));

  it.each(examples)('are taken as npm run build takes policy.yml: $page', ({ policy }) => {
    expect(() => parsePolicy(stringify({ slack: SLACK, ...policy }), { hasBotToken: true, file: 'policy.yml' })).not.toThrow();
  });
});

describe('the JSON of the documents', () => {
  const blocks = EXPLAINING.flatMap((page) => blocksOf(page, 'json'));

  it.each(blocks)('is JSON: $page', ({ text }) => {
    expect(JSON.parse(text.replaceAll(/, …/g, ''))).toBeInstanceOf(Object);
  });
});

describe('the week of the documents', () => {
  it('is told as Slack is told it', () => {
    const [{ text } = { text: '' }] = blocksOf('docs/recipes/weekly-digest.md', '');
    const week = { from: NOON, until: NOON, killed: 12, sent: 0, warned: 5, kept: 2, endedThemselves: 3, wouldKill: 0 };
    const named = { refused: [{ name: 'protected', jobs: 4 }, { name: 'perHour', jobs: 1 }], users: [{ name: 'etl_dev', jobs: 7 }, { name: 'jdoe', jobs: 5 }], queues: [{ name: 'adhoc', jobs: 12 }] };
    expect(text.trimEnd().split('\n').slice(1)).toEqual(digestText({ ...week, ...named }).split('\n').slice(1));
  });
});

/** A call that a page shows: what curl would send. */
type Call = { page: string; method: string; url: string; headers: Record<string, string>; body: string | undefined };

function callsOf(page: string): Call[] {
  return blocksOf(page, 'sh').flatMap(({ text }) => commandsOf(text)).filter(({ name }) => name === 'curl').map(({ words }) => {
    const after = (flag: string): string[] => words.flatMap((word, place) => (word === flag ? [words[place + 1] ?? ''] : []));
    const [body] = after('-d');
    const headers = after('-H').map((header) => header.split(': '));
    const url = words.find((word) => /^(?:https?:|\$)/.test(word)) ?? '';
    return { page, method: after('-X')[0] ?? (body === undefined ? 'GET' : 'POST'), url, body, headers: Object.fromEntries(headers.map(([name = '', value = '']) => [name.toLowerCase(), value])) };
  });
}

/** What only a local start has: the simulator's own routes, and functions that are invoked. */
const LOCAL = /^(?:\$SIM\/simulator\/|http:\/\/127\.0\.0\.1:3002\/2015-03-31\/functions\/mrs-killswitch-local-cleanup\/invocations$)/;

const calls = EXPLAINING.flatMap(callsOf);
const ofRoutes = calls.filter(({ url }) => !LOCAL.test(url));
const routeOf = ({ method, url }: Call): string => {
  const path = url.replace(/^https?:\/\/[^/]+/, '');
  return ROUTES.find((route) => new RegExp(`^${route.replaceAll(/\{\w+\}/g, '[^/]+')}$`).test(`${method} ${path}`)) ?? `no route: ${method} ${url}`;
};

describe('the calls of the documents', () => {
  it('are of the routes that there are, with the proof that they want', () => {
    expect(calls.length).toBeGreaterThan(7);
    expect(ofRoutes.map((call) => [routeOf(call), call.headers['authorization']?.split(' ')[0] ?? 'nothing'].join(' with ')).toSorted()).toEqual([
      'GET /health with nothing',
      'POST /alerts/{source} with Bearer',
      'POST /v2/{project_id}/clusters/{cluster_id}/job-executions/{job_execution_id}/kill with Bearer',
      'POST /v2/{project_id}/clusters/{cluster_id}/job-executions/{job_execution_id}/kill with Bearer',
    ]);
  });

  it('send bodies that openapi.yml describes', () => {
    const sent = ofRoutes.filter(({ body }) => body !== undefined);
    expect(sent).toHaveLength(2);
    for (const call of sent) {
      const { content } = at(`${pointerTo(routeOf(call))}/requestBody`) as { content: Record<string, { schema: unknown }> };
      const validate = compileOpen(content['application/json']?.schema);
      validate(JSON.parse(call.body ?? ''));
      expect(validate.errors).toBeNull();
    }
  });
});

describe('the deliveries of the documents', () => {
  let stage: AlertStage;
  beforeAll(async () => void (stage = await startAlertStage(policyOf('  - { match: { alertname: MrsJobStuck }, action: kill }\n  - { source: datadog, match: { title: "*stuck*", transition: "*Triggered" }, action: kill }'))));
  afterAll(() => stage.close());

  it('of any sender, as a page has it, kills the job that it names, and no other', async () => {
    const [call] = calls.filter(({ page }) => page === 'docs/triggers/generic.md');
    const body = JSON.parse(call?.body ?? '') as { labels: { application_id: string } };
    stage.simulator.addJob({ job_name: 'another' });
    const job = stage.simulator.addJob({ job_name: 'stuck', app_id: body.labels.application_id });
    expect(await stage.deliver({ ...body, status: 'resolved' })).toMatchObject({ status: 202, body: { results: [{ outcome: 'ignored' }] } });
    nothingHappened(stage);
    expect(await stage.deliver({ ...body, id: '4712' })).toMatchObject({ status: 202, body: { results: [{ outcome: 'accepted' }] } });
    expect(await stage.outcomes()).toEqual(['killed']);
    expect(stage.simulator.killed()).toEqual([job.job_id]);
  });

  it('of Datadog, by the payload to paste, name their job', () => {
    const [{ text } = { text: '' }] = blocksOf('docs/triggers/datadog.md', 'json');
    const values: Record<string, string> = { $ALERT_CYCLE_KEY: '7615320982365218735', $ALERT_TRANSITION: 'Triggered', $EVENT_TITLE: '[Triggered] etl is stuck', $DATE: String(NOON), '$TAGS[app_name]': 'etl', '$TAGS[yarn_cluster]': 'analytics', $TAGS: 'app_name:etl,yarn_cluster:analytics' };
    const filled = JSON.stringify(JSON.parse(text), (_key, value: unknown) => (typeof value === 'string' ? (values[value] ?? value) : value));
    const { alerts } = ALERT_SOURCES['datadog']?.parse(JSON.parse(filled), { headers: {}, rawBody: Buffer.from(filled), receivedAt: NOON }) ?? { alerts: [] };
    expect(alerts).toMatchObject([{ status: 'firing', labels: { job_name: 'etl', cluster: 'analytics', transition: 'Triggered' } }]);
  });
});
