import type { Clock } from '../../lib/core/time.ts';
import { openSend } from '../../lib/http/send.ts';
import type { ForMany } from '../../lib/mrs/connect.ts';
import { runOutside } from '../engine/invocation.ts';

/** What is asked once for many runs goes on where the run that asked first is revoked: the others still wait for it. */
export function forManyRuns(clock: Clock): ForMany {
  return { openSend, clock: { ...clock, sleep: (ms, signal) => runOutside(() => clock.sleep(ms, signal)) } };
}
