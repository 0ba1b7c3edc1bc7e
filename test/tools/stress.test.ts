import { expect, it } from '@jest/globals';
import { filesWithFullSize } from '../../tools/stress/full-size.ts';
import { stress } from '../../tools/stress/stress.ts';
import { PROMISES } from '../simulation/promises.ts';

async function run(...args: string[]): Promise<{ code: number; lines: string[] }> {
  const lines: string[] = [];
  return { code: await stress(args, (line) => void lines.push(line)), lines };
}

it('says how it is used', async () => {
  const { code, lines } = await run('--help');
  expect(code).toBe(0);
  expect(lines.join('\n')).toMatch(/npm run stress -- --story <seed>/);
});

it.each([['--seeds', '0'], ['--from', 'x'], ['--story', '1.5'], ['--days', '0'], ['--jobs', 'all'], ['--unknown'], ['--story', '1', '--full'], ['--bites', '--seeds', '0'], ['--story', '1', '--seeds', '2'], ['--requests', '0'], ['--requests', '5', '--seeds', '2']])('refuses %s %s %s', async (...args) => {
  await expect(run(...args.filter((arg) => arg !== undefined))).rejects.toThrow(/^--(?:seeds|from|jobs|story|days|requests) has to be a whole number from 1, and is|^--unknown is no option|do not go together|^--seeds does not go with --(?:story|requests)/);
});

it.each([1, 2])('plays the seeds that are asked for in %d processes, and says of each promise how often it was looked at', async (jobs) => {
  const { code, lines } = await run('--from', '3', '--seeds', String(jobs), '--jobs', String(jobs));
  expect({ code, last: lines.at(-1) }).toEqual({ code: 0, last: expect.stringMatching(/^\d seeds from 3, 0 with a fault; \d+ executions, \d+ kills; [\d.]+ seeds a second$/) });
  for (const promise of Object.keys(PROMISES)) expect(lines).toContainEqual(expect.stringMatching(new RegExp(`^ +0  ${promise} +[\\d,]+$`)));
  expect(lines).toContainEqual(expect.stringMatching(/^ +0 {2}POSTs after the job was seen over +[1-9]\d*$/));
});

it.each(['--story', '--days'])('tells the %s of one', async (kind) => {
  const { lines } = await run(kind, '3');
  expect(lines.length).toBeGreaterThan(20);
  expect(lines[0]).toMatch(/^ +\d+\.\ds {2}\S+/);
  expect(lines.at(-1)).toBe('no promise was broken');
});

it('finds the tests that are played in part', () => {
  expect(filesWithFullSize()).toContain('test/kill/ledger-fails.test.ts');
});
