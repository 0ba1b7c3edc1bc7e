import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { giveRequire } from './esbuild-require.ts';

const ROOM = 'build/bundles';

/**
 * Plugin of esbuild, for the bundles of serverless.yml. A function is one file of what it needs for its first answer, and one for each
 * part that it imports lazily, named after the function: serverless-esbuild leaves what begins with another function's name out of a
 * package. Source maps are shipped with SOURCE_MAPS=true only; else they, and esbuild's list of what is in each file, are kept in build/bundles.
 * https://esbuild.github.io/api/#splitting
 */
const splitting = {
  name: 'splitting',
  setup({ initialOptions: options, resolve, onResolve, onLoad, onEnd }) {
    const entry = join(process.cwd(), options.entryPoints[0]);
    const functionName = basename(entry, '.ts');
    options.splitting = true;
    options.chunkNames = `${functionName}.[name]-[hash]`;
    const shipsMaps = process.env.SOURCE_MAPS === 'true';
    options.sourcemap = shipsMaps ? 'linked' : 'external';
    options.metafile = true;
    // The durable SDK knows its errors by the names of their classes; nothing else does, and names are a twelfth of a bundle.
    options.keepNames = ['kill', 'warn'].includes(functionName);

    // Each lazy part imports the function that imports it too, so that all that is there already is shared by all, and thus in one file:
    // else esbuild makes one for each set of parts that share something, twenty to be opened at a cold start.
    onResolve({ filter: /^\./ }, async ({ kind, path, resolveDir }) => {
      if (kind !== 'dynamic-import') return;
      const { path: file, errors } = await resolve(path, { kind: 'import-statement', resolveDir });
      return { path: file, namespace: 'lazy', errors };
    });
    onLoad({ filter: /./, namespace: 'lazy' }, ({ path }) => ({
      contents: `import ${JSON.stringify(entry)}; export * from ${JSON.stringify(path)};`,
      resolveDir: dirname(path),
    }));

    onEnd(({ metafile }) => {
      if (metafile === undefined) return; // the build failed
      mkdirSync(ROOM, { recursive: true });
      for (const old of readdirSync(ROOM)) if (old.startsWith(`${functionName}.`)) rmSync(join(ROOM, old));
      const maps = Object.keys(metafile.outputs).filter((file) => file.endsWith('.map'));
      if (!shipsMaps) for (const file of maps) renameSync(file, join(ROOM, basename(file)));
      writeFileSync(join(ROOM, `${functionName}.json`), JSON.stringify(metafile));
    });
  },
};

export default [giveRequire, splitting];
