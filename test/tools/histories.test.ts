import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { WORKFLOW_VERSION } from '../../lib/start/workflow-version.ts';
import { runTool } from './run-tool.ts';

const cwd = join(import.meta.dirname, '../..');

describe('npm run histories', () => {
  it('writes over no histories: executions of that version may be open', async () => {
    const { code, lines } = await runTool('histories', { cwd });
    expect(lines).toEqual([`test/fixtures/histories/${WORKFLOW_VERSION} is there: executions of workflow version ${WORKFLOW_VERSION} may be open. Raise it in lib/start/workflow-version.ts first.`]);
    expect(code).toBe(1);
  });

  it('--help says what it does', async () => {
    const { code, output } = await runTool('histories', { args: ['--help'], cwd });
    expect(output).toContain('test/fixtures/histories/<workflow version>');
    expect(code).toBe(0);
  });
});
