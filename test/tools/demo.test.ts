import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { runTool } from './run-tool.ts';

const cwd = join(import.meta.dirname, '../..');

describe('npm run demo', () => {
  it('plays on the own home, tells what only the other has, and ends as told', async () => {
    const { code, lines } = await runTool('demo', { args: ['--home', '--only', 'cleanup'], cwd });
    expect([code, lines.at(-1)]).toEqual([0, 'All 4 ended as told.']);
    expect(lines[1]).toBe('  --  cleanup: A run that is two hours late: left out, the own home does not deliver late: what it missed it leaves out');
  });

  it('refuses a part that there is not, with one line', async () => {
    const line = 'there is no part tea: there are REST, Slack, alerts, Cloud Eye, cleanup, warned: npm run demo -- --help';
    expect(await runTool('demo', { args: ['--only', 'tea'], cwd })).toMatchObject({ code: 1, lines: [line] });
  });
});
