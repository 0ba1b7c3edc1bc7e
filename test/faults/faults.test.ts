import { describe, expect, it } from '@jest/globals';
import { isFullSize, thinned } from '../support/full-size.ts';
import { cellsOfSources, cellsOfTable, gapsInTable } from './cells.ts';
import { playCell } from './play-cell.ts';
import { SECRETS, type World } from './world.ts';

// npm run stress -- --faults plays all.
const EVERY = isFullSize ? 1 : 53;

describe('the table of faults', () => {
  it('states what comes of everything that can go wrong, for each trigger', () => {
    expect(gapsInTable()).toEqual([]);
    expect(cellsOfTable().length).toBeGreaterThan(350);
  });

  it.each(thinned(cellsOfTable(), EVERY))('holds, and no secret gets out: $place, $fault, $trigger, $length', async ({ expected, ...cell }) => {
    expect(await playCell(cell)).toEqual({ came: expected, broken: [] });
  }, 60_000);
});

describe('an alert of any source, or a token of the caller, whatever goes wrong with MRS', () => {
  it.each(thinned(cellsOfSources(), isFullSize ? 1 : 9))('kills at most what it means, and no secret gets out: $source, $fault', async (cell) => {
    expect((await playCell(cell)).broken).toEqual([]);
  }, 60_000);
});

describe('the search for secrets', () => {
  const cell = { place: 'ledger', fault: 'slow', trigger: 'Slack', length: 'once' } as const;
  const { botToken, apiToken, secretKey } = SECRETS;
  it('finds each that gets out, in whatever spelling, and says what it is and where', async () => {
    const leak = async ({ stage, answers, threw, responseUrls }: World): Promise<void> => {
      stage.outside.log.info('a line', { token: botToken });
      stage.outside.log.audit('a record', { url: responseUrls[0] });
      stage.outside.log.metric({ Leaks: { value: 1, unit: 'Count' } }, { token: apiToken });
      answers.push({ status: 500, headers: { 'x-token': encodeURIComponent(`${secretKey}`) }, body: {}, text: Buffer.from(botToken).toString('base64') });
      threw.push(new Error('it failed', { cause: new Error(stage.simulator.issuedTokens()[0]) }));
      stage.simulator.requests.push({ at: 0, method: 'POST', path: '/api/chat.update', query: {}, search: '', headers: { authorization: `Bearer ${botToken}` }, body: stage.backend.callbacks()[0]?.id ?? '', answeredStatus: 200 });
      await stage.ledger.put([{ key: { partition: 'name/leak', rest: '-' }, value: { arguments: 'fake-argument-secret' }, until: stage.clock.now() }]);
    };
    const { broken } = await playCell(cell, leak);
    expect(broken.toSorted()).toEqual([
      'SECRETS.apiToken is in a metric',
      'SECRETS.botToken is in an HTTP answer',
      'SECRETS.botToken is in the log: a line',
      'SECRETS.secretKey is in an HTTP answer',
      'a response URL is in the audit',
      'a token of IAM is in an error that was thrown',
      'an argument or a property of a job is in the store file',
      'the id of a callback is in a request to Slack',
    ]);
  });
});
