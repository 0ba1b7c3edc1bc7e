import { describe, expect, it } from '@jest/globals';
import { type FieldCase, readCases } from './case.ts';
import { judge } from './judge.ts';
import { playCase } from './play.ts';

/** What is wrong today. A case that has come right is taken off: the list only shrinks. */
const OPEN: ReadonlySet<string> = new Set<string>([]);

const CASES = readCases();
const SIBLINGS = readCases('siblings');

async function faultsOf(fieldCase: FieldCase): Promise<string[]> {
  const played = await playCase(fieldCase);
  const faults = judge(fieldCase, played);
  // Whatever comes later: nobody is killed for it any more.
  const killed = played.stage.simulator.kills().length;
  await played.stage.pass(120);
  const late = played.stage.simulator.kills().length - killed;
  await played.stage.close();
  return late === 0 ? faults : [...faults, `${late} kills after the end`];
}

describe.each([['a case of the field', CASES], ['a sibling of one', SIBLINGS]])('%s', (_, cases) => {
  it.each(cases.map((fieldCase) => [fieldCase.file, fieldCase.title, fieldCase] as const))('%s: %s', async (file, _title, fieldCase) => {
    const faults = await faultsOf(fieldCase);
    if (OPEN.has(file)) expect({ file, isWrong: faults.length > 0 }).toEqual({ file, isWrong: true });
    else expect(faults).toEqual([]);
  });
});

describe('the cases', () => {
  it('have a sibling each', () => {
    const siblings = new Set(SIBLINGS.map(({ of }) => of));
    expect(CASES.filter(({ file }) => !siblings.has(file)).map(({ file }) => file)).toEqual([]);
    expect(SIBLINGS.filter(({ of }) => !CASES.some(({ file }) => file === of)).map(({ file }) => file)).toEqual([]);
  });

  it('that must be right today are', () => {
    expect([...CASES, ...SIBLINGS].filter(({ file, guard }) => guard === true && OPEN.has(file))).toEqual([]);
    expect([...OPEN].filter((open) => ![...CASES, ...SIBLINGS].some(({ file }) => file === open))).toEqual([]);
  });
});
