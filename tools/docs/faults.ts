import { CANNOT_BE, LEGEND, TABLE } from '../../test/faults/table.ts';

/** The table of faults with how to read it, out of the one that the tests hold the product to. */
export function faultsTable(): string {
  const reasons = Object.entries(CANNOT_BE).map(([mark, why]) => `- ${mark} cannot be: ${why}.`);
  return [TABLE.trim(), LEGEND.trim(), reasons.join('\n')].join('\n\n');
}
