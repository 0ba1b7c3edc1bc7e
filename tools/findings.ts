/** One thing that was looked at, or was left out. `text` of what is not ok says what to do, of what was left out why. */
export type Finding = { verdict: 'ok' | 'warning' | 'BAD' | 'skipped'; about: string; text: string };

export const ok = (about: string, text: string): Finding => ({ verdict: 'ok', about, text });
export const warning = (about: string, text: string): Finding => ({ verdict: 'warning', about, text });
export const bad = (about: string, text: string): Finding => ({ verdict: 'BAD', about, text });
export const skipped = (about: string, text: string): Finding => ({ verdict: 'skipped', about, text });

/** `BAD     PAUSED: has to be true or false`: always one line without control characters, since parts of the text come from outside. */
export function findingLine({ verdict, about, text }: Finding): string {
  return `${verdict.padEnd(7)} ${`${about}: ${text}`.replace(/[\p{Cc}\s]+/gu, ' ')}`;
}

/** Prints findings as they are made, and returns how many were BAD. */
export async function printFindings(findings: AsyncIterable<Finding> | Iterable<Finding>, print: (line: string) => void): Promise<number> {
  let badOnes = 0;
  for await (const finding of findings) {
    print(findingLine(finding));
    if (finding.verdict === 'BAD') badOnes++;
  }
  return badOnes;
}
