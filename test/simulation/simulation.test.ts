import { describe, expect, it } from '@jest/globals';
import { isFullSize } from '../support/full-size.ts';
import { play } from './simulation.ts';

const [SEEDS, DAYS_SEEDS] = isFullSize ? [80, 24] : [10, 4];

describe('the whole product, whatever goes wrong around it', () => {
  it(`keeps its promises in ${SEEDS} stories (npm run stress plays more)`, async () => {
    const faults: string[] = [];
    let kills = 0;
    for (let seed = 1; seed <= SEEDS; seed++) {
      const played = await play(seed);
      kills += played.kills;
      faults.push(...played.faults.map(({ rule, line }) => `npm run stress -- --story ${seed}: ${rule}: ${line}`));
    }
    expect(faults).toEqual([]);
    expect(kills).toBeGreaterThan(SEEDS / 4);
  }, 300_000);

  it(`keeps its promises on ${DAYS_SEEDS} days on which owners are warned`, async () => {
    const faults: string[] = [];
    let kills = 0;
    for (let seed = 1; seed <= DAYS_SEEDS; seed++) {
      const played = await play(seed, { setting: { isWarned: true } });
      kills += played.kills;
      faults.push(...played.faults.map(({ rule, line }) => `npm run stress -- --days ${seed}: ${rule}: ${line}`));
    }
    expect(faults).toEqual([]);
    expect(kills).toBeGreaterThan(DAYS_SEEDS / 2);
  }, 300_000);

  it.each([
    [70142, 'an alert whose warning another keep held back was forgotten'],
    [90177, 'a ledger that was away for two hours left buttons on messages whose run knew them'],
    [1000242, 'a keep was put on record by the click alone, since the ledger was away for two hours when the run came to it'],
    [1014688, 'a run broke off after a click had kept its job, and what that had used was forgotten'],
    [1014000, 'the warning that an alert had met broke off, and its closing too'],
    [1009463, 'a keep whose click died was put on record an hour later, beside the next warning of its job'],
    [1008408, 'the first round of a warning did not know a message of the second, which was put on record in part'],
    [1007168, 'the ledger was away for longer than an End is tried, and an alert whose run had failed was forgotten'],
    [1004094, 'the second round of a warning was ended by hand, and its closing too'],
    [1003361, 'a batch was written in part, and its run and all who heard of it died'],
  ])('keeps its promises on day %d, on which %s', async (seed) => {
    expect((await play(seed, { setting: { isWarned: true } })).faults).toEqual([]);
  });

  it.each([
    [500130, 'a no held longer, since an upgrade told of the job once more'],
    [500159, 'an upgrade came to another End than people had been told while the ledger was away'],
    [820115, 'people were told of both jobs that a rule may mean, by one of its two alerts'],
    [1013056, 'a pick looked again at the job for which a kill had left unheard, beside one that REST had killed'],
    [5059, 'people were told an end while the ledger knew nothing of the start, and an upgrade began it anew'],
    [1005156, 'a call that gave a job back came once more, after people had been told of it'],
    [1003362, 'a question whose card the run never learned of kept its buttons'],
    [1002223, 'a claim from before a card came late, and held a no longer by its own time'],
    [1002337, 'the clock was set forward within a cooldown'],
    [820248, 'a re-run that began while the clock was ahead looked older than the kill'],
  ])('keeps its promises in story %d, in which %s', async (seed) => {
    expect((await play(seed)).faults).toEqual([]);
  });

  it.each(isFullSize ? [1, 41, 92] : [1, 41])('tells the same story for the same seed: %d', async (seed) => {
    const { story } = await play(seed, { isTold: true });
    expect(story.length).toBeGreaterThan(20);
    expect((await play(seed, { isTold: true })).story).toEqual(story);
    // What else was played before must not matter.
    await play(seed + 1);
    expect((await play(seed, { isTold: true })).story.join('\n')).toBe(story.join('\n'));
  });
});
