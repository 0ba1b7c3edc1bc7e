import { expect, it } from '@jest/globals';
import { play } from './simulation.ts';

it('plays', async () => {
  const t0 = performance.now();
  const rules = new Map<string, number[]>();
  let starts = 0, kills = 0;
  const [from, to] = (process.env['SEEDS'] ?? '1-30').split('-').map(Number) as [number, number];
  for (let seed = from; seed <= to; seed++) {
    const played = await play(seed, { isTold: process.env['STORY'] === String(seed) });
    starts += played.starts; kills += played.kills;
    for (const { rule } of played.faults) rules.set(rule, [...(rules.get(rule) ?? []), seed]);
    if (played.story.length) process.stdout.write(played.story.join('\n') + '\n');
    for (const f of played.faults) if (f.rule.startsWith('the simulation')) process.stdout.write(`${seed} ${f.line}\n`);
  }
  process.stdout.write(`${Math.round(performance.now() - t0)} ms ${starts} starts ${kills} kills\n`);
  for (const [rule, seeds] of rules) process.stdout.write(`${rule}: ${seeds.length} ${seeds.slice(0, 12).join(' ')}\n`);
  expect(1).toBe(1);
}, 600_000);
