import { expect, it, jest } from '@jest/globals';
import { deaths, playDeaths } from '../../../tools/deaths/deaths.ts';

jest.setTimeout(150_000);

/** `npm run deaths` plays 300. */
it('a few deaths under load: all that was taken on comes to its one end, and nothing is killed twice', async () => {
  const said: string[] = [];
  const code = await playDeaths({ times: 2, hangsUp: false, restMs: 60_000 }, (line) => void said.push(line));
  expect(said).toEqual([expect.stringMatching(/^2 deaths, 0 faults; /)]);
  expect(code).toBe(0);
});

it('says how it is used', async () => {
  const said: string[] = [];
  expect(await deaths(['--help'], (text) => void said.push(text))).toBe(0);
  expect(said).toEqual([expect.stringMatching(/^Usage: npm run deaths -- /)]);
});

it.each([[['--times', '0'], '--times has to be a whole number from 1 to 999999, and is 0.'], [['--seeds', '1'], '--seeds is no option of npm run deaths. npm run deaths -- --help lists them.']])('refuses the words %j', async (args, message) => {
  await expect(deaths(args, () => undefined)).rejects.toThrow(message);
});
