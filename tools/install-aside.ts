import { execFileSync } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';

/** `from`: the folder with package.json, lockfile and .npmrc. `into`: below build/, not below tools/, which packaging copies. `without`: what to do where no registry is in reach. */
type Aside = { what: string; from: string; into: string; without: string; say: (line: string) => void };

/**
 * Installs what one command needs and the checkout has not, by a lockfile of its own, where that is not done yet.
 * Throws where it cannot be installed.
 */
export function installAside({ what, from, into, without, say }: Aside): void {
  const lock = join(into, 'package-lock.json');
  const isThere = existsSync(join(into, 'node_modules')) && existsSync(lock) && readFileSync(lock).equals(readFileSync(join(from, 'package-lock.json')));
  if (isThere) return;
  say(`Installing ${what}, once`);
  mkdirSync(into, { recursive: true });
  rmSync(lock, { force: true });
  for (const file of ['package.json', '.npmrc']) copyFileSync(join(from, file), join(into, file));
  copyFileSync(join(from, 'package-lock.json'), lock);
  try {
    execFileSync('npm', ['ci', '--ignore-scripts'], { cwd: into, stdio: ['ignore', 'ignore', 'pipe'] });
  } catch (error) {
    rmSync(lock, { force: true });
    throw new Error(`${what} could not be installed. Is a package registry in reach? ${without}\n${String((error as { stderr?: Buffer }).stderr ?? error)}`, { cause: error });
  }
}
