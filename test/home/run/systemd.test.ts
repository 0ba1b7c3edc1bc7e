import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { findProgram } from '../../support/program.ts';

const UNIT = join(import.meta.dirname, '../../../home/run/mrs-killswitch.service');
const analyze = findProgram('systemd-analyze');
if (analyze === undefined) console.warn('SKIPPED: there is no systemd-analyze here (Debian: apt-get install systemd), so it did not judge the unit.');
const describeReal = analyze === undefined ? describe.skip : describe;

const settings = readFileSync(UNIT, 'utf8').split('\n').filter((line) => /^\w+=/.test(line));

describe('the unit', () => {
  it('has what the store, the network and the end of the process need', () => {
    expect(settings).toEqual(expect.arrayContaining([
      'Type=exec',
      'DynamicUser=yes',
      'StateDirectory=mrs-killswitch',
      'Environment=STORE_FILE=/var/lib/mrs-killswitch/killswitch.sqlite',
      'RestrictAddressFamilies=AF_INET AF_INET6 AF_UNIX',
      'TimeoutStopSec=40',
      'Restart=on-failure',
      'StartLimitIntervalSec=0',
    ]));
  });

  it('leaves V8 what it needs: memory that is written and then run', () => {
    expect(settings.filter((line) => line.startsWith('MemoryDenyWriteExecute'))).toEqual([]);
  });

  it('holds no secret', () => {
    expect(settings.filter((line) => line.startsWith('Environment=')).map((line) => line.split('=')[1])).toEqual(['PATH', 'SERVE_OPTIONS', 'STORE_FILE']);
  });
});

describeReal('systemd-analyze', () => {
  const run = (...args: string[]): { status: number | null; said: string } => {
    const { status, stdout, stderr } = spawnSync(analyze ?? '', [...args, UNIT], { encoding: 'utf8' });
    return { status, said: `${stdout}${stderr}` };
  };

  it('verifies it without a word', () => {
    const { status, said } = run('verify');
    expect([status, said.split('\n').filter((line) => line.includes('mrs-killswitch'))]).toEqual([0, []]);
  });

  it('finds its exposure low: 1.1 of 10 by version 252, and no more than 1.5', () => {
    const { status, said } = run('security', '--offline=yes', '--no-pager', '--threshold=15');
    expect([status, /exposure level .*/.exec(said)?.[0]]).toEqual([0, expect.any(String)]);
  });
});
