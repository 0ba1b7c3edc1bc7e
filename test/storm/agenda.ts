import type { World } from '../simulation/world.ts';

/** What is to be done when, for very many: one timer of the world for all of them. */
export type Agenda<Item> = { add: (atMs: number, item: Item) => void };

/** Calls `run` with each item at its moment (epoch ms), in their order. */
export function makeAgenda<Item>(world: World, run: (item: Item) => void): Agenda<Item> {
  const heap: { atMs: number; item: Item }[] = [];
  let armedAt = Infinity;
  let disarm: () => void = () => undefined;
  const at = (index: number): number => heap[index]?.atMs ?? Infinity;
  const swap = (one: number, other: number): void => {
    const held = heap[one] as (typeof heap)[number];
    heap[one] = heap[other] as (typeof heap)[number];
    heap[other] = held;
  };

  function pop(): Item | undefined {
    const first = heap[0];
    const last = heap.pop();
    if (first === undefined || last === undefined || heap.length === 0) return first?.item;
    heap[0] = last;
    for (let index = 0; ; ) {
      const [left, right] = [2 * index + 1, 2 * index + 2];
      const least = at(right) < at(left) ? right : left;
      if (at(least) >= at(index)) return first.item;
      swap(index, least);
      index = least;
    }
  }

  function arm(): void {
    if (at(0) >= armedAt) return;
    disarm();
    armedAt = at(0);
    disarm = world.at(armedAt, () => {
      armedAt = Infinity;
      while (at(0) <= world.now()) run(pop() as Item);
      arm();
    });
  }

  return {
    add(atMs, item) {
      heap.push({ atMs, item });
      for (let index = heap.length - 1; index > 0 && at((index - 1) >> 1) > at(index); index = (index - 1) >> 1) swap(index, (index - 1) >> 1);
      arm();
    },
  };
}
