import type { Package } from './shipped.ts';

/** Licences (SPDX) that ask for no more than to be named along; a package under another one is not shipped without a thought. https://spdx.org/licenses/ */
export const ALLOWED_LICENCES: readonly string[] = ['0BSD', 'Apache-2.0', 'BSD-2-Clause', 'BSD-3-Clause', 'ISC', 'MIT'];

/** A line for each licence with its packages, and whether all of them are allowed. */
export function judgeLicences(packages: readonly Package[]): { lines: string[]; isAllowed: boolean } {
  const byLicence = Map.groupBy(packages, ({ licence = 'no licence' }) => licence);
  const bad = [...byLicence.keys()].filter((licence) => !ALLOWED_LICENCES.includes(licence));
  const lines = [...byLicence].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([licence, those]) => `${licence} (${those.length}): ${those.map(({ name, version }) => `${name}@${version}`).join(', ')}`);
  const end = bad.length === 0 ? `All ${packages.length} are allowed.` : `Not allowed: ${bad.join(', ')}. Take another package, or read the licence and add it to tools/dependencies/licences.ts.`;
  return { lines: [...lines, '', end], isAllowed: bad.length === 0 };
}
