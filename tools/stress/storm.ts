import { numberOf, type Part } from './part.ts';

/** Very many deliveries in ten minutes, on a clock that is held. */
export const storm: Part = {
  usage: '--storm [--deliveries <n>]',
  options: { storm: 'boolean', deliveries: 'string' },
  help: { storm: 'plays so many deliveries in ten minutes, a third of them repeats, over both homes on a held clock, under what AWS allows' },
  async play(given, print) {
    const { playStorm } = await import('../../test/storm/storm.ts');
    const count = numberOf(given, 'deliveries', 100_000);
    let failed = 0;
    for (const home of ['aws', 'own'] as const) {
      const { faults, lines } = await playStorm(home, { count });
      for (const line of [...faults, ...lines]) print(line);
      failed += faults.length;
    }
    return failed === 0 ? 0 : 1;
  },
};
