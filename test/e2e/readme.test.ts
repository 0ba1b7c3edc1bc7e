import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { blocksOf } from '../docs/pages.ts';
import { type Served, serveOffline } from '../local/serve-offline.ts';

describe('docs/try.md', () => {
  let served: Served;
  beforeAll(async () => void (served = await serveOffline({})), 60_000);
  afterAll(() => served.stop());

  it('has an example that works as written, once `npm start` is up', () => {
    const example = blocksOf('docs/try.md', 'sh').find(({ text }) => text.startsWith('curl '))?.text ?? '';
    expect(example).toMatch(/^curl -X POST/);
    const printed = execFileSync('bash', ['-c', example.replace('curl ', 'curl -s ').replace('http://127.0.0.1:3000', served.url)], { encoding: 'utf8' });
    const [shown] = blocksOf('docs/try.md', 'json');
    const told = JSON.parse((shown?.text ?? '').replace(', …}', '}')) as { outcome: string; job: object; reason: string };
    expect(JSON.parse(printed)).toMatchObject(told);
    expect(told.outcome).toBe('would-kill');
  });

  it('has commands to try that the start prints, and they are answered', () => {
    const commands = served.output().split('\n').filter((line) => line.trim().startsWith('curl '));
    expect(commands.length).toBeGreaterThanOrEqual(4);
    const statuses = commands.map((command) => execFileSync('bash', ['-c', command.trim().replace('curl ', "curl -s -o /dev/null -w '%{http_code}' ")], { encoding: 'utf8' }));
    expect(statuses).toEqual(['200', '200', '200', '202']);
    const outcomes = commands.slice(2).map((command) => /"outcome":"([^"]+)"/.exec(execFileSync('bash', ['-c', command.trim().replace('curl ', 'curl -s ')], { encoding: 'utf8' }))?.[1]);
    const told = served.output().split('\n').filter((line) => line.trim().startsWith('# ')).slice(2).map((line) => /: ([\w-]+),/.exec(line)?.[1]);
    expect(outcomes).toEqual(told);
  });

  it('has a playground that the start names, and it is there', async () => {
    const url = /^ *Playground: (\S+)/m.exec(served.output())?.[1] ?? '';
    expect((await fetch(url)).status).toBe(200);
    const state = await fetch(`${url}/state`);
    expect(await state.json()).toMatchObject({ policyFile: 'test/playground/policy.yml', switches: { dryRun: false } });
  });

  it('names no real part behind a start that no setting named one for', () => {
    expect(served.output()).toContain('with a simulator behind it: no cloud account is touched. Try:');
  });
});
