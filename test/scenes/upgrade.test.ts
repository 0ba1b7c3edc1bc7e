import { describe, expect, it } from '@jest/globals';
import type { OpenExecution } from '../../home/engine/open-executions.ts';
import { buttonsOf } from '../simulator/slack-client.ts';
import { HOUR_MS } from '../stage/cleanup.ts';
import { thinned } from '../support/full-size.ts';
import type { DurableBackendOptions } from '../local/durable-backend.ts';
import { alert } from './alerted.ts';
import { inMemory } from './engines.ts';
import { type Played, playScene, type Scene } from './scene.ts';
import { SCENES } from './scenes.ts';

/** One never rests: its click comes before the run sleeps. One is as another with fewer calls, and slow. */
const LEFT_OUT = ['a click that comes before the run sleeps', 'Slack away for good'];
/** Those with a wait: for an answer, a time, or another try. */
const WAITING = SCENES.filter(({ name, runs }) => !LEFT_OUT.includes(name) && runs.some((run) => /\((?:wait|callback)\)|×|!PENDING/.test(run)));

/** What comes once more where somebody takes over: a line of the audit, and a POST that MRS refuses, and that so has no effect. */
const ONCE_MORE: Record<string, Partial<Played>> = {
  'a kill that MRS refuses': { posts: 3 },
  'Slack away for three calls': { ends: ['killed', 'killed'] },
  'warned, and Slack away all the while': { ends: ['refused: warn', 'refused: warn'] },
};

/** Upgrades at each wait once: where an execution is at a move at which it has not been upgraded yet. */
function atEachWait(): { waits: Set<string>; upgradeAt: (open: OpenExecution[]) => boolean } {
  const waits = new Set<string>();
  return {
    waits,
    upgradeAt(open) {
      const before = waits.size;
      for (const { name, at = '' } of open) waits.add(`${name} ${at.replace(/-\d+$/, '')}`);
      return waits.size > before;
    },
  };
}

/** Plays it; with what stands in Slack then. */
async function playAndRead(scene: Scene, durable: Partial<DurableBackendOptions> = {}): Promise<{ played: Played; messages: string[] }> {
  let messages: string[] = [];
  const played = await playScene({ ...scene, durable: { ...scene.durable, ...durable } }, inMemory, ({ simulator }) => {
    messages = simulator.slack.messages().map((message) => [message.channel, message.text.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, 'a job'), ...buttonsOf(message).map(({ action_id: id }) => id)].join(' '));
  });
  return { played, messages };
}

describe('upgraded at each of its waits, and begun anew there, it comes to the same', () => {
  it.each(thinned(WAITING, 3))('$name', async (scene) => {
    const { waits, upgradeAt } = atEachWait();
    const { played: { ends, posts, killed }, messages } = await playAndRead(scene, { upgradeAt });
    expect(waits.size).toBeGreaterThan(0);
    expect({ ends: ends.toSorted(), posts, killed }).toEqual({ ends: scene.ends.toSorted(), posts: scene.posts, killed: scene.killed, ...ONCE_MORE[scene.name] });
    expect(messages).toEqual((await playAndRead(scene)).messages);
  });
});

it('a button that tells people stands no longer for an upgrade: 8 h, and not until the execution has no time left', async () => {
  const told: Scene = {
    name: 'told', env: { FOLLOW_TIMEOUT_SEC: '60' }, ends: ['notified'], posts: 0, killed: [], runs: [],
    async play(stage) {
      const toldAt = stage.now();
      stage.clock.stopAt(toldAt);
      await alert('Told')(stage);
      for (const hours of [3, 6]) {
        stage.clock.stopAt(toldAt + hours * HOUR_MS);
        await stage.idle();
        stage.backend.upgrade();
      }
      stage.clock.stopAt(toldAt + 8.7 * HOUR_MS);
    },
  };
  const { played: { ends, posts }, messages } = await playAndRead(told);
  expect([ends, posts, messages]).toEqual([['notified'], 0, [expect.not.stringMatching(/start$/)]]);
});
