import type { Clock } from '../../lib/core/time.ts';
import { fieldsOf } from '../../lib/http/json.ts';
import type { Log } from '../../lib/log/log.ts';
import { countSlackConnectionLost } from '../../lib/log/metrics.ts';
import { passes } from '../../lib/slack/web-api.ts';
import { type Leave, NotOpened } from './connection.ts';

/** Says what goes wrong with the connection, once, and how long to wait before the next try. */
export type Trouble = {
  pauseMs: () => number;
  connected: () => void;
  /** `hasLived`: the connection held long enough to be none of the trouble. */
  left: (why: Leave, hasLived: boolean) => void;
  failed: (error: unknown) => void;
};

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** Where somebody has to mend something. */
const SLOW_PAUSE_MS = 60_000;
/** From then on people are told that Slack does not reach us. */
const DOWN_FOR_MS = 60_000;

const TO_DO: Record<string, string> = {
  invalid_auth: 'SLACK_APP_TOKEN is none of a Slack app: take the one of Basic Information → App-Level Tokens',
  not_allowed_token_type: 'SLACK_APP_TOKEN has to be an app-level token (xapp-…), not the token of the bot',
  missing_scope: 'the app-level token needs the scope connections:write',
  link_disabled: 'Socket Mode is switched off in the settings of the Slack app: switch it on, or leave SLACK_APP_TOKEN out',
  too_many_websockets: 'the Slack app has ten connections already: stop what else uses its app-level token',
};
/** From then on a connection serves no more; after another leave it does until the next one is there. */
const OF_NO_USE: ReadonlySet<Leave> = new Set(['lost', 'link_disabled', 'too_many_websockets']);
const SEE_APP = 'see the settings of the Slack app and SLACK_APP_TOKEN';

export function createTrouble({ clock, log }: { clock: Pick<Clock, 'now' | 'random'>; log: Log }): Trouble {
  let failures = 0;
  let downSince: number | undefined = clock.now();
  let isTold = false;
  let refusal: string | undefined;
  let leastPauseMs = 0;

  const refused = (word: string): void => {
    leastPauseMs = SLOW_PAUSE_MS;
    if (refusal !== word) log.error('Slack refuses the connection of Socket Mode; commands and clicks do not arrive', { slack_error: word, what_to_do: TO_DO[word] ?? SEE_APP });
    refusal = word;
  };

  const tellWhereLong = (): void => {
    const downMs = clock.now() - (downSince ??= clock.now());
    if (isTold || downMs < DOWN_FOR_MS) return;
    isTold = true;
    log.error('there is no connection to Slack by Socket Mode; commands and clicks do not arrive', { down_ms: downMs });
    countSlackConnectionLost(log);
  };

  return {
    pauseMs() {
      const grownMs = failures < 2 ? 0 : Math.min(FIRST_PAUSE_MS * 2 ** (failures - 2), LONGEST_PAUSE_MS);
      return Math.max(leastPauseMs, grownMs * (1 + clock.random()));
    },
    connected() {
      log.info('connected to Slack by Socket Mode', isTold ? { down_ms: clock.now() - (downSince ?? clock.now()) } : {});
      downSince = undefined;
      isTold = false;
      refusal = undefined;
      leastPauseMs = 0;
    },
    left(why, hasLived) {
      failures = hasLived ? 0 : failures + 1;
      log.info('a connection to Slack comes to its end; the next one is opened', { why });
      if (Object.hasOwn(TO_DO, why)) refused(why);
      if (isOfNoUse(why)) tellWhereLong();
    },
    failed(error) {
      failures++;
      const { word, retryAfterMs } = slackSaid(error);
      leastPauseMs = retryAfterMs;
      if (word !== undefined && isRefusal(word)) refused(word);
      else if (failures === 1) log.warn('Slack could not be reached for Socket Mode; it is tried again', { error: word === undefined ? error : 'Slack answered with something else' });
      tellWhereLong();
    },
  };
}

/** Whether a connection is of no use from its leave on. */
export function isOfNoUse(why: Leave): boolean {
  return OF_NO_USE.has(why);
}

/** Slack's errors are single words; whatever else stands there is of something between us, and could be anything. */
function isRefusal(word: string): boolean {
  return /^[a-z0-9_]{1,64}$/.test(word) && !passes(word);
}

/** Slack's word for a refusal, and how long it wants to be left alone. The client's errors by their fields: its classes are not exported. */
function slackSaid(error: unknown): { word: string | undefined; retryAfterMs: number } {
  if (error instanceof NotOpened) return { word: Object.hasOwn(TO_DO, error.reason) ? error.reason : undefined, retryAfterMs: 0 };
  const { data, retryAfter } = fieldsOf(error) ?? {};
  const word = fieldsOf(data)?.['error'];
  return { word: typeof word === 'string' ? word : undefined, retryAfterMs: typeof retryAfter === 'number' ? retryAfter * 1_000 : 0 };
}
