import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { type Template, toTemplate } from './template.ts';
import { readZip } from './zip.ts';

const ROOT = join(import.meta.dirname, '../..');
const PARTS = ['serverless.yml', 'serverless', 'package.json', 'tsconfig.json', 'policy.yml', 'functions', 'lib', 'tools'];

/** https://esbuild.github.io/api/#metafile */
export type BundleOutput = { bytes: number; entryPoint?: string; inputs: Record<string, { bytesInOutput: number }>; imports: { path: string; kind: string; external?: boolean }[] };

export type Packaged = {
  template: Template;
  /** The template as text, as it would be uploaded, and where it stands. */
  templateText: string;
  templateFile: string;
  /** The files in the package of a function, by path. */
  filesOf(functionName: string): Map<string, Buffer>;
  /** What esbuild wrote of its bundle, and of each file that is loaded lazily, by path. */
  outputsOf(functionName: string): Record<string, BundleOutput>;
  /** Size of that package in bytes. */
  sizeOf(functionName: string): number;
  remove(): void;
};

/**
 * Runs `serverless package` as `npm run deploy` would, in a copy: in the checkout it deletes the bundles of a local start that
 * runs there. `root`: of another checkout. Nothing of this process's environment is known to it but where programs are: no account, no home folder.
 */
export async function packageCopy(stage: string, env: Record<string, string>, root = ROOT): Promise<Packaged> {
  const folder = mkdtempSync(join(tmpdir(), 'mrs-killswitch-package-'));
  const zipOf = (functionName: string): Buffer => readFileSync(join(folder, '.serverless', `${functionName}.zip`));
  try {
    for (const part of PARTS) cpSync(join(root, part), join(folder, part), { recursive: true });
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    await run(folder, join(root, 'node_modules/.bin'), ['package', '--stage', stage], env);
    const templateFile = join(folder, '.serverless/cloudformation-template-update-stack.json');
    const templateText = readFileSync(templateFile, 'utf8');
    return {
      template: toTemplate(JSON.parse(templateText)),
      templateText,
      templateFile,
      filesOf: (functionName) => readZip(zipOf(functionName)),
      outputsOf: (functionName) => {
        const { outputs } = JSON.parse(readFileSync(join(folder, 'build/bundles', `${functionName}.json`), 'utf8')) as { outputs: Record<string, BundleOutput> };
        return Object.fromEntries(Object.entries(outputs).filter(([path]) => !path.endsWith('.map')));
      },
      sizeOf: (functionName) => zipOf(functionName).length,
      remove: () => rmSync(folder, { recursive: true, force: true }),
    };
  } catch (error) {
    rmSync(folder, { recursive: true, force: true });
    throw error;
  }
}

async function run(folder: string, binaries: string, args: string[], env: Record<string, string>): Promise<void> {
  const child = spawn(join(binaries, 'serverless'), args, {
    cwd: folder,
    env: { PATH: [binaries, process.env['PATH']].join(delimiter), HOME: folder, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => void (output += text));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`serverless ${args.join(' ')} ended with ${code}:\n${output}`);
}
