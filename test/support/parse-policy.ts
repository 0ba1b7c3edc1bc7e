import { parsePolicy as parse } from '../../lib/policy/parse.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { SOURCE_NAMES } from '../../lib/alerts/sources.ts';

/** Reads a policy as the build does, with the alert sources that there are. Throws PolicyInvalid. */
export function parsePolicy(yamlText: string, context: { hasBotToken: boolean; file: string }): Policy {
  return parse(yamlText, { ...context, sources: SOURCE_NAMES });
}
