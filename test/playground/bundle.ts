import { join } from 'node:path';
import { build } from 'esbuild';

/** The page's files by the end of their name, as the browser gets them. */
export type Bundle = { js: string; css: string };

/** Bundles the page with all that it needs, so that nothing is fetched from elsewhere. Into memory. */
export async function bundlePage(): Promise<Bundle> {
  const { outputFiles } = await build({
    entryPoints: ['main.tsx', 'style.css'].map((file) => join(import.meta.dirname, 'page', file)),
    bundle: true,
    write: false,
    outdir: 'page',
    format: 'esm',
    target: 'es2022',
    minify: true,
    jsx: 'automatic',
    define: { 'process.env.NODE_ENV': '"production"' },
    legalComments: 'none',
    logLevel: 'silent', // what is wrong is thrown
  });
  const textOf = (end: string): string => outputFiles.find(({ path }) => path.endsWith(end))?.text ?? '';
  return { js: textOf('.js'), css: textOf('.css') };
}
