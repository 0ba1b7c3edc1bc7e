import type { BrakeParts } from '../kill/brake.ts';
import { LedgerFailed } from '../ledger/port.ts';
import { pausedUntil } from '../ledger/switch.ts';
import { readCall } from './read-ends.ts';
import { dayAndTime } from './text.ts';

/** Both halves of the off switch as they stand now: the setting, and until when (epoch ms) the ledger's is on. */
export type Pause = { setting: boolean; until: number | undefined | 'unreadable' };
export type PauseReader = BrakeParts;

/** Reads both halves of the off switch. */
export async function readPause(parts: PauseReader): Promise<Pause> {
  const [setting, until] = await Promise.all([parts.readPaused(), pausedUntil(parts.ledger, readCall(parts)).catch(unreadable)]);
  return { setting: setting !== false, until };
}

function unreadable(error: unknown): 'unreadable' {
  if (!(error instanceof LedgerFailed)) throw error;
  return 'unreadable';
}

/** What a setting needs that keeps everything paused. */
export const MEND_SETTING = 'PAUSED is on or cannot be read, so nothing is killed: set it to `false` in the deployment, or in the parameter or file that it names';

/** That nothing is killed now, and what ends it; undefined where neither half is on. */
export function pauseWords({ setting, until }: Pause): string | undefined {
  if (setting) return MEND_SETTING;
  if (until === 'unreadable') return 'the ledger does not answer, so nobody knows whether there is a pause: nothing is killed until it answers again';
  return until === undefined ? undefined : `paused until ${dayAndTime(until)}: nothing is killed until then, or until somebody writes \`/mrs resume\``;
}
