import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { createApi } from '../lib/api/api.ts';
import { ALERT_SOURCES } from '../lib/alerts/all-sources.ts';
import { http } from '../functions/aws/http.ts';
import { createLog } from '../lib/log/log.ts';
import { schemaNameOf } from '../tools/docs/openapi.ts';
import { readFixtures } from './alerts/fixtures.ts';
import { SENDERS } from './alerts/senders.ts';
import { collectAlertAnswers } from './openapi/alert-answers.ts';
import { type Answer, ANY_OTHER, ask } from './openapi/answer.ts';
import { at, compileClosed, compileOpen, DOCUMENT, pointerTo, responseOf, ROOT, ROUTES, statusesOf } from './openapi/document.ts';
import { collectRestAnswers } from './openapi/rest-answers.ts';
import { ACTION, collectSlackAnswers, COMMAND, lookAtCertificate } from './openapi/slack-answers.ts';

const KILL = 'POST /v2/{project_id}/clusters/{cluster_id}/job-executions/{job_execution_id}/kill';
const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** The examples of a documented body, by name. */
const examplesIn = (pointer: string): Record<string, any> =>
  Object.fromEntries(Object.entries(at(`${pointer}/examples`) as Record<string, { value: unknown }>).map(([name, { value }]) => [name, value]));

let answers: Answer[];
beforeAll(async () => {
  const form = 'requestBody/content/application~1x-www-form-urlencoded';
  const rest = await collectRestAnswers();
  // One after another: each sets where Lambda is to be found.
  const alerts = await collectAlertAnswers(examplesIn('/components/requestBodies/AlertDelivery/content/application~1json'));
  const slack = await collectSlackAnswers({ command: examplesIn(`${pointerTo(COMMAND)}/${form}`)['kill'], action: examplesIn(`${pointerTo(ACTION)}/${form}`)['click'] });
  answers = [...rest, ...alerts, ...slack];
});

describe('the document', () => {
  it('passes the linter, which asks nobody outside', async () => {
    // Whatever connects ends the process.
    const alone = encodeURIComponent('import net from "node:net"; net.Socket.prototype.connect = () => process.exit(97)');
    const lint = ['node_modules/@redocly/cli/bin/cli.js', 'lint', '--format=stylish', '--lint-config=error'];
    const args = ['--import', `data:text/javascript,${alone}`, ...lint];
    const env = { ...process.env, REDOCLY_SUPPRESS_NOTIFICATIONS: 'true' };
    await promisify(execFile)(process.execPath, args, { cwd: ROOT, env }).catch(({ code, stdout, stderr }: { code: number; stdout: string; stderr: string }) => {
      throw new Error(`redocly lint ended with ${code}:\n${stdout}${stderr}`);
    });
  });

  it('has the version of the package', () => {
    expect(DOCUMENT.info.version).toBe((JSON.parse(textOf('package.json')) as { version: string }).version);
  });
});

describe('the routes of the document', () => {
  it('are those of serverless.yml', () => {
    const { functions } = parse(textOf('serverless.yml'), { logLevel: 'silent' }) as { functions: Record<string, { events?: { httpApi?: string }[] }> };
    const routes = Object.values(functions).flatMap(({ events = [] }) => events.flatMap(({ httpApi }) => httpApi ?? []));
    expect(routes.toSorted()).toEqual([...ROUTES, '*'].toSorted());
  });

  it('are those of the table of lib/api, with the same methods', async () => {
    const paths = new Map<string, string[]>();
    for (const route of ROUTES) {
      const [method = '', path = ''] = route.split(' ');
      paths.set(path, [...(paths.get(path) ?? []), method]);
    }
    const source = textOf('lib/api/api.ts');
    const [, jobPath = ''] = /JOB_PATH = '(\/[^']+)'/.exec(source) ?? [];
    const table = [...source.matchAll(/\bpath: (?:'([^']+)'|JOB_PATH|`\$\{JOB_PATH\}([^`]*)`)/g)].map(([, literal, suffix = '']) => literal ?? jobPath + suffix);
    expect(table.toSorted()).toEqual([...paths.keys()].toSorted());

    const now = () => 1_795_000_000_000;
    const handler = http({ log: createLog({ level: 'error', now, write: () => undefined }), clock: { now } }, createApi(() => {
      throw new Error('is not reached');
    })); // prettier-ignore
    for (const [path, methods] of paths) {
      const { status, headers } = await ask(handler, ANY_OTHER, `TRACE ${path}`);
      expect([path, status, String(headers['allow']).split(', ').toSorted()]).toEqual([path, 405, methods.toSorted()]);
    }
  });

  it('take the sources of the table of lib/alerts', () => {
    expect((at('/components/parameters/Source')['schema'] as { enum: string[] }).enum.toSorted()).toEqual(Object.keys(ALERT_SOURCES).toSorted());
  });
});

