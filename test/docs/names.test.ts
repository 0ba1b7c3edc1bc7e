import { describe, expect, it } from '@jest/globals';
import { HomeVariables } from '../../home/settings/home-variables.ts';
import { OUTCOMES, RULES } from '../../lib/core/end.ts';
import { Variables } from '../../lib/settings/variables.ts';
import { PARTS } from '../../tools/demo/parts.ts';
import { blocksOf, textOf } from './pages.ts';

const firstCells = (page: string): string[] => [...textOf(page).matchAll(/^\| (`[^|]+) \|/gm)].flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name));

describe('docs/settings.md', () => {
  it('names every setting', () => {
    const named = firstCells('docs/settings.md');
    const settings = [...Object.keys(Variables.shape), ...Object.keys(HomeVariables.shape), 'PAUSED', 'POLICY_FILE', 'PORT', 'LAMBDA_PORT'];
    expect(settings.filter((name) => !named.includes(name))).toEqual([]);
  });
});

describe('docs/outcomes.md', () => {
  it('has every outcome, and every rule that refuses', () => {
    const named = firstCells('docs/outcomes.md');
    expect([...OUTCOMES, ...RULES].filter((name) => !named.includes(name))).toEqual([]);
  });
});

describe('docs/reliability.md', () => {
  it('says how much its commands play by themselves', () => {
    const defaults = [['stress/seeds', 'seeds'], ['deaths/deaths', 'deaths']].map(([file, what]) => `Default: ${/default (\d+)/.exec(textOf(`tools/${file}.ts`))?.[1]} ${what}`);
    for (const said of defaults) expect(textOf('docs/reliability.md')).toContain(said);
  });
});

describe('docs/libraries.md', () => {
  it('has a reason for each library of package.json, and for no other', () => {
    const { dependencies, devDependencies, optionalDependencies } = JSON.parse(textOf('package.json')) as Record<string, Record<string, string>>;
    const named = firstCells('docs/libraries.md').concat([...textOf('docs/libraries.md').matchAll(/it wants `(\w+)`|alias of `(\w+)`/g)].flatMap(([, ...names]) => names.filter((name) => name !== undefined)));
    const used = Object.keys({ ...dependencies, ...devDependencies, ...optionalDependencies });
    expect(used.filter((name) => !named.includes(name))).toEqual([]);
    expect(named.filter((name) => !used.includes(name) && name !== 'osls')).toEqual([]);
  });
});

describe('what the README shows of the demo', () => {
  const lines = (blocksOf('README.md', '').find(({ text }) => text.startsWith('Starting mrs-killswitch'))?.text ?? '').trimEnd().split('\n');
  const steps = PARTS.flatMap((part) => part.steps.filter(({ only }) => only === undefined || only.home === 'aws').map((step) => ({ part: part.name, ...step })));

  it('are steps that it has, and their ends', () => {
    const shown = lines.flatMap((line) => [...line.matchAll(/^ {2}ok {2,}(.+?) {2,}(.+)$/g)].map(([, title, end]) => ({ title, expected: end })));
    expect(shown.length).toBeGreaterThan(2);
    expect(shown.filter(({ title, expected }) => !steps.some((step) => step.title === title && step.expected === expected))).toEqual([]);
  });

  it('counts them by trigger', () => {
    const rows = PARTS.map(({ name, victims }) => [name, ...Array.from({ length: 2 }, () => String(steps.filter(({ part }) => part === name).length)), `${victims.length} of ${victims.length}`].join(' '));
    expect(lines.map((line) => line.replaceAll(/ +/g, ' '))).toEqual(expect.arrayContaining(rows));
  });

  it('ends as it ends', () => {
    expect(lines.slice(-3).map((line) => line.replaceAll(/ +/g, ' '))).toEqual(['no other job 1 1 0', '', `All ${steps.length + 1} ended as told.`]);
  });
});
