import { describe, expect, it } from '@jest/globals';
import { homeOfStage } from '../stage/home-of-stage.ts';
import { type FieldCase, readCases } from './case.ts';
import { judge } from './judge.ts';
import { playCase } from './play.ts';

const CASES = readCases();
const SIBLINGS = readCases('siblings');

async function faultsOf(fieldCase: FieldCase): Promise<string[]> {
  const { stage, ...played } = await playCase(fieldCase);
  try {
    const faults = judge(fieldCase, { stage, ...played });
    // Whatever comes later: nobody is killed for it any more.
    const killed = stage.simulator.kills().length;
    await stage.pass(120);
    const late = stage.simulator.kills().length - killed;
    return late === 0 ? faults : [...faults, `${late} kills after the end`];
  } finally {
    await stage.close();
  }
}

/** Events of AWS come to functions/events, which the own home has not. */
const isPlayedHere = ({ steps }: FieldCase): boolean => homeOfStage() === 'aws' || !steps.some((step) => 'invoke' in step && step.invoke === 'events');

describe.each([['a case of the field', CASES], ['a sibling of one', SIBLINGS]])('%s', (_, cases) => {
  it.each(cases.filter(isPlayedHere).map((fieldCase) => [fieldCase.file, fieldCase.title, fieldCase] as const))('%s: %s', async (_file, _title, fieldCase) => {
    expect(await faultsOf(fieldCase)).toEqual([]);
  });
});

describe('the cases', () => {
  it('have a sibling each', () => {
    const siblings = new Set(SIBLINGS.map(({ of }) => of));
    expect(CASES.filter(({ file }) => !siblings.has(file)).map(({ file }) => file)).toEqual([]);
    expect(SIBLINGS.filter(({ of }) => !CASES.some(({ file }) => file === of)).map(({ file }) => file)).toEqual([]);
  });
});
