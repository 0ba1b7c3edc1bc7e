import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';

export type ToolEnd = { code: number | null; output: string; lines: string[] };

/** Runs `tools/<name>.ts` in `cwd` with this environment and no other, as its npm script would. */
export async function runTool(name: string, { args = [], env = {}, cwd }: { args?: string[]; env?: Record<string, string>; cwd: string }): Promise<ToolEnd> {
  const file = join(import.meta.dirname, '../../tools', `${name}.ts`);
  const child = spawn(process.execPath, [file, ...args], { cwd, env: { PATH: process.env['PATH'], ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => void (output += text));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, output, lines: output.split('\n').filter((line) => line !== '') };
}
