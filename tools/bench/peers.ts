import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { build, type BuildOptions } from 'esbuild';
import { parse } from 'yaml';
import { giveRequire } from '../esbuild-require.ts';

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
  const lock = join(INSTALLED, 'package-lock.json');
  const isThere = existsSync(join(INSTALLED, 'node_modules')) && existsSync(lock) && readFileSync(lock).equals(readFileSync(join(SOURCES, 'package-lock.json')));
  if (isThere) return;
  say('Installing the Bolt app that is measured beside: tools/bench/peers/package.json, once, into build/bench-peers');
  mkdirSync(INSTALLED, { recursive: true });
  rmSync(lock, { force: true });
  for (const file of ['package.json', '.npmrc']) copyFileSync(join(SOURCES, file), join(INSTALLED, file));
  copyFileSync(join(SOURCES, 'package-lock.json'), lock);
  try {
    execFileSync('npm', ['ci', '--ignore-scripts'], { cwd: INSTALLED, stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    rmSync(lock, { force: true });
    throw new Error(`The Bolt app could not be installed. Is a package registry in reach? Without it: npm run bench -- --without-bolt\n${String((error as { stderr?: Buffer }).stderr ?? error)}`, { cause: error });
  }
}
