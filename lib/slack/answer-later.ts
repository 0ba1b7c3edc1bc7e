import { AppError } from '../core/errors.ts';
import { NoAnswer, type OpenSend } from '../http/send.ts';
import type { Reporter } from '../core/report.ts';
import { LedgerFailed } from '../ledger/port.ts';
import type { Log } from '../log/log.ts';
import type { Settings } from '../settings/settings.ts';
import type { Message } from './cards.ts';
import { closeCard } from './close-card.ts';
import { type ListParts, startListed } from './cleanup-list.ts';
import { tellLateClick } from './late-click.ts';
import type { LaterTask, SpentButton } from './later.ts';
import { turnSwitch } from './pause.ts';
import { readFor, type ReadParts } from './reads.ts';
import { takeButton } from './take-button.ts';
import { createSlack } from './web-api.ts';

/** What doing a task needs. */
export type TaskParts = ReadParts & ListParts & { reporter: Reporter; settings: Pick<Settings, 'slack'>; openSend: OpenSend };

const RESPONSE_HOSTS = ['https://hooks.slack.com', 'https://hooks.slack-gov.com'];
const TIMEOUT_MS = 10_000;
const LEDGER_AWAY = 'The ledger could not be read, so there is no answer now. Please try again.';

/**
 * Does a task that was handed over, and posts the result to its `response_url`, as a note that only the person sees. `onDone` is called
 * when all is done but the posting: what was asked for is on record by then.
 */
export async function answerLater(load: () => TaskParts, log: Log, task: LaterTask, onDone: () => void = () => undefined): Promise<void> {
  const parts = load();
  const { text, blocks, replaces = false } = await messageFor(parts, log, task).catch((error: unknown): Answer => {
    log.error('an answer could not be found', { task: task.slackTask, error });
    return { text: error instanceof LedgerFailed ? LEDGER_AWAY : 'This could not be answered; the log says why.', blocks: [] };
  });
  onDone();
  const { origin } = new URL(parts.settings.slack.apiUrl);
  // It came from a request: signed by Slack, and still only Slack's own hosts are called.
  const send = parts.openSend([...RESPONSE_HOSTS, origin]);
  try {
    const answer = await send({
      method: 'POST',
      url: new URL(task.responseUrl),
      headers: { 'content-type': 'application/json; charset=utf-8' },
      body: JSON.stringify({ response_type: 'ephemeral', replace_original: replaces, text, ...(blocks.length > 0 && { blocks }) }),
      timeoutMs: TIMEOUT_MS,
    });
    if (answer.status !== 200) log.warn('Slack did not take an answer', { task: task.slackTask, status: answer.status });
  } catch (error) {
    // Not thrown on: Lambda would run the task again, and the link would stand in its error.
    log.warn('an answer could not be posted', { task: task.slackTask, fault: nameFault(error) });
  }
}

/** Without the link, which is a secret of sorts. Codes and not class names: those are cut short in the bundle. */
function nameFault(error: unknown): string {
  if (error instanceof NoAnswer) return error.message;
  return error instanceof AppError ? error.code : (error as Error).name;
}

/** `replaces`: it takes the place of the message that was clicked, whose button has done its work. */
type Answer = Message & { replaces?: boolean };

async function messageFor(parts: TaskParts, log: Log, task: LaterTask): Promise<Answer> {
  switch (task.slackTask) {
    case 'note':
      if (task.start) await closeCard(parts, log, task.start);
      if (task.spent) await takeSpent(parts, log, task.spent);
      return task.message;
    case 'late':
      return { text: await tellLateClick(parts, log, task), blocks: [] };
    case 'read':
      return readFor(parts, task.command);
    case 'switch':
      return turnSwitch(parts, log, task);
    case 'cleanup': {
      const { text, isDone } = await startListed(parts, log, task);
      return { text, blocks: [], replaces: isDone };
    }
  }
}

async function takeSpent({ openSend, settings: { slack: { apiUrl, botToken } } }: TaskParts, log: Log, spent: SpentButton): Promise<void> {
  if (botToken !== undefined) await takeButton(createSlack({ apiUrl, botToken, send: openSend([apiUrl]) }), log, spent);
}
