import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { End } from '../../lib/core/end.ts';
import { closeRequest } from '../../lib/kill/close.ts';
import { movesAtOnce } from '../../lib/kill/moves.ts';
import { dayPartition } from '../../lib/ledger/keys.ts';
import { aRequest, NOON } from '../core/a-job.ts';
import { type StartStage, startStartStage } from '../stage/start.ts';

// Where the caller gets the End as the answer, its copies in the history are put beside the claim.

const ID = { name: 'api-live-1', start: 1 };
const ACCEPTED: End = { outcome: 'accepted', reason: 'MRS took the kill' };
const BROKE_OFF: End = { outcome: 'failed', code: 'unexpected', reason: 'an unexpected error broke the request off' };

let stage: StartStage;
beforeEach(async () => {
  stage = await startStartStage();
});
afterEach(() => stage.close());

const close = (end: End): Promise<End> => {
  const { starter } = stage.load();
  const moves = movesAtOnce(starter.clock, { waitUntil: NOON + 24_000, repeatUntil: 0 });
  return closeRequest({ ...starter, moves }, aRequest({ trigger: 'api' }), { id: ID, since: NOON, began: NOON, cards: [] }, end);
};
const history = async (): Promise<unknown[]> => (await stage.ledger.list(dayPartition(NOON), { now: NOON, most: 10 })).entries.map(({ value }) => (value as { outcome?: string }).outcome);
const isHistory = ({ on, partitions }: { on: string; partitions: string[] }): boolean => on === 'put' && partitions.some((partition) => partition.startsWith('day/'));

describe('the history of a request whose caller waits', () => {
  it('is put beside the claim of its End, once', async () => {
    expect(await close(ACCEPTED)).toEqual(ACCEPTED);
    expect(await history()).toEqual(['accepted']);
    expect(stage.ledger.calls.map(({ on }) => on).filter((on) => on !== 'list').toSorted((a, b) => a.localeCompare(b))).toEqual(['claim', 'put']);
  });

  it('says the End that stands, however late the copies of another one are', async () => {
    await close(ACCEPTED);
    const puts: unknown[] = [];
    stage.ledger.pause = (call) => (isHistory(call) && puts.push(call) === 1 ? sleep(50) : undefined);
    expect(await close(BROKE_OFF)).toMatchObject({ outcome: 'accepted' });
    expect(puts).toHaveLength(2);
    expect(await history()).toEqual(['accepted']);
  });

  it('is tried three times where it cannot be written, and keeps nobody waiting for longer', async () => {
    let puts = 0;
    stage.ledger.script = (call) => (isHistory(call) && ++puts > 0 ? 'fails' : undefined);
    expect(await close(ACCEPTED)).toEqual(ACCEPTED);
    expect(puts).toBe(3);
  });
});
