import { SocketModeClient, type SocketModeOptions } from '@slack/socket-mode';
import { AppError } from '../../lib/core/errors.ts';
import type { Clock } from '../../lib/core/time.ts';
import { parseJsonObject } from '../../lib/http/json.ts';
import type { Send } from '../../lib/http/send.ts';
import type { Log } from '../../lib/log/log.ts';
import type { Secret } from '../../lib/settings/secret.ts';
import { createClientLog } from './client-log.ts';
import { checkSocketUrl } from './socket-url.ts';
import { within } from './within.ts';

/** One message of Slack's that waits for an answer. `retry`: how often it was sent before. */
export type Envelope = {
  type: string;
  payload: unknown;
  takesReply: boolean;
  retry: number;
  /** Acknowledges it, with a reply where there is one; rejects where the connection is gone. */
  acknowledge: (reply?: Record<string, unknown>) => Promise<void>;
};

/** Why a connection is of no more use: it is lost, or Slack's word for its leave, such as `refresh_requested`. */
export type Leave = 'lost' | (string & {});

export type Connection = {
  /** Resolves when Slack takes leave, after which it still answers for some seconds, or when it is lost. */
  left: Promise<Leave>;
  /** Resolves when it is gone, whoever closed it. */
  gone: Promise<void>;
  /** Closes it. Never rejects. */
  close(): Promise<void>;
};

export type ConnectionOptions = {
  appToken: Secret;
  /** Ends in `/api/`. */
  apiUrl: string;
  /** The way out to `apiUrl`. */
  send: Send;
  clock: Pick<Clock, 'sleep'>;
  /** Once resolved, a connection that is being opened is given up. */
  closed: Promise<'closed'>;
  onEnvelope: (envelope: Envelope) => void;
  log: Log;
};

const CALL_WITHIN_MS = 10_000;
const OPEN_WITHIN_MS = 20_000;

/**
 * Opens one connection by Slack's own client and resolves when Slack has said hello. Rejects with the client's own error where Slack
 * refuses, with UrlForbidden, or with NotOpened. The client never connects again by itself: it would close first and wait for 5 s,
 * and a refusal on that way is a rejection that nobody can catch, which ends the process.
 * https://docs.slack.dev/apis/events-api/using-socket-mode/
 */
export async function openConnection({ appToken, apiUrl, send, clock, closed, onEnvelope, log }: ConnectionOptions): Promise<Connection> {
  const { promise: left, resolve: leave } = Promise.withResolvers<Leave>();
  const { promise: gone, resolve: go } = Promise.withResolvers<void>();
  const options: SocketModeOptions = {
    appToken: appToken.reveal(),
    autoReconnectEnabled: false,
    logger: createClientLog(log),
    clientOptions: { slackApiUrl: apiUrl, fetch: fetchBy(send), retryConfig: { retries: 0 }, rejectRateLimitedCalls: true },
  };
  const client = new Client(options, log, leave);
  // Thrown here, it ends the opening before anybody connects.
  client.on('authenticated', ({ url }: { url?: string }) => checkSocketUrl(url, apiUrl));
  client.on('slack_event', ({ type, body, ack, retry_num: retry = 0, accepts_response_payload: takesReply = false }) =>
    onEnvelope({ type, payload: body, takesReply, retry, acknowledge: ack }));
  client.on('disconnected', () => {
    leave('lost');
    go();
  });
  try {
    const opened = Promise.race([left, closed, client.start().then(() => 'open')]);
    const became = await within(clock, OPEN_WITHIN_MS, opened);
    if (became !== 'open') throw new NotOpened(became ?? 'no hello in time');
  } catch (error) {
    void client.disconnect();
    throw error;
  }
  return { left, gone, close: async () => client.disconnect() };
}

/** Slack gave an address, but the connection there did not come about: `reason` as that of a leave. */
export class NotOpened extends AppError {
  readonly code = 'not_opened';
  override readonly retryable = true;
  readonly reason: string;

  override get name(): string {
    return 'NotOpened';
  }

  constructor(reason: string) {
    super(`the connection was not opened: ${reason}`);
    this.reason = reason;
  }
}

/** Slack's client, but for what it does of itself with a `disconnect`, and with a message that it cannot read. */
class Client extends SocketModeClient {
  readonly #log: Log;
  readonly #onLeave: (reason: string) => void;

  constructor(options: SocketModeOptions, log: Log, onLeave: (reason: string) => void) {
    super(options);
    this.#log = log;
    this.#onLeave = onLeave;
  }

  protected override async onWebSocketMessage(data: string | ArrayBuffer, isBinary: boolean): Promise<void> {
    const { type, reason } = typeof data === 'string' ? parseJsonObject(data) : {};
    // The client would close at once, with acknowledgements on their way and nothing that takes its place.
    if (type === 'disconnect') return this.#onLeave(typeof reason === 'string' ? reason : 'disconnect');
    if (!TYPES.has(type)) return this.#log.debug('a message of Slack was passed over', { type });
    try {
      await super.onWebSocketMessage(data, isBinary);
    } catch (error) {
      this.#log.warn('a message of Slack could not be read', { type, error });
    }
  }
}

/** The types that the client hands on under their own names, of which some are its own words for other things. */
const TYPES: ReadonlySet<unknown> = new Set(['hello', 'slash_commands', 'interactive']);

/** The client's calls go the one way out, which is guarded. */
function fetchBy(send: Send): NonNullable<NonNullable<SocketModeOptions['clientOptions']>['fetch']> {
  return async (url, { headers = {}, body } = {}) => {
    const answer = await send({ method: 'POST', url: new URL(url), headers, ...(typeof body === 'string' && { body }), timeoutMs: CALL_WITHIN_MS });
    return new Response(answer.text || null, { status: answer.status, headers: answer.headers });
  };
}
