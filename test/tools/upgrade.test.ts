import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { runTool } from './run-tool.ts';

const cwd = join(import.meta.dirname, '../..');

describe('npm run upgrade', () => {
  it.each([[['--help'], 0, 'npm run upgrade -- [--from <commit>]'], [['--to', 'HEAD'], 2, 'see npm run upgrade -- --help']])('%j: %d', async (args, expected, said) => {
    const { code, output } = await runTool('upgrade', { args, cwd });
    expect(output).toContain(said);
    expect(code).toBe(expected);
  });
});
