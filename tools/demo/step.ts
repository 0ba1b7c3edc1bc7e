import type { Simulator } from '../../test/simulator/simulator.ts';
import type { Home, HomeName } from './homes.ts';

/** What a step of the demo works with. */
export type Stage = { url: string; clean: Home['clean']; simulator: Simulator; apiToken: string; alertToken: string; signingSecret: string };

/** One step: what is tried, what it has to end in, and what it ended in; `only`: the home that has it, and why the other one has not. */
export type Step = { title: string; expected: string; play: (stage: Stage) => Promise<string>; only?: { home: HomeName; why: string } };

/** One trigger: what it needs before its steps, the steps, and the jobs that have to be dead after them. Every other job has to live. */
export type Part = { name: string; steps: Step[]; victims: string[]; prepare: (stage: Stage) => void };

/** The cluster `dev` of the demo's policy. */
export const DEV = 'bc134369-294c-42b7-a707-b2036ba38524';
export const HOUR_MS = 3_600_000;

const PATIENCE_MS = 15_000;

/** Asks until there is an answer; rejects after 15 s with what was waited for. */
export async function waitFor<T>(what: string, ask: () => T | undefined): Promise<T> {
  const giveUpAt = Date.now() + PATIENCE_MS;
  for (;;) {
    const answer = ask();
    if (answer !== undefined) return answer;
    if (Date.now() > giveUpAt) throw new Error(`waited 15 s for ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** The first words of the message of the bot that speaks of `job`, once it is an end. */
export function endInSlack({ simulator }: Stage, job: string): Promise<string> {
  return waitFor(`the end of ${job} in Slack`, () => {
    const said = [...simulator.slack.messages(), ...simulator.slack.ephemerals()].findLast(({ blocks }) => JSON.stringify(blocks).includes(job));
    const words = said?.text.split(': ')[0] ?? '';
    return /^(?:Kill this job|Killing)/.test(words) || words === '' ? undefined : words;
  });
}
