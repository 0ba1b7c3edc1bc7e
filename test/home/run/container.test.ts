import { execFile } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import packageJson from '../../../package.json' with { type: 'json' };
import { readContainerfile, readCopy, restOf } from './containerfile.ts';

const ROOT = join(import.meta.dirname, '../../..');
const file = readContainerfile();
const of = (name: string): string[] => restOf(file, name);

describe('the Containerfile', () => {
  it('stands on one image with a pinned major version, the one that we need', () => {
    expect(of('FROM')).toEqual(['docker.io/library/node:24-slim']);
    const { engines } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8')) as { engines: { node: string } };
    expect(Number(/\d+/.exec(engines.node)?.[0])).toBeLessThanOrEqual(24);
  });

  it('copies what is there, and nothing that could hold a secret', () => {
    const sources = of('COPY').flatMap((rest) => readCopy(rest).sources);
    expect(sources.filter((source) => !existsSync(join(ROOT, source)))).toEqual([]);
    expect(sources.filter((source) => /^\.$|\*|\.env|policy\.yml|data/.test(source))).toEqual([]);
    expect(of('ADD')).toEqual([]);
  });

  it('installs the packages that it ships, by the lockfile, before the code that changes more often', () => {
    const names = file.map(({ name, rest }) => `${name} ${rest}`);
    expect(names.findIndex((line) => line.startsWith('RUN npm ci --omit=dev'))).toBeLessThan(names.indexOf('COPY home home'));
    expect(of('RUN').join()).not.toMatch(/npm install|curl|wget|apt/);
  });

  it('sets no secret, and runs as a user without rights', () => {
    const set = of('ENV').join(' ').split(' ').map((pair) => pair.split('=')[0]);
    expect(set).toEqual(['NODE_ENV', 'STORE_FILE', 'POLICY_FILE']);
    expect([of('ARG'), of('USER')]).toEqual([[], ['node']]);
    expect(file.findLastIndex(({ name }) => name === 'RUN')).toBeLessThan(file.findIndex(({ name }) => name === 'USER'));
  });

  it('keeps the store outside of the image, owned by that user', () => {
    expect(of('VOLUME')).toEqual(['/var/lib/mrs-killswitch']);
    expect(of('RUN').at(-1)).toBe('install -d -o node -g node -m 0700 /var/lib/mrs-killswitch');
    expect(of('ENV').join()).toContain('STORE_FILE=/var/lib/mrs-killswitch/');
  });

  it('begins with the program itself, so that SIGTERM reaches it, as npm run serve does', () => {
    expect(JSON.parse(of('CMD')[0] ?? '')).toEqual(packageJson.scripts.serve.split(' ').slice(1));
    expect(of('STOPSIGNAL')).toEqual(['SIGTERM']);
  });
});

describe('its health check', () => {
  let status = 200;
  const asked: (string | undefined)[] = [];
  const server = createServer(({ url }, response) => void (asked.push(url), response.writeHead(status).end('{}')));
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });

  const command = /CMD (.*)$/.exec(of('HEALTHCHECK')[0] ?? '')?.[1] ?? '';
  const check = (env: Record<string, string>): Promise<number> =>
    new Promise((resolve) => {
      const child = execFile('sh', ['-c', command.replace(/\bnode\b/, process.execPath)], { env: { PATH: process.env['PATH'], ...env } });
      child.once('exit', (code) => resolve(code ?? -1));
    });

  it('is well while GET /health answers 200, and ill when it says 503 or nothing', async () => {
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    const env = { PORT: String((server.address() as AddressInfo).port) };
    expect(await check(env)).toBe(0);
    expect(asked).toEqual(['/health']);
    status = 503;
    expect(await check(env)).toBe(1);
    expect(await check({ ...env, TLS_CERT_FILE: '/run/secrets/tls.crt' })).toBe(1); // no TLS there
  });
});
