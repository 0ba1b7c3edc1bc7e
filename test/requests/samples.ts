import { globSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ALERT_SOURCES } from '../../lib/alerts/all-sources.ts';
import { readFixtures } from '../alerts/fixtures.ts';
import { type FieldCase, readCases, type Step } from '../field/case.ts';
import { ANALYTICS_ID, JOBS_PATH } from '../simulator/client.ts';

/** What a request is made of, before anything is changed in it; where it leads, and by whose proof. */
export type Sample =
  | { kind: 'alert'; source: string; body: unknown }
  /** What somebody publishes to a topic of SMN. */
  | { kind: 'smn'; message: Record<string, unknown> }
  | { kind: 'command'; text: string }
  | { kind: 'click'; actionId: string; value: unknown }
  | { kind: 'rest'; line: string; headers?: Record<string, string> }
  | { kind: 'event'; event: unknown }
  | { kind: 'schedule'; event: unknown }
  /** A body that fits nowhere, at any route. */
  | { kind: 'any'; line: string; body: string };

const JOB = '431b135e-c090-489f-b1db-0abe3822b855';
const APPLICATION = 'application_1564622673393_0007';
const FIXTURES = join(import.meta.dirname, '../fixtures');

function* ofField(): Generator<[string, Sample]> {
  for (const fieldCase of [...readCases(), ...readCases('siblings')]) {
    for (const [index, step] of fieldCase.steps.entries()) {
      const sample = ofStep(fieldCase, step);
      if (sample !== undefined) yield [`field/${fieldCase.file}/${index}`, sample];
    }
  }
}

function ofStep({ file }: FieldCase, step: Step): Sample | undefined {
  if ('post' in step) return step.raw === undefined ? { kind: 'alert', source: step.post, body: step.body } : { kind: 'any', line: `POST /alerts/${step.post}`, body: step.raw };
  if ('smn' in step) return { kind: 'smn', message: { ...step.smn, message_id: file } };
  if ('slash' in step) return { kind: 'command', text: String(step.slash) };
  if ('rest' in step) return { kind: 'rest', line: `${step.method ?? 'POST'} ${String(step.rest)}` };
  if ('invoke' in step) return { kind: step.invoke === 'events' ? 'event' : 'schedule', event: step.event };
  if ('slackRaw' in step) return { kind: 'any', line: `POST ${step.path}`, body: step.slackRaw };
  return undefined;
}

function* ofSources(): Generator<[string, Sample]> {
  for (const source of Object.keys(ALERT_SOURCES)) {
    for (const { name, body } of readFixtures(source)) {
      const value: unknown = JSON.parse(body.toString());
      yield [`alerts/${source}/${name}`, source === 'smn' ? { kind: 'smn', message: value as Record<string, unknown> } : { kind: 'alert', source, body: value }];
    }
  }
  yield ['alerts/smn/subscription', { kind: 'smn', message: { type: 'SubscriptionConfirmation', message: 'You are invited', subscribe_url: 'https://console.eu.huaweicloud.com/smn/subscription/confirm?token=x' } }];
  yield ['alerts/smn/unsubscribed', { kind: 'smn', message: { type: 'UnsubscribeConfirmation', message: 'You left', subscribe_url: 'https://console.eu.huaweicloud.com/smn/subscription/confirm?token=x' } }];
}

function* ofEvents(): Generator<[string, Sample]> {
  for (const folder of ['cloudwatch', 'cleanup']) {
    for (const file of globSync('*.json', { cwd: join(FIXTURES, folder) }).toSorted()) {
      if (file.endsWith('.expected.json')) continue;
      yield [`${folder}/${basename(file, '.json')}`, { kind: folder === 'cleanup' ? 'schedule' : 'event', event: JSON.parse(readFileSync(join(FIXTURES, folder, file), 'utf8')) as unknown }];
    }
  }
  for (const [name, event] of Object.entries({ now: {}, dry: { dryRun: true }, digest: { kind: 'scheduled-digest' } })) yield [`schedule/${name}`, { kind: 'schedule', event }];
}

