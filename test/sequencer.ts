import { createRequire } from 'node:module';
import { relative, sep } from 'node:path';

const { default: Sequencer } = createRequire(import.meta.url)('@jest/test-sequencer') as typeof import('@jest/test-sequencer', { with: { 'resolution-mode': 'require' } });
type Tests = Parameters<InstanceType<typeof Sequencer>['sort']>[0];

/**
 * What takes longest, the longest first; a name stands for all whose path begins with it. Jest knows only how long a file took when it
 * last ran here, and a clean checkout has not run any.
 */
const SLOW = [
  'test/tools/bench', 'test/deploy/', 'test/e2e/', 'test/home/serve/', 'test/simulation/', 'test/kill/ledger-fails', 'test/tools/smoke', 'test/log/series', 'test/workflow/crash',
  'test/tools/conformance', 'test/scenes/', 'test/home/socket-mode/', 'test/alertmanager/', 'test/home/', 'test/tools/', 'test/field/', 'test/policy/schema', 'test/kill/brake',
];

/** Starts the slow files first: one that begins last keeps one processor busy, and the others wait. */
export default class SlowFirst extends Sequencer {
  override sort(tests: Tests): Tests {
    const rankOf = (path: string): number => {
      const file = relative(process.cwd(), path).split(sep).join('/');
      const rank = SLOW.findIndex((slow) => file.startsWith(slow));
      return rank === -1 ? SLOW.length : rank;
    };
    return [...tests].toSorted((a, b) => rankOf(a.path) - rankOf(b.path) || a.path.localeCompare(b.path));
  }
}
