import { isBuiltin } from 'node:module';
import type { Plugin } from 'esbuild';

/**
 * Plugin of esbuild: what is CommonJS, as undici is, calls `require` for Node's own modules, which an ES module has not got. It gets them
 * from the process. https://nodejs.org/api/process.html#processgetbuiltinmoduleid
 */
export const giveRequire: Plugin = {
  name: 'require',
  setup(build) {
    build.onResolve({ filter: /./ }, ({ kind, path }) => (kind === 'require-call' && isBuiltin(path) ? { path, namespace: 'built-in' } : undefined));
    build.onLoad({ filter: /./, namespace: 'built-in' }, ({ path }) => ({ contents: `module.exports = process.getBuiltinModule(${JSON.stringify(path)});` }));
  },
};