const COMMANDS = [
  '', 'help', `kill ${JOB}`, `kill ${APPLICATION} on analytics because it hangs`, 'kill "nightly-etl" on analytics', 'kill spark-driver', 'kill nobody on nowhere', `kill https://192.0.2.10:20026/proxy/${APPLICATION}/`, 'jobs', 'jobs on analytics nb-*', 'jobs *',
  `status ${JOB}`, 'status nightly-etl on analytics', `why ${APPLICATION}`, 'why spark-driver', 'history', 'history paused', 'history nightly-etl', 'cleanup', 'kept', 'pause for 1m because of this', 'pause', 'resume', 'clusters', 'klil x',
];
const NAME = `slack-live-${'0'.repeat(40)}`;
const CLICKS: [string, unknown][] = [
  ['kill', { do: 'decide', name: NAME, start: 1, who: 'requester', requestedBy: 'U012AB3CD' }], ['decline', { do: 'decide', name: NAME, start: 1, who: 'approver', requestedBy: 'alertmanager' }], ['keep', { do: 'warned', name: NAME, start: 1 }], ['kill-now', { do: 'warned', name: NAME, start: 2 }],
  ['start', { do: 'start', cluster: 'analytics', jobId: JOB }], ['start', { do: 'start', cluster: 'analytics', jobId: JOB, of: { name: NAME, start: 1 } }], ['cleanup', { do: 'cleanup', jobs: [`analytics/${JOB}`], list: 'x' }], ['kill', { do: 'answer', callbackId: 'Y2I', arn: 'arn:aws:lambda:x', who: 'requester', requestedBy: 'U012AB3CD' }], ['link', ''],
];

function* ofPeople(): Generator<[string, Sample]> {
  for (const text of COMMANDS) yield [`command/${text}`, { kind: 'command', text }];
  for (const [index, [actionId, value]] of CLICKS.entries()) yield [`click/${index}/${actionId}`, { kind: 'click', actionId, value }];
  for (const file of ['slack-block-actions.form', 'slack-slash-command.form', 'slack-ssl-check.form']) {
    const body = readFileSync(join(FIXTURES, 'slack', file), 'utf8');
    for (const path of ['command', 'action']) yield [`slack/${path}/${file}`, { kind: 'any', line: `POST /slack/${path}`, body }];
  }
}

function* ofRest(): Generator<[string, Sample]> {
  const lines = [
    `POST ${JOBS_PATH}/${JOB}/kill`, `POST ${JOBS_PATH}/${APPLICATION}/kill`, `GET ${JOBS_PATH}/${JOB}`, `GET ${JOBS_PATH}/${APPLICATION}`, `PUT ${JOBS_PATH}/${JOB}/kill`, `POST ${JOBS_PATH}/${JOB}`, `DELETE ${JOBS_PATH}/${JOB}`,
    `POST /v2/0/clusters/${ANALYTICS_ID}/job-executions/${JOB}/kill`, `POST ${JOBS_PATH.replace(ANALYTICS_ID, 'analytics')}/${JOB}/kill`, `GET ${JOBS_PATH}`, 'GET /health', 'POST /health', 'HEAD /health', 'GET /', 'GET /nowhere', 'GET /favicon.ico', 'POST /alerts', 'POST /alerts/nobody', 'GET /alerts/generic', 'POST /alerts/generic/', 'OPTIONS /slack/command', 'GET /slack/action',
  ];
  for (const line of lines) yield [`rest/${line}`, { kind: 'rest', line }];
  yield ['rest/wait', { kind: 'rest', line: `POST ${JOBS_PATH}/${JOB}/kill`, headers: { prefer: 'wait=25' } }];
}

/** Every sample by its name: the cases of the field, the fixtures of each source, and what people type and click. */
export const SAMPLES: ReadonlyMap<string, Sample> = new Map([...ofField(), ...ofSources(), ...ofEvents(), ...ofPeople(), ...ofRest()]);
