import type { Simulator } from '../simulator/simulator.ts';

/** Calls that went out, and those of them that were spoilt. */
export type Spoilt = { calls: number; spoilt: number };

/** Decides for each call whether it goes wrong, and counts. */
export function spoiler(random: () => number, share: number): { counted: Spoilt; /** Which of the ways; undefined where it goes well. */ choose: <Way>(ways: readonly Way[]) => Way | undefined } {
  const counted: Spoilt = { calls: 0, spoilt: 0 };
  return {
    counted,
    choose(ways) {
      counted.calls += 1;
      if (random() >= share) return undefined;
      counted.spoilt += 1;
      return ways[Math.floor(random() * ways.length)];
    },
  };
}

/** MRS, IAM and Slack: no answer before or after the effect, busy, throttled, slow. Of each request one decision. */
export function spoilSimulator(simulator: Simulator, choose: <Way>(ways: readonly Way[]) => Way | undefined, hangsUp: boolean): void {
  const ways = [
    ...(hangsUp ? [{ hangUp: true } as const, { hangUp: true, thenDo: 'effect' } as const] : []),
    { status: 503, body: { error_code: '0180', error_msg: 'The service is busy.' } },
    { status: 429, headers: { 'retry-after': '1' } },
    { delayMs: 700 },
  ];
  let chosen: (typeof ways)[number] | undefined;
  // All of them are asked in turn for each request: the first one draws.
  ways.forEach((way, index) => simulator.fault({
    on: 'any',
    times: Infinity,
    when() {
      if (index === 0) chosen = choose(ways);
      return chosen === way;
    },
    ...way,
  }));
}
