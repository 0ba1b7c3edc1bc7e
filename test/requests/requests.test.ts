import { createHook } from 'node:async_hooks';
import dns from 'node:dns';
import net from 'node:net';
import { afterEach, describe, expect, it } from '@jest/globals';
import { createSend } from '../../lib/http/send.ts';
import { isFullSize } from '../support/full-size.ts';
import type { Drawn } from './draw.ts';
import { KEPT, PLAIN } from './kept.ts';
import { type Outbound, recordOutbound } from './outbound.ts';
import { playRequests } from './play.ts';
import { send } from './send.ts';
import { startWorld, type World } from './world.ts';

const REQUESTS = isFullSize ? 4_000 : 200;

let outbound: Outbound | undefined;
let world: World | undefined;
afterEach(async () => {
  outbound?.stop();
  outbound = undefined;
  await world?.close();
  world = undefined;
});

async function faultsOf(drawn: Partial<Drawn>, change: (world: World) => World = (same) => same, ...more: [wayOut?: Parameters<typeof startWorld>[1]]): Promise<string[]> {
  world = await startWorld({ home: 'aws', matches: true }, ...more);
  outbound = recordOutbound();
  return (await send(change(world), { ...PLAIN, ...drawn }, outbound)).faults;
}

it(`${REQUESTS} requests break nothing, kill nobody whom nobody meant, and lead nowhere (npm run stress plays more)`, async () => {
  const { requests, kills, failures } = await playRequests({ requests: REQUESTS, from: 1, chunk: REQUESTS / 4, measuresMemory: false });
  expect(failures).toEqual([]);
  expect({ requests, kills }).toEqual({ requests: REQUESTS, kills: expect.any(Number) });
}, 300_000);

it.each(KEPT.map(({ broke, drawn }) => [broke, drawn] as const))('%s is not broken any more', async (_, drawn) => {
  expect(await faultsOf(drawn)).toEqual([]);
});

describe('it would be seen', () => {
  it('that a job died', async () => {
    expect(await faultsOf({})).toEqual([]);
  });

  it('that a job died whom nobody meant', async () => {
    expect(await faultsOf({}, (good) => ({ ...good, mayDie: () => false }))).toEqual([expect.stringMatching(/^killed [0-9a-f-]{36}, which nobody meant$/)]);
  });

  it('that something did not work', async () => {
    const drawn = { sample: 'rest/GET /', changes: [] };
    expect(await faultsOf(drawn, (good) => ({ ...good, stage: { ...good.stage, call: async () => ({ status: 500, headers: {}, body: {}, text: '{}' }) } }))).toEqual(['500 {}', 'not in shape: 500 {}']);
  });

  it('that somebody was called for who proves nothing', async () => {
    const asksFirst = (good: World): World => ({
      ...good,
      stage: {
        ...good.stage,
        async call(...given) {
          await fetch(`${good.stage.simulator.url}/v3`);
          return good.stage.call(...given);
        },
      },
    });
    expect(await faultsOf({ proof: 1 }, asksFirst)).toEqual([expect.stringMatching(/^not proven, and left: .*GET \/v3$/)]);
  });

  it.each(['https://evil.example/x', 'http://169.254.169.254/', 'http://trap.of.this.run:1/'])('that a link was followed to %s', async (responseUrl) => {
    const unguarded = (): ReturnType<typeof createSend> => createSend(() => undefined);
    expect(await faultsOf({ sample: 'command/clusters', responseUrl }, undefined, unguarded)).toContainEqual(expect.stringMatching(/^left this machine: |the server that nothing leads to was called/));
  });
});

it('records what Node itself begins: every connection, every name, and nothing else', async () => {
  const begun: Record<string, number> = {};
  outbound = recordOutbound();
  const hook = createHook({ init: (_id, type) => void (begun[type] = (begun[type] ?? 0) + 1) }).enable();
  world = await startWorld({ home: 'own', matches: true });
  await world.refill();
  await new Promise((resolve) => dns.lookup('localhost', resolve));
  await new Promise((resolve) => net.connect({ host: '192.0.2.1', port: 80 }).once('error', resolve));
  await expect(dns.promises.lookup('nobody.invalid')).rejects.toThrow();
  hook.disable();
  const seen = outbound.taken();
  expect(seen.slice(-3)).toEqual(['look up localhost', 'connect 192.0.2.1:80', 'look up nobody.invalid']);
  expect(seen.filter((what) => what.startsWith('connect ')).length - 1).toBe(begun['TCPCONNECTWRAP']); // the one to 192.0.2.1 is not let out
  expect(seen.filter((what) => what.startsWith('look up '))).toHaveLength(begun['GETADDRINFOREQWRAP'] ?? 0);
});
