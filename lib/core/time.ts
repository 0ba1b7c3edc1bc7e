/** Time comes in as an argument, so that tests can write it down. */
export type Clock = {
  /** Epoch milliseconds: the time by which all goes here, which does not run backwards at home. */
  now: () => number;
  /** Epoch milliseconds by the machine's own clock, right or wrong: for what is compared with the clocks of others, and for nothing else. */
  wall: () => number;
  /** Resolves after `ms`; rejects at once when the signal aborts. */
  sleep: (ms: number, signal?: AbortSignal) => Promise<void>;
  /** 0 ≤ x < 1, to spread retries. */
  random: () => number;
  /** How many ms between these two moments (epoch ms) never ran, since the clock was set forward over them; left out where nobody watches it. */
  skippedMs?: (since: number, until: number) => number;
  /** What is wrong with the machine's clock: it is behind what was seen already, or was set forward within a day. */
  state?: () => 'behind' | 'jumped' | undefined;
};

const DAY_MS = 86_400_000;

/**
 * Now (epoch ms) without what the clock jumped over within a day: what holds a kill back (a pause, a keep, the places of an hour) ends
 * by this, and so never early because the clock was set forward.
 */
export function nowThatRan({ now, skippedMs }: Pick<Clock, 'now' | 'skippedMs'>): number {
  const nowMs = now();
  return nowMs - (skippedMs?.(nowMs - DAY_MS, nowMs) ?? 0);
}

const UNIT_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 } as const;

/** A whole number of seconds, minutes, hours, days or weeks, and not zero. */
export const DURATION_PATTERN = /^(?!0+[smhdw])(\d{1,6})([smhdw])$/;

/** Reads `90s`, `30m`, `6h`, `2d`, `2w` as milliseconds; undefined for anything else (`6`, `-6h`, `1h30m`, `6 hours`) and for zero. */
export function parseDurationMs(text: string): number | undefined {
  const match = DURATION_PATTERN.exec(text);
  return match ? Number(match[1]) * UNIT_MS[match[2] as keyof typeof UNIT_MS] : undefined;
}

/** A moment (epoch ms) for people where nothing is known of their own clock: `2026-11-28 16:30 UTC`. */
export function utcText(at: number): string {
  return `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}

/** Its time of the day alone, where it is near: `16:30 UTC`. */
export function utcTimeText(at: number): string {
  return utcText(at).slice(11);
}

/** Milliseconds for people, in the two largest units: `3 d 4 h`, `6 h 2 min`, `12 min`, `45 s`. */
export function formatDuration(durationMs: number): string {
  const seconds = Math.max(0, Math.round(durationMs / 1_000));
  const parts: [number, string][] = [
    [Math.floor(seconds / 86_400), 'd'],
    [Math.floor((seconds % 86_400) / 3_600), 'h'],
    [Math.floor((seconds % 3_600) / 60), 'min'],
    [seconds % 60, 's'],
  ];
  const first = parts.findIndex(([count]) => count > 0);
  if (first < 0) return '0 s';
  return parts
    .slice(first, first + 2)
    .filter(([count]) => count > 0)
    .map(([count, unit]) => `${count} ${unit}`)
    .join(' ');
}

/** The same as short as policy.yml writes it, for a button: `2h`, `1h 30m`. */
export function shortDuration(durationMs: number): string {
  return formatDuration(durationMs).replaceAll(/(\d+) ([dhms])(?:in)?/g, '$1$2');
}
