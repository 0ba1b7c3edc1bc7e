import * as z from 'zod';
import { formatDuration } from '../core/time.ts';
import { isPick, targetText } from '../core/request.ts';
import type { Engine, Execution, KillPayload } from '../start/engine.ts';
import { linesMessage, type Message } from './cards.ts';
import { asker, code, foreign, person } from './text.ts';

const HISTORY_LENGTH = 10;
const HISTORY_DAYS = 14;
const Result = z.looseObject({ outcome: z.string(), answered_by: z.string().optional() });

/** The newest executions with who, why and outcome, read from Lambda: nothing else keeps them. */
export async function listHistory(engine: Engine, now: Date): Promise<Message> {
  const newest: Execution[] = [];
  const startedAfter = new Date(now.getTime() - HISTORY_DAYS * 86_400_000);
  for await (const execution of engine.list({ startedAfter, mostPages: 1 })) {
    if (execution.name.startsWith('notice-')) continue;
    newest.push(execution);
    if (newest.length === HISTORY_LENGTH) break;
  }
  const lines = await Promise.all(newest.map((execution) => historyLine(engine, execution, now)));
  return linesMessage(newest.length === 0 ? `No kill was asked for in the last ${HISTORY_DAYS} days` : `The last ${newest.length}`, lines);
}

async function historyLine(engine: Engine, { arn, status, startedAt, name }: Execution, now: Date): Promise<string> {
  const { input, result } = await engine.get(arn);
  const { request } = JSON.parse(input) as Exclude<KillPayload, { kind: 'notice' }>; // our own
  const end = result === undefined ? undefined : Result.safeParse(JSON.parse(result)).data;
  const why = request.reason === '' ? '' : `, because ${foreign(request.reason, 100)}`;
  const answered = end?.answered_by === undefined ? '' : `, answered by ${person(end.answered_by)}`;
  // Notices and picks kill nothing themselves, and are named so.
  const dry = name.includes('-dry-') && request.action !== 'notify' && !isPick(request) ? ' (dry run)' : '';
  const ago = formatDuration(now.getTime() - startedAt.getTime());
  return `*${foreign(end?.outcome ?? status.toLowerCase())}*${dry} ${code(targetText(request.target))}, ${ago} ago, asked for by ${asker(request.trigger, request.requestedBy)}${why}${answered}`;
}
