import { buttonsOf } from '../simulator/slack-client.ts';
import type { FieldCase } from './case.ts';
import type { Played } from './play.ts';

/** What is not as it should be, in words; nothing where all is right. */
export function judge({ right, logs = [] }: FieldCase, { stage, jobs, answers, missed }: Played): string[] {
  const { simulator } = stage;
  const killedIds = simulator.kills().map(({ path }) => path.split('/').at(-2));
  const faults = missed.map((button) => `no card ever had the button ${button}`);
  const expect = (what: string, found: unknown, wanted: unknown): void => {
    if (found !== wanted) faults.push(`${what}: ${String(found)}, and ${String(wanted)} is right`);
  };

  for (const [key, count] of Object.entries(right.kills ?? {})) expect(`kills of ${key}`, killedIds.filter((id) => id === jobs.get(key)?.job_id).length, count);
  if (right.total !== undefined) expect('kills in all', killedIds.length, right.total);
  for (const [index, pattern] of (right.answers ?? []).entries()) {
    const answer = answers[index] ?? 'none';
    if (pattern !== null && !new RegExp(pattern).test(answer)) faults.push(`answer ${index + 1}: ${answer}, and /${pattern}/ is right`);
  }
  const messages = simulator.slack.messages();
  const said = [
    ...[...messages, ...simulator.slack.ephemerals()].flatMap((message) => [message, ...message.history].map(({ text, blocks }) => `${text}\n${JSON.stringify(blocks)}`)),
    ...simulator.slack.responses().map(({ body }) => JSON.stringify(body)),
    ...answers,
  ];
  for (const pattern of right.notes ?? []) if (!said.some((text) => new RegExp(pattern).test(text))) faults.push(`nothing in Slack fits /${pattern}/`);
  for (const pattern of right.unsaid ?? []) faults.push(...said.filter((text) => new RegExp(pattern).test(text)).map((text) => `said in Slack: ${text.slice(0, 200)}`));
  if (right.cards !== undefined) expect('cards with buttons', messages.filter((message) => buttonsOf(message).length > 0).length, right.cards);
  if (right.asked !== undefined) expect('cards that had buttons', messages.filter((message) => [message, ...message.history].some((version) => buttonsOf(version).length > 0)).length, right.asked);

  const warnings = stage.log().filter(({ level }) => level === 'warn').map((line) => JSON.stringify(line));
  for (const pattern of logs) if (!warnings.some((line) => new RegExp(pattern).test(line))) faults.push(`no warning fits /${pattern}/`);
  return faults;
}
