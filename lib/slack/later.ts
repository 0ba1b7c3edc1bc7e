import type { KnownBlock } from '@slack/types';
import type { MessageRef } from '../core/request.ts';
import type { Command } from './command.ts';
import type { StartId } from '../kill/start-id.ts';
import type { Message } from './cards.ts';

/**
 * What is answered after the 200 has gone out, by an invocation of the same function of its own: Slack waits three seconds only,
 * and Lambda may freeze what goes on after the answer. `responseUrl` is as good as a password for thirty minutes: it travels
 * here only, and is never logged.
 */
export type LaterTask =
  /**
   * `start`: whose card was clicked; its buttons go away where it asks nothing any more. `spent`: a button that goes away although
   * nobody knows whose card it stands on.
   */
  | { slackTask: 'note'; responseUrl: string; message: Message; start?: StartId; spent?: SpentButton }
  /** A click on a warning that changed nothing: what holds of the warning of `start` by now. `card`: the message that was clicked. */
  | { slackTask: 'late'; responseUrl: string; start: StartId; card?: MessageRef }
  | { slackTask: 'read'; responseUrl: string; command: Extract<Command, { command: 'jobs' | 'status' | 'why' | 'history' | 'kept' | 'clusters' | 'cleanup' }> }
  /** `at` (epoch ms): when it was asked for; `id` names it, so that a task that comes twice is done once. */
  | { slackTask: 'switch'; responseUrl: string; command: Extract<Command, { command: 'pause' | 'resume' }>; userId: string; at: number; id: string }
  | { slackTask: 'cleanup'; responseUrl: string; jobs: string[]; list?: string | undefined; userId: string; channelId?: string | undefined };

/** A button that was clicked and has done its work, on a message that everyone can see, as Slack sent it with the click. */
export type SpentButton = { card: MessageRef; value: string; text: string; blocks: KnownBlock[] };

/** Hands a task over to an invocation of its own; throws EngineFailed. */
export type HandOver = (task: LaterTask) => Promise<void>;

/** Whether an event is a task of ours. What comes over HTTP never is: the gateway always adds its request context. */
export function isLaterTask(event: object): event is LaterTask {
  return 'slackTask' in event && !('requestContext' in event);
}
