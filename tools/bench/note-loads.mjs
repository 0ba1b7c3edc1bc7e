// Given to a process by --import: notes each file that it loads from then on, by size. Not where times are measured.
import { statSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';

globalThis.loadedFiles = [];
registerHooks({
  load(url, context, nextLoad) {
    if (url.startsWith('file:')) globalThis.loadedFiles.push({ file: fileURLToPath(url), bytes: statSync(fileURLToPath(url)).size });
    return nextLoad(url, context);
  },
});
