import { describe, expect, it } from '@jest/globals';
import type { OpenExecution } from '../../home/engine/open-executions.ts';
import { buttonsOf } from '../simulator/slack-client.ts';
import type { DurableBackendOptions } from '../local/durable-backend.ts';
import { inMemory } from './engines.ts';
import { type Played, playScene, type Scene } from './scene.ts';
import { SCENES } from './scenes.ts';

/** Those with a wait: for an answer, a time, or another try. One click comes before the run sleeps: it never rests. */
const WAITING = SCENES.filter(({ name, runs }) => !name.startsWith('a click that comes before') && runs.some((run) => /\((?:wait|callback)\)|×|!PENDING/.test(run)));

/** What comes once more where somebody takes over: a line of the audit, and a POST that MRS refuses, and that so has no effect. */
const ONCE_MORE: Record<string, Partial<Played>> = {
  'a kill that MRS refuses': { posts: 3 },
  'Slack away for three calls': { ends: ['killed', 'killed'] },
  'Slack away for good': { ends: ['killed', 'killed'] },
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
  it.each(WAITING)('$name', async (scene) => {
    const { waits, upgradeAt } = atEachWait();
    const { played: { ends, posts, killed }, messages } = await playAndRead(scene, { upgradeAt });
    expect(waits.size).toBeGreaterThan(0);
    expect({ ends: ends.toSorted(), posts, killed }).toEqual({ ends: scene.ends.toSorted(), posts: scene.posts, killed: scene.killed, ...ONCE_MORE[scene.name] });
    expect(messages).toEqual((await playAndRead(scene)).messages);
  });
});
