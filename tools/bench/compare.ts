/** One way to do the work; `run` does it `times` times. */
export type Contender = { name: string; run: (times: number) => void };

const ROUNDS = 31;
const TIMES = 2_000;

/**
 * Runs the contenders turn by turn in one process and prints the ratio of their median times: machines are shared, so times of
 * their own mean little. The first one is ours.
 */
export function compare(title: string, contenders: readonly Contender[]): void {
  const timesMs = contenders.map((): number[] => []);
  for (let round = -3; round < ROUNDS; round++) {
    for (const [index, { run }] of contenders.entries()) {
      const begun = process.hrtime.bigint();
      run(TIMES);
      const tookMs = Number(process.hrtime.bigint() - begun) / 1e6;
      if (round >= 0) timesMs[index]?.push(tookMs); // the first rounds only warm up
    }
  }
  const medians = timesMs.map((times) => times.toSorted((a, b) => a - b)[Math.floor(ROUNDS / 2)] ?? Number.NaN);
  console.log(title);
  for (const [index, { name }] of contenders.entries()) {
    const ratio = (medians[index] ?? Number.NaN) / (medians[0] ?? Number.NaN);
    console.log(`  ${name.padEnd(40)} ${ratio.toFixed(2)} x`);
  }
}
