import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import { parse } from 'yaml';
import { giveRequire } from '../esbuild-require.ts';
import { installAside } from '../install-aside.ts';

const ROOT = join(import.meta.dirname, '../..');
const SOURCES = join(import.meta.dirname, 'peers');
/** Not below tools/, which packaging copies. */
const INSTALLED = join(ROOT, 'build/bench-peers');

const PEERS = ['empty', 'starts', 'floor', 'bare', 'pages'] as const;
type PeerName = (typeof PEERS)[number] | 'bolt';

export type PeerFiles = {
  /** The bundle of that peer. Throws for one that was left out. */
  fileOf(name: PeerName): string;
  hasBolt: boolean;
  remove(): void;
};

/**
 * Bundles the peers as serverless.yml has our functions bundled. With `hasBolt` the one app that needs more than the checkout has is
 * among them: what it needs is installed first, where it is not yet. Throws where that cannot be installed.
 */
export async function bundlePeers({ hasBolt, say }: { hasBolt: boolean; say: (line: string) => void }): Promise<PeerFiles> {
  if (hasBolt) installPeers(say);
  const folder = mkdtempSync(join(tmpdir(), 'mrs-killswitch-peers-'));
  const names: PeerName[] = hasBolt ? [...PEERS, 'bolt'] : [...PEERS];
  await build({
    ...bundleOptions(),
    entryPoints: names.map((name) => join(SOURCES, `${name}.mjs`)),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    nodePaths: [join(INSTALLED, 'node_modules'), join(ROOT, 'node_modules')],
    logLevel: 'error',
  });
  return {
    fileOf(name) {
      if (!names.includes(name)) throw new Error(`the peer ${name} was left out`);
      return join(folder, `${name}.mjs`);
    },
    hasBolt,
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function bundleOptions(): BuildOptions {
  const { custom } = parse(readFileSync(join(ROOT, 'serverless.yml'), 'utf8'), { logLevel: 'error' }) as { custom: { esbuild: BuildOptions } };
  const { bundle, minify, platform, target, format, mainFields } = custom.esbuild;
  const given = { bundle, minify, platform, target, format, mainFields };
  return { ...Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)), plugins: [giveRequire] };
}

function installPeers(say: (line: string) => void): void {
  installAside({ what: 'the Bolt app that is measured beside: tools/bench/peers/package.json, into build/bench-peers', from: SOURCES, into: INSTALLED, without: 'Without it: npm run bench -- --without-bolt', say });
}
