import { switchKey } from '../../lib/ledger/keys.ts';
import type { LedgerTable } from './ledger.ts';
import type { Stage } from './sender.ts';
import { MINUTE_MS, SECOND_MS } from './world.ts';

/** When nothing may be killed. Epoch ms. */
export type Pause = { from: number; until: number; by: 'parameter' | 'ledger' };

/** Turns the ledger's switch on, as `/mrs pause` does. */
export type PauseByLedger = (untilMs: number) => void;

/** Somebody pauses within half an hour from now, for a while. */
export function pause({ world }: Stage, by: Pause['by'], pauseByLedger: PauseByLedger): Pause {
  const { chance } = world;
  const from = world.now() + chance.whole(0, 30) * MINUTE_MS;
  const until = from + chance.one([chance.whole(5, 60) * SECOND_MS, chance.whole(1, 90) * MINUTE_MS]);
  world.at(from, () => {
    world.tell('operator', by === 'parameter' ? 'turns PAUSED on' : `pauses for ${(until - from) / SECOND_MS} s`);
    if (by === 'ledger') pauseByLedger(until);
  });
  world.at(until, () => world.tell('operator', by === 'parameter' ? 'turns PAUSED off' : 'the pause is over'));
  return { from, until, by };
}

/** Somebody has paused or resumed in Slack: what the table says of that now (epoch ms) is what holds. */
export function notePause({ pauses }: { pauses: Pause[] }, table: LedgerTable, now: number): void {
  const until = table.row(switchKey)?.until ?? 0;
  for (const pause of pauses) if (pause.by === 'ledger' && pause.from <= now && pause.until > now) pause.until = Math.max(now, Math.min(pause.until, until));
  if (until > now && !pauses.some((pause) => pause.by === 'ledger' && pause.from <= now && pause.until >= until)) pauses.push({ from: now, until, by: 'ledger' });
}
