import * as z from 'zod';
import { formatDuration } from '../core/duration.ts';
import type { Execution, Executions } from '../executions/client.ts';
import type { Message } from './cards.ts';
import { linesMessage } from './lines.ts';
import { code, foreign, person } from './text.ts';

const HISTORY_LENGTH = 10;
const HISTORY_DAYS = 14;
const Input = z.looseObject({
  request: z.looseObject({ requestedBy: z.string(), reason: z.string(), target: z.looseObject({ job: z.looseObject({ id: z.string().optional(), name: z.string().optional() }) }) }),
});
const Result = z.looseObject({ outcome: z.string(), answered_by: z.string().optional() });

/** The newest executions with who, why and outcome, read from Lambda: nothing else keeps them. */
export async function listHistory(executions: Executions, now: Date): Promise<Message> {
  const newest: Execution[] = [];
  const startedAfter = new Date(now.getTime() - HISTORY_DAYS * 86_400_000);
  for await (const execution of executions.list({ startedAfter, mostPages: 1 })) {
    if (execution.name.startsWith('notice-')) continue;
    newest.push(execution);
    if (newest.length === HISTORY_LENGTH) break;
  }
  const lines = await Promise.all(newest.map((execution) => historyLine(executions, execution, now)));
  return linesMessage(newest.length === 0 ? `No kill was asked for in the last ${HISTORY_DAYS} days` : `The last ${newest.length}`, lines);
}

async function historyLine(executions: Executions, { arn, status, startedAt, name }: Execution, now: Date): Promise<string> {
  const { input, result } = await executions.get(arn);
  const { request } = Input.parse(JSON.parse(input));
  const end = result === undefined ? undefined : Result.safeParse(JSON.parse(result)).data;
  const job = request.target.job.id ?? request.target.job.name ?? '';
  const why = request.reason === '' ? '' : `, because ${foreign(request.reason, 100)}`;
  const answered = end?.answered_by === undefined ? '' : `, answered by ${person(end.answered_by)}`;
  const dry = name.includes('-dry-') ? ' (dry run)' : '';
  const ago = formatDuration(now.getTime() - startedAt.getTime());
  return `*${foreign(end?.outcome ?? status.toLowerCase())}*${dry} ${code(job)}, ${ago} ago, asked for by ${person(request.requestedBy)}${why}${answered}`;
}
