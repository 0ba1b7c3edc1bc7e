import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { runTool } from './run-tool.ts';

const cwd = join(import.meta.dirname, '../..');

describe('npm run upgrade', () => {
  it.each([[['--help'], 0, 'npm run upgrade -- [--from <commit>]'], [['--to', 'HEAD'], 1, '--to is no option of npm run upgrade'], [['--from', 'no-such-commit'], 1, '--from no-such-commit: git knows no such commit here']])('%j: %d', async (args, expected, said) => {
    const { code, output } = await runTool('upgrade', { args, cwd });
    expect(output).toContain(said);
    expect(code).toBe(expected);
  });
});
