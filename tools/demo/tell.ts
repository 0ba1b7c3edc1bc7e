import type { Step } from './step.ts';

/** What a step ended in. */
export type Played = Pick<Step, 'title' | 'expected'> & { seen: string };

/** What a part did: its steps without those that this home has not, and which of its victims are dead. */
export type PlayedPart = { name: string; steps: Played[]; victims: readonly string[]; dead: readonly string[] };

/** Whether it ended as told. */
export function isAsTold({ expected, seen }: Played): boolean {
  return seen === expected;
}

/** The line of a step, at the moment of its end; `width` is that of the longest title. */
export function stepLine(played: Played, width: number): string {
  const { title, expected, seen } = played;
  const told = isAsTold(played);
  return `  ${told ? 'ok ' : 'BAD'}  ${title.padEnd(width)}  ${seen}${told ? '' : `   expected: ${expected}`}`;
}

/** The line of a step that is not played. */
export function leftOutLine({ title }: Pick<Step, 'title'>, why: string, width: number): string {
  return `  --   ${title.padEnd(width)}  left out: ${why}`;
}

/** The end of a demo: a row for each part, and one for the jobs that were not to die. `killed` are all jobs that died of a kill. */
export function summaryOf(parts: readonly PlayedPart[], killed: readonly string[]): { text: string; isGood: boolean } {
  const victims = parts.flatMap((part) => part.victims);
  const others = killed.filter((id) => !victims.includes(id));
  const alive = victims.filter((id) => !killed.includes(id));
  const isRight = others.length === 0 && alive.length === 0;
  const table = [
    ['trigger', 'steps', 'as told', 'jobs killed'],
    ...parts.map(({ name, steps, victims: own, dead }) => [name, String(steps.length), String(steps.filter(isAsTold).length), `${dead.length} of ${own.length}`]),
    ['no other job', '1', isRight ? '1' : '0', String(others.length)],
  ];
  const widths = [0, 1, 2, 3].map((column) => Math.max(...table.map((row) => row[column]?.length ?? 0)));
  const lines = table.map(([name = '', ...numbers]) => [name.padEnd(widths[0] ?? 0), ...numbers.map((cell, at) => cell.padStart(widths[at + 1] ?? 0))].join('  '));

  const all = parts.flatMap(({ steps }) => steps);
  const bad = all.filter((step) => !isAsTold(step)).length + (isRight ? 0 : 1);
  const wrong = [...(others.length > 0 ? [`BAD: killed, and not meant: ${others.join(', ')}.`] : []), ...(alive.length > 0 ? [`BAD: meant, and not killed: ${alive.join(', ')}.`] : [])];
  const end = bad === 0 ? `All ${all.length + 1} ended as told.` : `${bad} of ${all.length + 1} did not end as told.`;
  return { text: [...lines, '', ...wrong, end].join('\n'), isGood: bad === 0 };
}
