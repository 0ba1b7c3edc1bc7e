import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';

// What is asked for beside something else may fail when nobody waits for it any more. Node ends a process for that, so each runs in its own.

const ROOT = join(import.meta.dirname, '../..');
const CLOCK = 'const clock = { now: Date.now, wall: Date.now, sleep: (ms) => new Promise((go) => setTimeout(go, ms)), random: Math.random };';

function unhandledIn(program: string): string {
  const noted = "process.on('unhandledRejection', (error) => console.log(String(error)));";
  return execFileSync(process.execPath, ['--input-type=module', '--eval', `${noted}${CLOCK}${program}`], { cwd: ROOT, encoding: 'utf8', timeout: 30_000 });
}

it('a bug in reading the brakes does not end the process where the look ended the request before', () => {
  expect(unhandledIn(`
    const { examine } = await import('./lib/kill/examine.ts');
    const look = async () => { await clock.sleep(20); return { found: 'none', reason: 'no such job' }; };
    const readBrake = async () => { throw new TypeError('a bug'); };
    const { end } = await examine({ clock, policy: {}, look, readBrake }, { action: 'kill' }, { job: { by: 'mrs-id', id: '1' } }, Infinity);
    await clock.sleep(20);
    if (end.outcome !== 'not-found') console.log(end);`)).toBe('');
});

it('a bug in closing dead starts does not end the process while the rules of cleanup run, and is said', () => {
  expect(unhandledIn(`
    const { handleCleanup } = await import('./lib/cleanup/handle-schedule.ts');
    const ledger = { list: async () => { throw new TypeError('a bug'); }, get: async (keys) => keys.map(() => undefined) };
    const log = { info() {}, warn() {}, error() {} };
    const readPaused = async () => { await clock.sleep(20); return false; };
    const parts = { clock, ledger, log, policy: { cleanup: [], limits: {} }, clusters: [], starter: { ledger, clock, log }, readPaused };
    const said = await handleCleanup(() => parts, log, {}).catch(({ message }) => message);
    if (said !== 'a bug') console.log(said);`)).toBe('');
});
