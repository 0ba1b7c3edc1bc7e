import { parse as parseYaml } from 'yaml';
import { PolicySchema } from '../../lib/policy/schema.ts';
import { blocksOf, spansOf } from './pages.ts';

/** An example of policy.yml, as the text that stands on the page and as a whole policy. */
export type PolicyExample = { written: string; policy: Record<string, unknown> };

const CLUSTERS = {
  analytics: { id: '2b460e01-3351-4170-b0a7-57b9dd5ffef3', project: '0a1b2c3d4e5f60718293a4b5c6d7e8f9', region: 'eu-west-101' },
  dev: { id: 'bc134369-294c-42b7-a707-b2036ba38524' },
};

/** The policies, sections and single rules on a page; YAML that is for something else is left out. */
export function policyExamplesOf(page: string): PolicyExample[] {
  const texts = [...blocksOf(page, 'yaml').map(({ text }) => text), ...spansOf(page).filter((span) => span.startsWith('- { '))];
  return texts.flatMap((written) => {
    const read: unknown = parseYaml(written);
    if (Array.isArray(read)) return [{ written, policy: { clusters: CLUSTERS, [isCleanup(read[0]) ? 'cleanup' : 'alerts']: read } }];
    const isPolicy = typeof read === 'object' && read !== null && Object.keys(read).every((key) => Object.hasOwn(PolicySchema.shape, key));
    return isPolicy ? [{ written, policy: { clusters: CLUSTERS, ...read } }] : [];
  });
}

function isCleanup(rule: unknown): boolean {
  return typeof rule === 'object' && rule !== null && ('olderThan' in rule || 'pendingLongerThan' in rule);
}
