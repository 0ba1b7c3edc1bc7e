import type { End } from '../core/end.ts';
import type { Closed } from '../core/request.ts';
import { createLimit } from '../http/limit.ts';
import type { Log } from '../log/log.ts';
import { closeAtDoor } from '../start/close-at-door.ts';
import type { Starter } from '../start/start-all.ts';
import { tellRefused } from './tell-refused.ts';

/** An alert's request that goes no further. `why` in words, without the rule's name; left out where a limit held it back, whose own door tells of it. */
export type Ended = { request: Closed; end: End; deliveryKey: string; why?: string };

/** The sender waits for the answer, however many alerts of a delivery are refused. */
const CLOSE_ALL_FOR_MS = 5_000;
const CLOSED_AT_ONCE = 10;

/** Puts on record what ended at the door, and tells of what was not known there. */
export async function closeEnded(parts: Starter & { log: Log }, source: string, ended: readonly Ended[]): Promise<void> {
  const limit = createLimit(CLOSED_AT_ONCE);
  const closeBy = parts.clock.now() + CLOSE_ALL_FOR_MS;
  const isNew = await Promise.all(ended.map(({ request, deliveryKey, end }) => limit(() => closeAtDoor({ ...parts, closeBy }, request, deliveryKey, end))));
  await tellRefused(parts, source, ended.flatMap(({ request, end, why }, index) => (isNew[index] && why !== undefined ? [{ request, end, why }] : [])));
}
