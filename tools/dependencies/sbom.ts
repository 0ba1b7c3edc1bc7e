import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runNpm } from './run-npm.ts';
import type { Shipped } from './shipped.ts';

/**
 * The bill of materials of what is shipped, as JSON of CycloneDX, and how many packages it lists. Made by `npm sbom` over files that name
 * nothing else: with `--omit dev` it leaves out a package that is shipped where something of development depends on it too. Throws where npm
 * makes none. https://docs.npmjs.com/cli/v11/commands/npm-sbom
 */
export async function makeBillOfMaterials({ manifest, lockfile }: Shipped): Promise<{ text: string; count: number }> {
  const place = mkdtempSync(join(tmpdir(), 'sbom-'));
  try {
    const folder = join(place, String(manifest['name'])); // npm calls the whole by its folder
    mkdirSync(folder);
    writeFileSync(join(folder, 'package.json'), JSON.stringify(manifest));
    writeFileSync(join(folder, 'package-lock.json'), JSON.stringify(lockfile));
    const { code, stdout, stderr } = await runNpm(['sbom', '--sbom-format', 'cyclonedx', '--sbom-type', 'application', '--package-lock-only'], folder);
    if (code !== 0) throw new Error(`npm sbom ended with ${code}: ${stderr}`);
    return { text: stdout, count: (JSON.parse(stdout) as { components: unknown[] }).components.length };
  } finally {
    rmSync(place, { recursive: true, force: true });
  }
}
