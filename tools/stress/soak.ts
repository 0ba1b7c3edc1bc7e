import { numberOf, type Part } from './part.ts';

/** A long run over HTTP, in which one call of ten to the outside goes wrong. */
export const soak: Part = {
  usage: '--soak [--deliveries <n>] [--home]',
  options: { soak: 'boolean', deliveries: 'string', home: 'boolean' },
  help: {
    soak: 'sends deliveries to a home in a process of its own, spoils a tenth of its calls, and accounts for each delivery',
    deliveries: 'how many, default 10000, in a storm 100000',
    home: 'to the own home; left out, to the functions of the AWS home',
  },
  async play(given, print) {
    const { playSoak } = await import('../../test/soak/soak.ts');
    const { faults, lines } = await playSoak(given['home'] === true ? 'own' : 'aws', numberOf(given, 'deliveries', 10_000));
    for (const fault of faults.slice(0, 50)) print(fault);
    for (const line of lines) print(line);
    return faults.length === 0 ? 0 : 1;
  },
};
