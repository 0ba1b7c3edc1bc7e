import { LogLevel, type SocketModeOptions } from '@slack/socket-mode';
import type { Log } from '../../lib/log/log.ts';

type Logger = NonNullable<SocketModeOptions['logger']>;

/** Tokens of Slack's, and addresses: one with a ticket opens a connection, a response URL answers in our name. */
const SECRETS = /\bx(?:app|ox[a-z]{1,2})[-.][\w.-]+|\b(?:wss?|https?):\/\/[^\s"'<>]+/gi;

/** It repeats whatever answered in Slack's place. */
const LONGEST = 200;

/**
 * What Slack's client says, in our log and without secrets. Its own debug lines hold whole messages and are dropped; its errors stand
 * in our lines already, by what became of them, and are only repeated for who debugs.
 */
export function createClientLog(log: Log): Logger {
  const said = (given: unknown[]) => ({ said: given.map((part) => String(part).replace(SECRETS, '[secret]')).join(' ').slice(0, LONGEST) });
  return {
    debug: () => undefined,
    info: (...given) => log.debug('Slack\'s client', said(given)),
    warn: (...given) => log.info('Slack\'s client', said(given)),
    error: (...given) => log.debug('Slack\'s client', said(given)),
    setLevel: () => undefined,
    getLevel: () => LogLevel.INFO,
    setName: () => undefined,
  };
}
