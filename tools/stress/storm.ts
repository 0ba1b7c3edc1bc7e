import { numberOf, type Part } from './part.ts';

/** Very many deliveries at once, on a clock that is held. */
export const storm: Part = {
  usage: '--storm [--deliveries <n>] [--minutes <n>]',
  options: { storm: 'boolean', deliveries: 'string', minutes: 'string' },
  help: {
    storm: 'plays very many deliveries over both homes on a held clock, a third of them repeats, under what AWS allows',
    minutes: 'within how many they come, default 10',
  },
  async play(given, print) {
    const { playStorm } = await import('../../test/storm/storm.ts');
    const count = numberOf(given, 'deliveries', 100_000);
    const stormMs = numberOf(given, 'minutes', 10) * 60_000;
    let failed = 0;
    for (const home of ['aws', 'own'] as const) {
      const { faults, lines } = await playStorm(home, { count, stormMs });
      for (const line of [...faults, ...lines]) print(line);
      failed += faults.length;
    }
    return failed === 0 ? 0 : 1;
  },
};
