import { expect, it, jest } from '@jest/globals';
import { deaths, playDeaths } from '../../../tools/deaths/deaths.ts';

jest.setTimeout(150_000);

/** `npm run deaths` plays 300. */
it('a few deaths under load: all that was taken on comes to its one end, and nothing is killed twice', async () => {
  const said: string[] = [];
  const code = await playDeaths({ times: 3, hangsUp: false, restMs: 60_000 }, (line) => void said.push(line));
  expect(said).toEqual([expect.stringMatching(/^3 deaths, 0 faults; /)]);
  expect(code).toBe(0);
});

it.each([[['--help'], 0, /^Kills the own home/], [['--times', '0'], 2, /^--times has to be a whole number from 1; see npm run deaths -- --help$/], [['--seeds', '1'], 2, /^Unknown option/]] as const)('takes the words %j', async (args, code, line) => {
  const said: string[] = [];
  expect(await deaths([...args], (text) => void said.push(text))).toBe(code);
  expect(said).toEqual([expect.stringMatching(line)]);
});
