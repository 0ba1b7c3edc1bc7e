import { describe, expect, it } from '@jest/globals';
import { readArgs, wholeNumberOf } from '../../tools/command-line.ts';

const OPTIONS = { seeds: { type: 'string' }, quick: { type: 'boolean' }, only: { type: 'string', multiple: true } } as const;
const read = (args: string[], mostWords = 0) => readArgs(args, { name: 'npm run play', options: OPTIONS, mostWords });

describe('a command line', () => {
  it('gives options and words', () => {
    expect(read(['--seeds', '3', '--only', 'a', '--only=b', 'word'], 1)).toMatchObject({ values: { seeds: '3', only: ['a', 'b'] }, positionals: ['word'] });
  });

  it.each([[['--help']], [['-h']], [['--sedes', '--help']]])('%j asks for help, whatever else stands there', (args) => {
    expect(read(args)).toBe('help');
  });

  it.each([
    [['--sedes', '3'], '--sedes is no option of npm run play; did you mean --seeds? npm run play -- --help lists them.'],
    [['--colour'], '--colour is no option of npm run play. npm run play -- --help lists them.'],
    [['-x'], '-x is no option of npm run play. npm run play -- --help lists them.'],
    [['--__proto__'], '--__proto__ is no option of npm run play. npm run play -- --help lists them.'],
    [['--seeds'], '--seeds needs a value behind it. npm run play -- --help says which.'],
    [['--seeds='], '--seeds needs a value behind it. npm run play -- --help says which.'],
    [['--seeds', '--quick'], '--seeds needs a value behind it. npm run play -- --help says which.'],
    [['--quick=yes'], '--quick takes no value: leave out =yes.'],
    [['--seeds', '1', '--seeds', '2'], '--seeds stands twice: give it once.'],
    [['word'], 'word is too much: npm run play takes options only. npm run play -- --help says more.'],
    [['--a', '--b'], '--a is no option of npm run play. npm run play -- --help lists them.\n--b is no option of npm run play. npm run play -- --help lists them.'],
  ])('%j is refused in a line for each mistake', (args, message) => {
    expect(() => read(args)).toThrow(expect.objectContaining({ name: 'WrongUsage', message }));
  });

  it('takes no more words than the command does', () => {
    expect(() => read(['one', 'two'], 1)).toThrow('two is too much: npm run play takes 1 word beside its options. npm run play -- --help says more.');
  });
});

it.each([['0'], ['-1'], ['1.5'], ['x'], ['101'], ['']])('%j is no whole number from 1 to 100', (text) => {
  expect(() => wholeNumberOf('--times', text, 100)).toThrow(`--times has to be a whole number from 1 to 100, and is ${text}.`);
});
