import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type Served, serveOffline } from '../local/serve-offline.ts';

const README = readFileSync('README.md', 'utf8');

/** The code blocks of one language under a heading, in their order. */
function blocks(heading: string, language: string): string[] {
  const section = README.split(/^## /m).find((part) => part.startsWith(`${heading}\n`)) ?? '';
  return [...section.matchAll(new RegExp(`^\`\`\`${language}\\n([^]*?)^\`\`\`$`, 'gm'))].map(([, text = '']) => text);
}

describe('the README', () => {
  let served: Served;
  beforeAll(async () => void (served = await serveOffline({})), 60_000);
  afterAll(() => served.stop());

  it('has a first example that works as written, once `npm start` is up', () => {
    const [, example = ''] = blocks('Quick start', 'sh');
    expect(example).toMatch(/^curl -X POST/);
    const printed = execFileSync('bash', ['-c', example.replace('curl ', 'curl -s ').replace('http://127.0.0.1:3000', served.url)], { encoding: 'utf8' });
    const [shown = ''] = blocks('Quick start', 'json');
    const told = JSON.parse(shown.replace(', …}', '}')) as { outcome: string; job: object; reason: string };
    expect(JSON.parse(printed)).toMatchObject(told);
    expect(told.outcome).toBe('would-kill');
  });

  it('has commands to try that the start prints, and they are answered', () => {
    const commands = served.output().split('\n').filter((line) => line.trim().startsWith('curl '));
    expect(commands.length).toBeGreaterThanOrEqual(4);
    const statuses = commands.map((command) => execFileSync('bash', ['-c', command.trim().replace('curl ', "curl -s -o /dev/null -w '%{http_code}' ")], { encoding: 'utf8' }));
    expect(statuses).toEqual(['200', '200', '200', '202']);
  });

  it('names no real part behind a start that no setting named one for', () => {
    expect(served.output()).toContain('with a simulator behind it: no cloud account is touched. Try:');
  });

  it('names every setting', async () => {
    const { Variables } = await import('../../lib/settings/variables.ts');
    const { HomeVariables } = await import('../../home/settings/home-variables.ts');
    for (const name of [...Object.keys(Variables.shape), ...Object.keys(HomeVariables.shape), 'PAUSED', 'POLICY_FILE', 'PORT', 'LAMBDA_PORT']) expect(README).toContain(`\`${name}\``);
  });

  it('names every command of package.json that a person runs', () => {
    const { scripts } = JSON.parse(readFileSync('package.json', 'utf8')) as { scripts: Record<string, string> };
    const hidden = /^(?:pre|post)/;
    for (const name of Object.keys(scripts).filter((script) => !hidden.test(script))) expect(README).toMatch(new RegExp(`npm (?:run )?${name}\\b`));
  });
});
