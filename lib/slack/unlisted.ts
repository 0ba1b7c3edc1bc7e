import { nearestWord } from '../core/near-names.ts';
import type { Cluster } from '../mrs/cluster.ts';
import { code } from './text.ts';

/** That a cluster which a person named is not listed, and which one they may have meant. */
export function unlistedText(typed: string, clusters: readonly Cluster[]): string {
  const near = nearestWord(typed, clusters.map(({ name }) => name));
  return `${code(typed)} is not listed in policy.yml; ${near === undefined ? '' : `did you mean ${code(near)}? `}\`/mrs clusters\` shows those that are`;
}
