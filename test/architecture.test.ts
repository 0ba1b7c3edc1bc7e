import { globSync, readFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const ROOT = join(import.meta.dirname, '..');
const FILES = globSync('{functions,home,lib,test,tools}/**/*.{ts,mjs}', { cwd: ROOT }).map((file) => file.replaceAll('\\', '/'));
const SOURCES = FILES.filter((file) => /^(?:functions|home|lib)\//.test(file));
const textOf = (file: string): string => readFileSync(join(ROOT, file), 'utf8');

/** What a file imports, statically or not, types included; a relative import as the path of the file it leads to. */
function importsOf(file: string): string[] {
  const text = textOf(file);
  const specifiers = [
    /^(?:import|export)\s[^;'"]*?\bfrom\s*['"]([^'"]+)['"]/gm,
    /^import\s*['"]([^'"]+)['"]/gm,
    /\b(?:import|require)\s*\(\s*['"`]([^'"`]+)['"`]/g,
  ].flatMap((pattern) => [...text.matchAll(pattern)].map(([, specifier = '']) => specifier));
  return specifiers.map((specifier) => (specifier.startsWith('.') ? posix.join(dirname(file), specifier) : specifier));
}

/** The files of `from` that import what they must not. */
const offenders = (from: string[], isForbidden: (imported: string, file: string) => boolean): string[] =>
  from.flatMap((file) => importsOf(file).filter((imported) => isForbidden(imported, file)).map((imported) => `${file} → ${imported}`));

const importersOf = (isMeant: (imported: string) => boolean): string[] => SOURCES.filter((file) => importsOf(file).some(isMeant)).toSorted();
const isPackage = (name: string) => (imported: string) => imported === name || imported.startsWith(`${name}/`);

describe('the arrows of the house', () => {
  it('are read from real files', () => {
    expect(SOURCES).toEqual(expect.arrayContaining(['functions/api.ts', 'lib/core/decide.ts', 'functions/aws/http.ts']));
    expect(importsOf('lib/http/send.ts')).toEqual(expect.arrayContaining(['lib/core/errors.ts', 'lib/http/guard.ts', 'lib/http/undici.ts']));
    expect(importsOf('functions/api.ts')).toContain('lib/api/api.ts');
  });

  it('core imports core and nothing else, not even Node', () => {
    const core = FILES.filter((file) => file.startsWith('lib/core/'));
    expect(offenders(core, (imported) => !imported.startsWith('lib/core/'))).toEqual([]);
  });

  // The rooms from the ground up: each imports only those before it, and there are no others.
  const ROOMS = ['core', 'log', 'http', 'settings', 'aws', 'policy', 'ledger', 'mrs', 'kill', 'warn', 'start', 'alerts', 'cleanup', 'slack', 'api', 'house'];
  const roomOf = (file: string): string | undefined => /^lib\/([^/]+)\//.exec(file)?.[1];

  it('every file of lib is in a room', () => {
    const lib = FILES.filter((file) => file.startsWith('lib/'));
    expect(new Set(lib.map(roomOf))).toEqual(new Set(ROOMS));
  });

  it.each(ROOMS)('%s imports no room above it', (room) => {
    const below = ROOMS.slice(0, ROOMS.indexOf(room) + 1);
    const files = FILES.filter((file) => roomOf(file) === room);
    expect(offenders(files, (imported) => imported.startsWith('lib/') && !below.includes(roomOf(imported) ?? ''))).toEqual([]);
  });

  it('the policy stands on core alone: what is above it is handed to it', () => {
    const policy = FILES.filter((file) => roomOf(file) === 'policy');
    expect(offenders(policy, (imported) => imported.startsWith('lib/') && !/^lib\/(?:core|policy)\//.test(imported))).toEqual([]);
  });

  it('kill knows no engine and no HTTP', () => {
    const kill = FILES.filter((file) => roomOf(file) === 'kill');
    expect(offenders(kill, (imported) => isPackage('@aws')(imported) || imported.startsWith('@aws') || imported === 'lib/http/reply.ts' || imported === 'aws-lambda')).toEqual([]);
  });

  it('lib imports lib, packages and Node, never functions, home, test or tools', () => {
    const lib = FILES.filter((file) => file.startsWith('lib/'));
    expect(offenders(lib, (imported) => /^(?:functions|home|test|tools)\//.test(imported) || imported.startsWith('..'))).toEqual([]);
  });

  it('functions import lib and what they share, never each other, test or tools', () => {
    const functions = FILES.filter((file) => file.startsWith('functions/'));
    expect(offenders(functions, (imported) => /^(?:functions\/[^/]+$|home\/|test\/|tools\/)/.test(imported) || imported.startsWith('..'))).toEqual([]);
  });

  it('go round in no circle', () => {
    const visited = new Set<string>();
    const circles: string[] = [];
    const walk = (file: string, path: string[]): void => {
      if (path.includes(file)) return void circles.push([...path.slice(path.indexOf(file)), file].join(' → '));
      if (visited.has(file)) return;
      for (const imported of importsOf(file)) if (FILES.includes(imported)) walk(imported, [...path, file]);
      visited.add(file);
    };
    for (const file of SOURCES) walk(file, []);
    expect(circles).toEqual([]);
  });

  it('home imports home, lib, packages and Node, never functions, test or tools', () => {
    const home = FILES.filter((file) => file.startsWith('home/'));
    expect(home).toContain('home/ledger/sqlite.ts');
    expect(offenders(home, (imported) => /^(?:functions|test|tools)\//.test(imported) || imported.startsWith('..'))).toEqual([]);
  });

  it('lib and the homes import packages only that are shipped', () => {
    const { dependencies } = JSON.parse(textOf('package.json')) as { dependencies: Record<string, string> };
    const known = [...Object.keys(dependencies), 'aws-lambda', '@slack/types']; // types only
    const isForeign = (imported: string): boolean =>
      !/^(?:home\/|lib\/|functions\/aws\/|node:|package\.json$)/.test(imported) && !known.some((name) => isPackage(name)(imported));
    expect(offenders(SOURCES, isForeign)).toEqual([]);
  });
});

describe('one place for each thing from outside', () => {
  it.each([
    ['yaml, which is not on the cold path', 'yaml', ['lib/policy/offsets.ts', 'lib/policy/parse.ts', 'lib/policy/yaml-slips.ts']],
    ['middy', '@middy/core', ['functions/aws/http.ts']],
    ['undici, behind the outbound guard', 'undici', ['lib/http/undici.ts']],
    ['Slack\'s client for Socket Mode', '@slack/socket-mode', ['home/socket-mode/client-log.ts', 'home/socket-mode/connection.ts']],
    ["Prometheus's metrics, at home", 'prom-client', ['home/metrics/counters.ts', 'home/metrics/gauges.ts', 'home/metrics/metrics.ts']],
    ['SQLite, at home', 'node:sqlite', ['home/ledger/sqlite.ts', 'home/store/backup.ts', 'home/store/lock.ts', 'home/store/open-store.ts', 'home/store/schema.ts', 'home/store/store.ts']],
  ])('%s', (_rule, name, files) => {
    expect(importersOf(isPackage(name))).toEqual(files);
  });

  it('the policy parser and its schema are used at build time and by the own home only', () => {
    const isParser = (imported: string): boolean => /^lib\/policy\/(?:parse|schema|selectors|slack-section|fields|check|outline|policy-file)\.ts$/.test(imported);
    expect(importersOf(isParser).filter((file) => !/^(?:lib\/policy|home)\//.test(file))).toEqual([]);
    expect(importsOf('lib/policy/load-policy.ts').filter(isParser)).toEqual([]);
    expect(textOf('lib/policy/policy.ts').match(/^import .*schema\.ts.*$/gm)).toEqual(["import type { PolicySchema } from './schema.ts';"]);
  });

  it('nothing opens a connection but the two ways out, both behind the guard, and the socket beside the store, which leaves no machine', () => {
    const sockets = ['home/store/control-client.ts', 'home/store/control.ts'];
    const servers = ['home/http/certificate.ts', 'home/http/open-server.ts', 'home/http/answer.ts', 'home/http/broken-request.ts', 'home/http/read-request.ts', 'home/metrics/metrics-server.ts'].toSorted(); // they listen, and call nobody
    expect(importersOf((imported) => /^node:(?:http|https|http2|net|tls|dgram|dns|child_process)$/.test(imported))).toEqual([...servers, ...sockets, 'lib/http/send-by-node.ts']);
    expect(servers.filter((file) => /\b(?:request|get|connect|createConnection)\b[^;]*\bfrom 'node:/.test(textOf(file)))).toEqual([]);
    expect(SOURCES.filter((file) => /getBuiltinModule\((?!'node:(?:crypto|fs)'\))/.test(textOf(file)))).toEqual(['lib/http/send-by-node.ts']);
    expect(importsOf('lib/http/send-by-node.ts')).toContain('lib/http/guard.ts');
    expect(SOURCES.filter((file) => /\bfetch\s*\(/.test(textOf(file)))).toEqual([]);
  });

  it('the environment is read in functions only', () => {
    expect(SOURCES.filter((file) => file.startsWith('lib/') && /\bprocess\.env\b|\bprocess\[|\{[^}]*\benv\b[^}]*\}\s*=\s*process\b/.test(textOf(file)))).toEqual([]);
    expect(importersOf((imported) => imported === 'node:process' || imported === 'process')).toEqual([]);
  });

  it('secrets are revealed by what speaks to the outside, never by what decides, kills or answers', () => {
    const files = SOURCES.filter((file) => textOf(file).includes('.reveal()'));
    expect(files).toContain('lib/mrs/token.ts');
    expect(files.filter((file) => /^(?:functions\/|home\/(?!socket-mode\/)|lib\/(?:core|kill|policy|api)\/)/.test(file))).toEqual([]);
  });
});

describe('the house makes nothing for itself: it is handed in', () => {
  const lib = SOURCES.filter((file) => file.startsWith('lib/'));
  const using = (pattern: RegExp): string[] => lib.filter((file) => pattern.test(textOf(file).replace(/^\s*(?:\/\/|\*|\/\*).*$/gm, '')));

  it.each([
    ['the time', /\bDate\.now\b|\bnew Date\(\)|\bperformance\.now\b/],
    ['a pause', /\bset(?:Timeout|Interval|Immediate)\b/],
    ['chance', /\bMath\.random\b|\brandomUUID\b|\brandomBytes\b/],
    ['the output', /\bconsole\.(?:log|info|warn|error|debug)\b|\bprocess\.std/],
  ])('%s', (_what, pattern) => {
    expect(using(pattern)).toEqual([]);
  });
});

describe('the files', () => {
  it('of lib have names of their own', () => {
    const names = SOURCES.filter((file) => file.startsWith('lib/')).map((file) => file.split('/').at(-1));
    expect(names.filter((name, index) => names.indexOf(name) !== index)).toEqual([]);
  });

  it('have no default exports, no enums and no namespaces', () => {
    expect(SOURCES.filter((file) => /^\s*(?:export default|(?:export )?(?:declare )?(?:const )?(?:enum|namespace) )/m.test(textOf(file)))).toEqual([]);
  });
});
