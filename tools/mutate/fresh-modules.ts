import { readFileSync } from 'node:fs';
import { registerHooks, stripTypeScriptTypes } from 'node:module';
import { fileURLToPath, pathToFileURL } from 'node:url';

const GLOBALS = 'jest:globals';
const NAMES = ['afterAll', 'afterEach', 'beforeAll', 'beforeEach', 'describe', 'expect', 'it', 'jest', 'test'];

/**
 * From now on each call of what it returns imports a file below `root`, and all that it imports there, as if for the first time;
 * packages stay loaded. `globals` is what `@jest/globals` is to them. Nothing is ever unloaded: a process of this should not live long.
 */
export function loadFresh(root: string, globals: Readonly<Record<string, unknown>>): (path: string) => Promise<void> {
  const rootUrl = pathToFileURL(`${root}/`).href;
  const sources = new Map<string, string>();
  let load = 0;
  const isOurs = (url: string): boolean => url.startsWith(rootUrl) && !url.includes('/node_modules/') && url.endsWith('.ts');
  Object.assign(globalThis, { [Symbol.for(GLOBALS)]: globals });
  registerHooks({
    resolve(specifier, context, next) {
      if (specifier === '@jest/globals') return { url: GLOBALS, format: 'module', shortCircuit: true };
      const resolved = next(specifier, context);
      return isOurs(resolved.url) ? { ...resolved, format: 'module', url: `${resolved.url}?load=${load}` } : resolved;
    },
    load(url, context, next) {
      if (url === GLOBALS) return { format: 'module', source: `export const { ${NAMES.join(', ')} } = globalThis[Symbol.for('${GLOBALS}')];`, shortCircuit: true };
      const [file = url, query] = url.split('?load=');
      if (query === undefined || !isOurs(file)) return next(url, context);
      const source = sources.get(file) ?? stripTypeScriptTypes(readFileSync(fileURLToPath(file), 'utf8'));
      sources.set(file, source);
      return { format: 'module', source, shortCircuit: true };
    },
  });
  return async (path) => {
    load++;
    await import(pathToFileURL(path).href);
  };
}
