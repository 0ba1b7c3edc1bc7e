import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { stepLine, summaryOf } from '../../tools/demo/tell.ts';
import { runTool } from './run-tool.ts';

const cwd = join(import.meta.dirname, '../..');

describe('npm run demo', () => {
  it('plays on the own home, tells what only the other has, and ends as told', async () => {
    const { code, lines } = await runTool('demo', { args: ['--home', '--only', 'cleanup'], cwd });
    expect([code, lines.at(-1)]).toEqual([0, 'All 4 ended as told.']);
    expect(lines.slice(1, 4)).toEqual([
      'cleanup',
      '  --   A run that is two hours late          left out: the own home does not deliver late: what it missed it leaves out',
      '  ok   The run of this hour                  stale-notebooks: 1 of 1 started',
    ]);
    expect(lines.slice(-4)).toEqual([
      'trigger       steps  as told  jobs killed',
      'cleanup           3        3       1 of 1',
      'no other job      1        1            0',
      'All 4 ended as told.',
    ]);
  });

  it('refuses a part that there is not, with one line', async () => {
    const line = '--only tea: there is no such part; there are REST, Slack, alerts, Cloud Eye, cleanup, warned';
    expect(await runTool('demo', { args: ['--only', 'tea'], cwd })).toMatchObject({ code: 1, lines: [line] });
  });
});

describe('the end of a demo', () => {
  const good = { title: 'A', expected: 'Killed', seen: 'Killed' };
  const bad = { title: 'B', expected: 'Killed', seen: 'Expired' };
  const endOf = (steps: typeof good[], killed: string[]): [boolean, ...string[]] => {
    const victims = ['job-1', 'job-2'];
    const { text, isGood } = summaryOf([{ name: 'REST', steps, victims, dead: victims.filter((id) => killed.includes(id)) }], killed);
    return [isGood, ...text.split('\n').slice(1).filter((line) => line !== '')];
  };

  it('is good where all ended as told and the victims are dead', () => {
    expect(endOf([good, good], ['job-2', 'job-1'])).toEqual([true, 'REST              2        2       2 of 2', 'no other job      1        1            0', 'All 3 ended as told.']);
  });

  it.each([
    ['a step ended otherwise', [good, bad], ['job-1', 'job-2'], ['REST              2        1       2 of 2', 'no other job      1        1            0']],
    ['a victim lives', [good, good], ['job-1'], ['REST              2        2       1 of 2', 'no other job      1        0            0', 'BAD: meant, and not killed: job-2.']],
    ['another job is dead', [good, good], ['job-1', 'job-2', 'job-3'], ['REST              2        2       2 of 2', 'no other job      1        0            1', 'BAD: killed, and not meant: job-3.']],
  ])('is bad where %s', (_, steps, killed, lines) => {
    expect(endOf(steps, killed)).toEqual([false, ...lines, '1 of 3 did not end as told.']);
  });

  it('has said of each bad step what was expected', () => {
    expect([stepLine(good, 3), stepLine(bad, 3)]).toEqual(['  ok   A    Killed', '  BAD  B    Expired   expected: Killed']);
  });
});
