import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';

const ROOM = 'build/bundles';

/**
 * Plugin of esbuild, for the bundles of serverless.yml. What a function imports lazily is a file of its own, named after the function:
 * serverless-esbuild leaves what begins with another function's name out of a package. Source maps are not shipped; they and
 * esbuild's list of what is in each file are kept in build/bundles. https://esbuild.github.io/api/#splitting
 */
const plugin = {
  name: 'mrs-killswitch',
  setup({ initialOptions: options, onEnd }) {
    const [entry] = options.entryPoints;
    const functionName = basename(entry, '.ts');
    options.splitting = true;
    options.chunkNames = `${functionName}.[name]-[hash]`;
    options.sourcemap = 'external';
    options.metafile = true;
    onEnd(({ metafile }) => {
      if (metafile === undefined) return; // the build failed
      mkdirSync(ROOM, { recursive: true });
      for (const old of readdirSync(ROOM)) if (old.startsWith(`${functionName}.`)) rmSync(join(ROOM, old));
      for (const file of Object.keys(metafile.outputs)) if (file.endsWith('.map')) renameSync(file, join(ROOM, basename(file)));
      writeFileSync(join(ROOM, `${functionName}.json`), JSON.stringify(metafile));
    });
  },
};

export default [plugin];
