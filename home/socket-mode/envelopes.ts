import { AppError } from '../../lib/core/errors.ts';
import type { Clock } from '../../lib/core/time.ts';
import { fieldsOf } from '../../lib/http/json.ts';
import { type HttpReply, type HttpRequest, noteRefusal, replyToError } from '../../lib/http/reply.ts';
import type { Log } from '../../lib/log/log.ts';
import { ACTION_PATH, COMMAND_PATH } from '../../lib/slack/receive-command.ts';
import type { Envelope } from './connection.ts';

/** Does what a command or a click asks for: resolves once that is on disk, and rejects where it is not. */
export type Receive = (request: HttpRequest) => Promise<HttpReply>;

export type Envelopes = {
  take: (envelope: Envelope) => void;
  /** From now on none is taken. */
  stop: () => void;
  /** Resolves when those that were taken have been answered. Never rejects. */
  settled: () => Promise<void>;
};

type EnvelopeParts = { receive: Receive; clock: Pick<Clock, 'now'>; createId: () => string; log: Log };

/** Slack waits so long for an acknowledgement, then it sends the envelope again. */
const ACKNOWLEDGE_WITHIN_MS = 3_000;
const ANSWER_WITHIN_MS = 2_500;
/** Longer than Slack sends an envelope again. */
const REMEMBER_FOR_MS = 10 * 60_000;

/**
 * Turns envelopes into the requests that `lib/slack` reads, with the form that Slack would have posted, and acknowledges those that
 * were answered with a 200. Others, and what took longer than Slack waits, are not acknowledged, and come again: a repeat (the same
 * trigger) of one that is being handled, or was, gets that one's reply and is not handled twice.
 */
export function createEnvelopes({ receive, clock, createId, log }: EnvelopeParts): Envelopes {
  const known = new Map<string, { at: number; reply: Promise<HttpReply> }>();
  const open = new Set<Promise<void>>();
  let isStopped = false;

  const replyTo = async (path: string, payload: unknown): Promise<HttpReply> => {
    const requestId = createId();
    const receivedAt = clock.now();
    const request: HttpRequest = {
      method: 'POST', path, headers: {}, rawBody: formOf(path, payload), requestId, receivedAt, answerBy: receivedAt + ANSWER_WITHIN_MS, log: log.with({ request_id: requestId }),
    };
    const reply = await receive(request).catch((error: unknown) => replyToTrouble(error, request.log));
    noteRefusal(request.log, request, reply);
    return reply;
  };

  /** The reply to this trigger, asked for once for all that are not over in failure. */
  const replyOnce = (path: string, payload: unknown): Promise<HttpReply> => {
    const now = clock.now();
    for (const [key, { at }] of known) {
      if (now - at <= REMEMBER_FOR_MS) break;
      known.delete(key);
    }
    const trigger = fieldsOf(payload)?.['trigger_id'];
    if (typeof trigger !== 'string') return replyTo(path, payload);
    const key = `${path} ${trigger}`;
    const before = known.get(key);
    if (before) return before.reply;
    const reply = replyTo(path, payload).then((given) => {
      if (given.status !== 200) known.delete(key);
      return given;
    });
    known.set(key, { at: now, reply });
    return reply;
  };

  const answer = async ({ type, payload, takesReply, retry, acknowledge }: Envelope): Promise<void> => {
    const cameAt = clock.now();
    const { status, body } = await replyOnce(type === 'slash_commands' ? COMMAND_PATH : ACTION_PATH, payload);
    const tookMs = clock.now() - cameAt;
    if (status !== 200) return log.warn('a command or click of Slack was not acknowledged', { type, status, retry });
    if (tookMs > ACKNOWLEDGE_WITHIN_MS) return log.warn('a command or click of Slack was answered too late and not acknowledged', { type, took_ms: tookMs, retry });
    try {
      await acknowledge(takesReply ? body : undefined);
    } catch (error) {
      log.warn('a command or click of Slack could not be acknowledged: its connection is gone', { type, error });
    }
  };

  return {
    take(envelope) {
      if (isStopped) return;
      const answered = answer(envelope).finally(() => open.delete(answered));
      open.add(answered);
    },
    stop: () => void (isStopped = true),
    settled: async () => void (await Promise.allSettled(open)),
  };
}

/** The body of the request that Slack posts where it is not by Socket Mode: the same fields. */
function formOf(path: string, payload: unknown): Buffer {
  const fields = path === ACTION_PATH ? { payload: JSON.stringify(payload ?? null) } : fieldsOf(payload) ?? {};
  const form = Object.entries(fields).filter((field): field is [string, string] => typeof field[1] === 'string');
  return Buffer.from(new URLSearchParams(form).toString());
}

/** What may go well the next time is no bug: one line, without a stack. */
function replyToTrouble(error: unknown, log: Log): HttpReply {
  if (!(error instanceof AppError) || !error.retryable) return replyToError(error, log);
  log.error('what Slack sent could not be put on record', { error });
  return { status: 503 };
}
