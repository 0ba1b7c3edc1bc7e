import { readFileSync, writeFileSync } from 'node:fs';
import type { Plugin } from 'esbuild';

const REQUIRE = "import{createRequire}from'node:module';const require=createRequire(import.meta.url);\n";

/**
 * Plugin of esbuild: what is CommonJS, as undici is, calls `require` for Node's own modules, which an ES module has not got; each file
 * that calls it begins with its own. Not esbuild's `banner`, which all files would have.
 */
export const giveRequire: Plugin = {
  name: 'require',
  setup(build) {
    build.initialOptions.metafile = true;
    build.onEnd(({ metafile }) => {
      const outputs = metafile?.outputs ?? {};
      for (const [file, { imports }] of Object.entries(outputs)) {
        if (!imports.some(({ kind }) => kind === 'require-call')) continue;
        writeFileSync(file, REQUIRE + readFileSync(file, 'utf8'));
        if (`${file}.map` in outputs) moveDown(`${file}.map`);
      }
    });
  },
};

/** All that is mapped stands one line further down. https://tc39.es/ecma426/#sec-mappings-grammar */
function moveDown(mapFile: string): void {
  const map = JSON.parse(readFileSync(mapFile, 'utf8')) as { mappings: string };
  writeFileSync(mapFile, JSON.stringify({ ...map, mappings: `;${map.mappings}` }));
}
