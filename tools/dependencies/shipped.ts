import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** One package as the lockfile has it; `licence` as its author wrote it, an SPDX expression. */
export type Package = { name: string; version: string; licence: string | undefined };

/** What of a project is shipped: its two files without all that only development needs, and the packages in them. */
export type Shipped = { manifest: Record<string, unknown>; lockfile: { packages: Record<string, object> }; packages: Package[] };

type LockedPackage = { version?: string; license?: string; dev?: boolean; optional?: boolean; devOptional?: boolean };

/** Reads package.json and package-lock.json of `root`. https://docs.npmjs.com/cli/v11/configuring-npm/package-lock-json */
export function readShipped(root: string): Shipped {
  const manifest = withoutDevelopment(readJson(join(root, 'package.json')));
  const lockfile = readJson(join(root, 'package-lock.json')) as { packages: Record<string, LockedPackage> };
  const shipped = Object.entries(lockfile.packages).filter(([, { dev, optional, devOptional }]) => !dev && !optional && !devOptional);
  const packages = shipped
    .filter(([path]) => path !== '') // the project itself
    .map(([path, { version = '', license }]) => ({ name: path.replace(/^.*node_modules\//, ''), version, licence: license }));
  const kept = shipped.map(([path, locked]) => [path, path === '' ? withoutDevelopment(locked) : locked]);
  return { manifest, lockfile: { ...lockfile, packages: Object.fromEntries(kept) as Record<string, object> }, packages };
}

function withoutDevelopment(manifest: object): Record<string, unknown> {
  return Object.fromEntries(Object.entries(manifest).filter(([name]) => name !== 'devDependencies' && name !== 'optionalDependencies'));
}

function readJson(file: string): Record<string, unknown> {
  return JSON.parse(readFileSync(file, 'utf8')) as Record<string, unknown>;
}
