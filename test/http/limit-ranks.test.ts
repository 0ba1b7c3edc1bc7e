import { describe, expect, it } from '@jest/globals';
import { createLimit, type Rank } from '../../lib/http/limit.ts';

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

/** One place, taken until `free` is called; those who come meanwhile stand in `started` in the order in which they got it. */
async function createQueue() {
  const limit = createLimit(1);
  const started: string[] = [];
  const taken = Promise.withResolvers<void>();
  const all = [limit(() => taken.promise)];
  return {
    started,
    come: (name: string, rank?: Rank, signal?: AbortSignal) => {
      const done = limit(async () => void started.push(name), { rank, signal });
      all.push(done);
      return done;
    },
    async free() {
      taken.resolve();
      await Promise.allSettled(all);
    },
  };
}

describe('who waits for a place', () => {
  it('gets it by rank: people, kills, follows, and who comes first within one', async () => {
    const queue = await createQueue();
    void queue.come('follow 1', 'follow');
    void queue.come('kill 1', 'kill');
    void queue.come('person 1', 'person');
    void queue.come('follow 2', 'follow');
    void queue.come('kill 2'); // who says nothing is a kill
    void queue.come('person 2', 'person');
    await queue.free();
    expect(queue.started).toEqual(['person 1', 'person 2', 'kill 1', 'kill 2', 'follow 1', 'follow 2']);
  });

  it('leaves the queue when its time is up, and is not run', async () => {
    const queue = await createQueue();
    const late = new AbortController();
    const left = queue.come('late', 'person', late.signal);
    void queue.come('next', 'kill', new AbortController().signal);
    late.abort(new Error('time is up'));
    await expect(left).rejects.toThrow('time is up');
    await expect(queue.come('too late', 'person', late.signal)).rejects.toThrow('time is up');
    await queue.free();
    expect(queue.started).toEqual(['next']);
  });

  it('is not reached any more by a signal once it has its place', async () => {
    const limit = createLimit(1);
    const controller = new AbortController();
    const end = Promise.withResolvers<string>();
    const result = limit(() => end.promise, { signal: controller.signal });
    await turn();
    controller.abort();
    end.resolve('done');
    expect(await result).toBe('done');
    expect(await limit(async () => 'the place is free again')).toBe('the place is free again');
  });
});
