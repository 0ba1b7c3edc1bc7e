import type { Show, View } from '../core/report.ts';
import type { KillRequest, MessageRef, Requested } from '../core/request.ts';
import type { Clock } from '../core/time.ts';
import { startPartition } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/port.ts';
import type { Log } from '../log/log.ts';
import { countLostReport } from '../log/metrics.ts';
import type { StartId } from './start-id.ts';
import type { Moves } from './moves.ts';
import { listAll, readKnown } from './remember.ts';

type Shower = { show?: Show; moves: Moves; log: Log };
type CardReader = { show?: Show; moves: Moves; ledger: Ledger; clock: Clock };

/** How long a report, an End and `told` are tried again. */
export const REPORT_FOR_SEC = 30 * 60;
/** How long a message waits for the End that it says. */
export const END_FOR_SEC = 5 * 60;

/** The cards of a start as the ledger knows them now. Throws LedgerFailed. */
export function readCards({ moves, ledger, clock }: CardReader, step: string, { name, start }: StartId, retryForSec: number): Promise<MessageRef[]> {
  return moves.step(step, async () => readKnown(start, [], await listAll(ledger, startPartition(name), clock.now())).cards, retryForSec);
}

/** The same; none where nothing is shown, or the ledger cannot be read. */
export async function readCardsIfShown(parts: CardReader, id: StartId, step: string): Promise<MessageRef[]> {
  return parts.show === undefined ? [] : readCards(parts, step, id, END_FOR_SEC).catch(() => []);
}

/** The messages of all rounds of a warning, which its first one knows; none of what is no warning. */
export async function readCardsOfWarning(parts: CardReader, request: Requested, id: StartId, step: string): Promise<MessageRef[]> {
  const { warns, warning } = request as KillRequest;
  return warns || warning !== undefined ? readCardsIfShown(parts, warning?.first ?? id, step) : [];
}

/** Shows an end on each of these cards besides another, its steps numbered from `first` on: whoever reports more than once has numbers of its own. */
export async function showOnCards(parts: Shower, request: Requested, view: () => Extract<View, { stage: 'end' }>, cards: readonly MessageRef[], first: number): Promise<void> {
  for (const [index, card] of cards.entries()) await showOrLog(parts, `report-${index + first}`, request, () => ({ ...view(), isCopy: true }), card);
}

/** Shows a view, tried again for half an hour; false where nobody saw it: the log has it then, with what an operator has to mend. */
export async function showOrLog(parts: Shower, name: 'report' | `report-${number}`, request: Requested, view: () => View, card?: MessageRef): Promise<boolean> {
  const { show, moves } = parts;
  if (show === undefined) return false;
  try {
    return await moves.step(name, async () => (await show(request, view(), card)) !== undefined, REPORT_FOR_SEC);
  } catch (error) {
    await logLost(parts, name, request, view(), error);
    return false;
  }
}

/** A message that nobody got is counted, which raises an alarm; the log has it, with what an operator has to mend. */
export async function logLost({ moves, log }: Pick<Shower, 'moves' | 'log'>, name: string, request: Requested, view: View, error: unknown): Promise<void> {
  const fault = (error as Error).message;
  await moves.step(`${name}-lost`, async () => {
    countLostReport(log);
    log.error('report could not be posted', { kill_id: request.killId, fault, view });
  });
}

/** Cards of several lists, each message once. */
export function eachOnce<Card extends MessageRef>(...lists: readonly (readonly Card[])[]): Card[] {
  const all = lists.flat();
  return all.filter(({ channel, ts }, index) => all.findIndex((card) => card.channel === channel && card.ts === ts) === index);
}