describe('every real answer', () => {
  it('is documented: its status, its headers, its fields and no others', () => {
    for (const { route, status, headers, text } of answers) {
      const where = `${route} ${status}`;
      expect([where, statusesOf(route)]).toEqual([where, expect.arrayContaining([status])]);
      const { headers: documented, content } = responseOf(route, status);
      const { 'content-type': contentType, ...others } = headers;
      expect(contentType).toBe('application/json; charset=utf-8');
      for (const name of Object.keys(others)) expect([where, Object.keys(documented)]).toEqual([where, expect.arrayContaining([name])]);
      for (const [name, { required, schema }] of Object.entries(documented)) {
        const isValid = compileOpen(schema);
        expect([where, name, headers[name] === undefined ? !required : isValid(headers[name])]).toEqual([where, name, true]);
      }
      if (content === undefined) {
        expect([where, text]).toEqual([where, '']);
      } else {
        const validate = compileClosed(content['application/json'].schema);
        expect([where, validate(JSON.parse(text)), validate.errors]).toEqual([where, true, null]);
      }
      if (/"error_code"/.test(text)) expect(JSON.parse(text).request_id).toBe(headers['x-request-id']);
    }
  });

  it.each([...ROUTES, ANY_OTHER])('is there, for every documented status: %s', (route) => {
    const seen = answers.filter((answer) => answer.route === route).map(({ status }) => status);
    expect(new Set(seen)).toEqual(new Set(statusesOf(route)));
  });

  it('has every documented outcome, a kill as well as an alert', () => {
    const outcomesOf = (route: string, status: number): string[] => {
      const bodies = answers.filter((answer) => answer.route === route && answer.status === status).map(({ text }) => JSON.parse(text));
      return bodies.flatMap(({ results, outcome }) => results?.map((result: { outcome: string }) => result.outcome) ?? outcome ?? []);
    };
    const documentedIn = (schema: string): Set<unknown> => new Set(at(`/components/schemas/${schema}/properties/outcome`)['enum'] as string[]);
    expect(new Set([...outcomesOf(KILL, 200), ...outcomesOf(KILL, 202)])).toEqual(documentedIn('KillAnswer'));
    expect(outcomesOf('POST /alerts/{source}', 202)).not.toContain('failed');
    expect(new Set([...outcomesOf('POST /alerts/{source}', 202), ...outcomesOf('POST /alerts/{source}', 503)])).toEqual(documentedIn('AlertResult'));
  });

  it("is empty to Slack's look at the certificate", async () => {
    expect(await lookAtCertificate()).toMatchObject({ status: 200, text: '' });
  });
});

describe('every example', () => {
  const OWN_EACH_TIME = new Set(['kill_id', 'request_id', 'version']);
  /** The same, but for these, and for what MRS calls its requests. */
  const steady = (value: unknown): unknown =>
    JSON.parse(JSON.stringify(value, (key, part: unknown) => (OWN_EACH_TIME.has(key) ? key : part)).replaceAll(/\(request \w+\)/g, '(request)'));

  it.each([...ROUTES, ANY_OTHER])('of an answer is a real one: %s', (route) => {
    for (const status of statusesOf(route)) {
      const real = answers.filter((answer) => answer.status === status && answer.text !== '').map(({ text }) => steady(JSON.parse(text)));
      const { content } = responseOf(route, status);
      for (const { value } of Object.values(content?.['application/json'].examples ?? {})) expect(real).toContainEqual(steady(value));
    }
  });

  it.each(['POST /alerts/{source}', 'PUT /alerts/{source}'])('of a delivery is taken, and its job is to be killed: %s', (route) => {
    const names = Object.keys(examplesIn('/components/requestBodies/AlertDelivery/content/application~1json'));
    expect(names.toSorted()).toEqual(Object.keys(ALERT_SOURCES).toSorted());
    const taken = answers.filter((answer) => answer.route === route).slice(0, names.length);
    expect(taken.map(({ status, text }) => [status, JSON.parse(text).results?.[0].outcome])).toEqual(names.map(() => [202, 'accepted']));
  });

  it('of what Slack sends is taken', () => {
    const [command, action] = [COMMAND, ACTION].map((route) => answers.find((answer) => answer.route === route));
    expect([command?.status, command && JSON.parse(command.text).text, action?.status]).toEqual([200, 'Looking at `etl-daily` …', 200]);
  });
});

describe('every body that a source sends', () => {
  const fixtures = Object.entries(ALERT_SOURCES).flatMap(([source, { body: schema }]) =>
    readFixtures(source).map((fixture) => ({ source, schema: schemaNameOf(source, { body: schema }), ...fixture })),
  );

  // What SMN hands on is only a text to the document: it knows no mistake in there.
  const judged = fixtures.filter(({ source, expected }) => source !== 'smn' || !('error' in expected));

  it.each(judged)('fits the schema where it is taken and only there: $source, $name', ({ schema, body, expected }) => {
    const validate = compileOpen({ $ref: `#/components/schemas/${schema}` });
    const isRead = 'alerts' in expected && expected.alerts.every(({ unreadable }) => unreadable === undefined);
    expect([validate(JSON.parse(body.toString('utf8'))), validate.errors]).toEqual(isRead ? [true, null] : [false, expect.anything()]);
  });

  it('is proved by a header that the document names', () => {
    const schemes = Object.values(at('/components/securitySchemes')) as { name?: string }[];
    const headers = [...schemes.flatMap(({ name }) => name?.toLowerCase() ?? []), 'authorization'];
    for (const { prove } of Object.values(SENDERS)) {
      for (const name of Object.keys(prove(Buffer.from('{}'), 1_772_366_400))) expect(headers).toContain(name.toLowerCase());
    }
  });
});
