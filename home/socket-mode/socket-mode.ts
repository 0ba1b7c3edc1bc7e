import type { Clock } from '../../lib/core/time.ts';
import type { OpenSend } from '../../lib/http/send.ts';
import type { Log } from '../../lib/log/log.ts';
import { matchesSecret, type Secret } from '../../lib/settings/secret.ts';
import { type Connection, type Leave, openConnection } from './connection.ts';
import { createEnvelopes, type Receive } from './envelopes.ts';
import { createTrouble, isOfNoUse } from './trouble.ts';
import { within } from './within.ts';

export type SocketModeParts = {
  /** The app token as it holds now; asked before each connection and once a minute. Where it rejects, the one of before serves. */
  readToken: () => Promise<Secret>;
  /** Ends in `/api/`. */
  apiUrl: string;
  receive: Receive;
  clock: Clock;
  openSend: OpenSend;
  createId: () => string;
  log: Log;
};

export type SocketMode = {
  /** Whether Slack can reach us now. */
  isConnected: () => boolean;
  /** Takes no envelope any more, answers those that it has, for at most 5 s, and closes. */
  close: () => Promise<void>;
};

const READ_TOKEN_EVERY_MS = 60_000;
/** A connection that lived less is no end of the trouble. */
const LIVED_MS = 30_000;
const SETTLE_WITHIN_MS = 3_000;
const CLOSE_WITHIN_MS = 2_000;

/**
 * Keeps one connection to Slack open, for as long as it is not closed. Where Slack takes leave of it, or the app token has changed, the
 * next one is opened before the old one is closed, so that nothing gets lost in between. Trouble never ends it: it tries again, the
 * slower the more it takes. https://docs.slack.dev/apis/events-api/using-socket-mode/
 */
export function openSocketMode({ readToken, apiUrl, receive, clock, openSend, createId, log }: SocketModeParts): SocketMode {
  const send = openSend([apiUrl]);
  const envelopes = createEnvelopes({ receive, clock, createId, log });
  const trouble = createTrouble({ clock, log });
  const { promise: closed, resolve: toClose } = Promise.withResolvers<'closed'>();
  let isClosed = false;
  const connections = new Set<Connection>();
  let token: Secret | undefined;

  const readAnew = async (): Promise<Secret> => {
    try {
      return (token = await readToken());
    } catch (error) {
      if (token === undefined) throw error;
      log.warn('the app token of Slack could not be read; the one of before serves', { error });
      return token;
    }
  };

  const open = async (appToken: Secret): Promise<Connection> => {
    const connection = await openConnection({ appToken, apiUrl, send, clock, closed, onEnvelope: envelopes.take, log });
    connections.add(connection);
    void connection.gone.then(() => connections.delete(connection));
    return connection;
  };

  /** Lets what it brought be answered by it, then closes it. */
  const retire = async (connection: Connection): Promise<void> => {
    await within(clock, SETTLE_WITHIN_MS, Promise.race([envelopes.settled(), connection.gone]));
    await within(clock, CLOSE_WITHIN_MS, connection.close());
    connections.delete(connection);
  };

  const untilOver = async (connection: Connection, held: Secret): Promise<Leave> => {
    const over = Promise.race([connection.left, closed]);
    for (;;) {
      const why = await within(clock, READ_TOKEN_EVERY_MS, over);
      if (why !== undefined) return why;
      if (!matchesSecret((await readAnew()).reveal(), held)) return 'new token';
    }
  };

  const keep = async (): Promise<void> => {
    for (let old: Connection | undefined; ; ) {
      await within(clock, trouble.pauseMs(), closed);
      if (isClosed) return;
      try {
        const held = await readAnew();
        const connection = await open(held);
        const since = clock.now();
        trouble.connected();
        if (old) void retire(old);
        const why = await untilOver(connection, held);
        if (isClosed) return;
        trouble.left(why, clock.now() - since >= LIVED_MS);
        old = isOfNoUse(why) ? void retire(connection) : connection;
      } catch (error) {
        if (isClosed) return;
        trouble.failed(error);
      }
    }
  };
  const kept = keep();

  return {
    isConnected: () => connections.size > 0,
    async close() {
      envelopes.stop();
      isClosed = true;
      toClose('closed');
      await Promise.all([kept, ...[...connections].map(retire)]);
    },
  };
}
