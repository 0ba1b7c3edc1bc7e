import type { DurableExecutionClient } from '@aws/durable-execution-sdk-js';
import { describe, expect, it } from '@jest/globals';
import { SettingsInvalid } from '../../lib/core/errors.ts';
import { createDurableHandler } from '../../lib/house/durable-handler.ts';
import { createLog } from '../../lib/log/log.ts';
import { createFakeClock } from '../http/fake-clock.ts';
import { lambdaContext } from '../support/http-event.ts';

const UNREADABLE = new SettingsInvalid([{ name: 'HW_USER_PASSWORD', problem: 'cannot be read' }]);
const EVENT = {
  DurableExecutionArn: 'arn:kill', CheckpointToken: 't',
  InitialExecutionState: { Operations: [{ Id: '0', Type: 'EXECUTION', Status: 'STARTED', StartTimestamp: new Date(0), ExecutionDetails: { InputPayload: '{"asked":1}' } }] },
};
/** A handler whose settings can be read, or not, time by time; the last word stays. */
function start(...readable: boolean[]) {
  const clock = createFakeClock('2026-11-28T12:00:00Z');
  const lines: string[] = [];
  const did: string[] = [];
  let reads = 0;
  const client = { checkpoint: async () => (did.push('checkpoint'), { CheckpointToken: 'u' }), getExecutionState: async () => ({ Operations: [] }) } as unknown as DurableExecutionClient;
  const log = createLog({ level: 'error', now: clock.now, write: (line) => void lines.push((JSON.parse(line) as { message: string }).message) });
  const house = {
    refresh: async () => void did.push('refresh'),
    loadStarting: () => {
      if (!(readable.length > 1 ? readable.shift() : readable[0])) throw UNREADABLE;
      return { settings: { askTimeoutSec: ++reads }, policyHash: 'h' } as never;
    },
  };
  const handler = createDurableHandler({ clock, log }, house, async (parts, payload, context) => {
    await context.step('its only one', async () => 1);
    return { outcome: JSON.stringify([parts.askTimeoutSec, parts.policyHash, payload]) } as never;
  }, client);
  return { clock, lines, did, run: async () => (await (handler as (event: unknown, context: unknown) => Promise<{ Result?: string }>)(EVENT, lambdaContext())).Result ?? '' };
}
const ran = (reads: number): string => JSON.stringify({ outcome: JSON.stringify([reads, 'h', { asked: 1 }]) });

describe('a durable function', () => {
  it('reads secrets and settings before the run goes on, each time anew', async () => {
    const { run, did, lines, clock } = start(true);
    expect([await run(), await run()]).toEqual([ran(1), ran(2)]);
    expect(did.filter((what) => what === 'refresh')).toHaveLength(2);
    expect(did).toContain('checkpoint'); // by the client that it was given
    expect([lines, clock.sleeps]).toEqual([[], []]);
  });

  it('waits for settings that cannot be read yet', async () => {
    const { run, did, lines, clock } = start(false, false, true);
    expect(await run()).toBe(ran(1));
    expect(clock.sleeps).toEqual([5_500, 5_500]);
    expect(did.slice(0, 3)).toEqual(['refresh', 'refresh', 'refresh']);
    expect(lines).toEqual(['the settings cannot be read: the run waits', 'the settings cannot be read: the run waits']);
  });

  it('gives this invocation up before half a minute is over: the service repeats it', async () => {
    const { run, clock } = start(false);
    await expect(run()).rejects.toBe(UNREADABLE);
    expect(clock.sleeps).toEqual([5_500, 5_500, 5_500, 5_500, 5_500]);
  });

  it('goes on by the settings of before where the new ones cannot be read', async () => {
    const { run, lines, clock } = start(true, false);
    expect([await run(), await run()]).toEqual([ran(1), ran(1)]);
    expect([lines, clock.sleeps]).toEqual([['the settings cannot be read: the run goes on by those of before'], []]);
  });
});
