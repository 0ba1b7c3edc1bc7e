import type { DurableBackend } from '../local/durable-backend.ts';
import type { Cloud } from '../simulator/cloud.ts';
import { isKilledByRequest } from '../simulator/jobs.ts';
import { buttonsOf } from '../simulator/slack-client.ts';
import type { Key } from '../../lib/ledger/port.ts';
import { type Actor, shortName } from './actor.ts';
import type { LedgerTable } from './ledger.ts';
import type { World } from './world.ts';

export type EndJudge = {
  onStarted: (name: string) => void;
  onSlack: (actor: Actor, method: string, body: Record<string, unknown>, answer: Record<string, unknown>) => void;
  onWritten: (actor: Actor, keys: readonly Key[]) => void;
  judgeAtTheEnd: (backend: DurableBackend) => void;
};

const FIRST_WORDS = /^(Killed|Ended by itself|Already over|Would be killed|Refused|Declined|Expired|Not found|Ambiguous|Still running|Failed)/;

/** Judges what became of each start: that it ended, in one way, truly, and that people were told. */
export function judgeEnds(world: World, table: LedgerTable, cloud: Cloud): EndJudge {
  const started: string[] = [];
  const said = new Map<string, string[]>();

  return {
    onStarted: (name) => void started.push(name),
    onSlack(actor, method, body, answer) {
      const [word] = FIRST_WORDS.exec(String(body['text'])) ?? [];
      if (method.startsWith('chat.') && word !== undefined && answer['ok'] === true) {
        const of = actor.execution.replace(/^end-/, '') || actor.name.replace(/^notice (.*)#\d+$/, '$1');
        said.set(shortName(of), [...(said.get(shortName(of)) ?? []), word]);
      }
    },
    onWritten: () => void table,
    judgeAtTheEnd(backend) {
      for (const { name, status } of backend.list({ oldestFirst: true })) {
        if (status === 'RUNNING') world.blame('a start that never ends', shortName(name));
        if (name.startsWith('notice-') || name.startsWith('end-')) continue;
        if (!said.has(shortName(name))) world.blame('an end that nobody was told', `${shortName(name)} ${status}`);
      }
      for (const message of cloud.slack.messages) {
        if (buttonsOf(message).length > 0) world.blame('a card that keeps its buttons', `${message.ts} ${message.text}`);
      }
      void isKilledByRequest;
    },
  };
}
