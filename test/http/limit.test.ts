import { describe, expect, it } from '@jest/globals';
import { createLimit } from '../../lib/http/limit.ts';

/** Tasks that end when told to, and who has started in which order. */
function createTasks() {
  const started: number[] = [];
  const ends = new Map<number, PromiseWithResolvers<number>>();
  const settle = (id: number): PromiseWithResolvers<number> => {
    const end = ends.get(id);
    if (end === undefined) throw new Error(`task ${id} has not started`);
    return end;
  };
  return {
    started,
    task: (id: number) => () => {
      started.push(id);
      const end = Promise.withResolvers<number>();
      ends.set(id, end);
      return end.promise;
    },
    finish: (id: number) => settle(id).resolve(id),
    fail: (id: number) => settle(id).reject(new Error(`task ${id} failed`)),
  };
}

const turn = (): Promise<void> => new Promise((resolve) => void setImmediate(resolve));

describe('a limit', () => {
  it('starts so many tasks at once, and the others in order of arrival as places become free', async () => {
    const limit = createLimit(2);
    const tasks = createTasks();
    const results = [1, 2, 3, 4].map((id) => limit(tasks.task(id)));
    await turn();
    expect(tasks.started).toEqual([1, 2]);
    tasks.finish(2);
    await turn();
    expect(tasks.started).toEqual([1, 2, 3]);
    tasks.finish(1);
    await turn();
    tasks.finish(3);
    tasks.finish(4);
    expect(await Promise.all(results)).toEqual([1, 2, 3, 4]);
  });

  it('gives a failed task its own error and its place to the next', async () => {
    const limit = createLimit(1);
    const tasks = createTasks();
    const first = limit(tasks.task(1));
    const second = limit(tasks.task(2));
    await turn();
    tasks.fail(1);
    await expect(first).rejects.toThrow('task 1 failed');
    await turn();
    tasks.finish(2);
    expect(await second).toBe(2);
  });

  it('gives the place back of a task that throws before it has begun to wait', async () => {
    const limit = createLimit(1);
    const broken = (): Promise<void> => {
      throw new Error('broken');
    };
    await expect(limit(broken)).rejects.toThrow('broken');
    await expect(limit(async () => 'next')).resolves.toBe('next');
  });

  it('never lets a newcomer overtake or exceed it when a place is handed on', async () => {
    const limit = createLimit(1);
    const tasks = createTasks();
    const first = limit(tasks.task(1));
    const second = limit(tasks.task(2));
    await turn();
    tasks.finish(1);
    const third = limit(tasks.task(3));
    await turn();
    expect(tasks.started).toEqual([1, 2]);
    tasks.finish(2);
    await turn();
    tasks.finish(3);
    expect(await Promise.all([first, second, third])).toEqual([1, 2, 3]);
  });
});
