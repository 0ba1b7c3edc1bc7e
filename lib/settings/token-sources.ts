import { referenceIn } from './references.ts';
import { AlertTokens } from './tokens.ts';

/**
 * What is wrong with the sources that `ALERT_TOKENS` binds its tokens to: a token of a source that there is not lets nobody in.
 * `sources` are those that there are. Only the number of the entry is said, never what stands there.
 */
export function checkTokenSources(alertTokens: string | undefined, sources: readonly string[]): { name: string; problem: string }[] {
  if (!alertTokens || referenceIn(alertTokens) !== undefined || referenceIn(alertTokens, 'own') !== undefined) return [];
  const { data: tokens = [] } = AlertTokens.safeParse(alertTokens);
  return tokens.flatMap(({ source }, index) =>
    source === undefined || sources.includes(source) ? [] : [{ name: 'ALERT_TOKENS', problem: `entry ${index + 1}: there is no alert source of that name; they are ${sources.join(', ')}` }],
  );
}
