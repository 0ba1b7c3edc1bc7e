import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT } from '../serve/process.ts';

/** A copy of the product, as far as the own home needs it. */
export type Tree = { path: string; remove: () => void };

const PARTS = ['home', 'lib', 'package.json'];

/** The product as it is here, or as a commit has it. Throws where git does not know that. */
export function copyTree(commit?: string): Tree {
  const path = mkdtempSync(join(tmpdir(), 'tree-'));
  if (commit === undefined) for (const part of PARTS) cpSync(join(ROOT, part), join(path, part), { recursive: true });
  else execFileSync('tar', ['-x', '-C', path], { input: execFileSync('git', ['archive', commit, ...PARTS], { cwd: ROOT, maxBuffer: 1e8 }) });
  symlinkSync(join(ROOT, 'node_modules'), join(path, 'node_modules'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
}

type Change = { file: string; from: RegExp; to: string };

/** Each alone would make a replay red: a move in front of all others, and moves that are called something else. */
const MOVED: readonly Change[] = [
  { file: 'lib/start/run-payload.ts', from: /const moves = durableMoves\(context\);/, to: "$&\n  await moves.step('first-of-all', async () => true, 60);" },
  { file: 'lib/start/run-warning.ts', from: /const end = await runWarning\(/, to: "await durableMoves(context).step('first-of-all', async () => true, 60);\n  $&" },
  { file: 'lib/kill/run.ts', from: /moves\.step\('look'/, to: "moves.step('find'" },
  { file: 'lib/kill/kill-and-follow.ts', from: /moves\.step\('killing'/, to: "moves.step('under-way'" },
];
const RAISED: Change = { file: 'lib/start/workflow-version.ts', from: /WORKFLOW_VERSION = '(.*)'/, to: "WORKFLOW_VERSION = '$1 and another'" };

/** Gives the copy another workflow; `isRaised`: and the version that says so. Throws where the code to change is not there any more. */
export function moveSteps({ path }: Tree, isRaised = true): void {
  for (const { file, from, to } of isRaised ? [...MOVED, RAISED] : MOVED) {
    const before = readFileSync(join(path, file), 'utf8');
    const after = before.replace(from, to);
    if (after === before) throw new Error(`${file} has no ${String(from)} any more: say in test/home/upgrade/trees.ts what to change instead`);
    writeFileSync(join(path, file), after);
  }
}
