import { AppError } from '../../lib/core/errors.ts';
import type { Reporter, View } from '../../lib/core/report.ts';
import type { MessageRef } from '../../lib/core/request.ts';

/** A view that was shown, `at` epoch ms; an update has a `previous` message. */
export type Shown = { view: View; previous: MessageRef | undefined; at: number };

/** What a reporter throws, as Slack's client does. */
export class MessageLost extends AppError {
  readonly code = 'message_lost';
  override readonly retryable: boolean;
  readonly retryAfterSec: number | undefined;

  override get name(): string {
    return 'MessageLost';
  }

  constructor(retryable: boolean, retryAfterSec?: number) {
    super('chat.postMessage: service_unavailable');
    this.retryable = retryable;
    this.retryAfterSec = retryAfterSec;
  }
}

type Recording = {
  shown: Shown[];
  said: string[];
  trail: string[];
  now: () => number;
  /** Called before a view is shown or a text said; what they throw is thrown there. */
  moments: { onShow?: (view: View, time: number) => void; onSay?: (time: number) => void };
};

/** A place that keeps every view; an update keeps its message, a new message gets a new one. */
export function recordingReporter({ shown, said, trail, now, moments }: Recording): Reporter {
  const times: Partial<Record<View['stage'] | 'say', number>> = {};
  const count = (what: View['stage'] | 'say'): number => (times[what] = (times[what] ?? 0) + 1);
  return {
    async show(_request, view, previous) {
      moments.onShow?.(view, count(view.stage));
      // As Slack would have got it: plain data.
      shown.push({ view: structuredClone(view), previous, at: now() });
      trail.push(`show ${view.stage === 'end' ? `end ${view.end.outcome}` : view.stage === 'ask' && view.buttons !== undefined ? 'ask with buttons' : view.stage}`);
      return previous ?? { channel: 'C0123456789', ts: `17951232.${shown.length}` };
    },
    async say(text) {
      moments.onSay?.(count('say'));
      said.push(text);
    },
    showCleanup: async () => undefined,
    showDigest: async () => undefined,
  };
}
