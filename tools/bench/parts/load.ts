import { chmodSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { interleave, type Part, type Row } from '../part.ts';
import { ours, peer } from '../runnable.ts';
import { type Runnable, startCold } from '../starts.ts';

const FUNCTIONS = ['slack', 'alerts', 'api', 'kill'] as const;
/** Only these answer somebody who waits. */
const HURRIED: readonly string[] = ['slack', 'alerts'];

/** Loading alone: nothing is called. */
export const load: Part = {
  name: 'load',
  usesBolt: true,
  about: 'Loading a function: the process until its handler is there',
  async measure(ground) {
    const packed = packCompileCache();
    const cached: Runnable = { ...ours(ground, 'slack') };
    cached.env = { ...cached.env, NODE_COMPILE_CACHE: packed.folder };
    await startCold(cached); // writes it
    packed.close();
    const runs = [cached, peer(ground, 'empty', 'slack'), ...(ground.peers.hasBolt ? [peer(ground, 'bolt', 'slack')] : []), ...FUNCTIONS.map((name) => ours(ground, name))];
    const starts = await interleave(ground.rounds, runs.map((run) => () => startCold(run)));
    packed.remove();
    const [withCache = [], empty = []] = starts;
    const bolt = ground.peers.hasBolt ? (starts[2] ?? []) : undefined;
    const rows = FUNCTIONS.flatMap((name, at): Row[] => {
      const own = starts[runs.length - FUNCTIONS.length + at] ?? [];
      const whole: Row = { what: `${name}: process until loaded`, unit: 'ms', ours: own.map(({ loadedMs }) => loadedMs), peer: { name: 'empty handler', values: empty.map(({ loadedMs }) => loadedMs) } };
      if (!HURRIED.includes(name)) return [whole];
      const beside = bolt && { name: 'Bolt app', values: bolt.map(({ loadMs }) => loadMs) };
      const alone: Row[] = beside ? [{ what: `${name}: import alone`, unit: 'ms', ours: own.map(({ loadMs }) => loadMs), peer: beside, most: { ratio: 0.25 } }] : [];
      return [{ ...whole, most: { ratio: 1.35 } }, ...alone];
    });
    const slack = starts[runs.length - FUNCTIONS.length] ?? [];
    return [...rows, { what: 'slack with a compile cache, as if it were in the package', unit: 'ms', ours: withCache.map(({ loadedMs }) => loadedMs), peer: { name: 'slack without', values: slack.map(({ loadedMs }) => loadedMs) } }];
  },
};

/** A folder for Node's compile cache, which nothing can be written to once it is closed. https://nodejs.org/api/module.html#module-compile-cache */
function packCompileCache(): { folder: string; close(): void; remove(): void } {
  const folder = mkdtempSync(join(tmpdir(), 'mrs-killswitch-cache-'));
  const folders = (): string[] => [folder, ...readdirSync(folder).map((name) => join(folder, name))];
  const allow = (mode: number) => (): void => folders().forEach((one) => chmodSync(one, mode));
  return {
    folder,
    close: allow(0o555),
    remove() {
      allow(0o755)();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
