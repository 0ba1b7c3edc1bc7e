import type { Warner } from './warner.ts';

/** What stands until a moment stands in it, too: it is over after this. */
export const AFTER_MS = 1;

/** Waits until a moment (epoch ms) is over, however long that is. `name` is constant for a place in the run. */
export async function waitPast({ moves, clock }: Pick<Warner, 'moves' | 'clock'>, name: string, until: number): Promise<void> {
  await moves.repeat<{ leftMs: number }>(name, { leftMs: 1 }, async () => ({ leftMs: until + AFTER_MS - clock.now() }), ({ leftMs }) => (leftMs > 0 ? Math.ceil(leftMs / 1_000) : undefined));
}
