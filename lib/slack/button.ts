import * as z from 'zod/mini';
import { parseJson } from '../http/json.ts';

/** The name of a request that shows cards: nothing is asked of the ledger about another one, for which this function has no right there. */
const requestName = z.string().check(z.regex(/^(?:slack|alerts|cleanup)-/));

/** What a click needs to be judged before anything happens: it travels in the button's `value`, below Slack's 2,000 characters. */
const ButtonValue = z.union([
  /** Answers the question of one start of a request. */
  z.object({ do: z.literal('decide'), name: requestName, start: z.int().check(z.gte(1)), who: z.enum(['requester', 'approver']), requestedBy: z.string() }),
  /** The same, as cards of 0.1.0 ask it: of a running execution. */
  z.object({ do: z.literal('answer'), callbackId: z.string().check(z.minLength(1)), arn: z.string(), who: z.enum(['requester', 'approver']), requestedBy: z.string() }),
  /** Answers one round of a warning; who may is checked by what the ledger knows of it. */
  z.object({ do: z.literal('warned'), name: requestName, start: z.int().check(z.gte(1)) }),
  /** Asks for a kill, as if the person had typed the command. `of`: the start of a request whose card only tells people, and loses this button. */
  z.object({
    do: z.literal('start'), cluster: z.string().check(z.minLength(1)), jobId: z.string().check(z.minLength(1)),
    of: z.optional(z.object({ name: requestName, start: z.int().check(z.gte(1)) })),
  }),
  /** Asks for the kill of every job on a list of a cleanup, each as `<cluster>/<job id>`. `list` names the list: lists of 0.1.0 have none. */
  z.object({ do: z.literal('cleanup'), jobs: z.array(z.string()).check(z.minLength(1)), list: z.optional(z.string().check(z.minLength(1))) }),
]);
export type ButtonValue = z.infer<typeof ButtonValue>;

/** `action_id` of the two buttons of a question, and of a button that asks for a kill. Slack wants them unique in a block. */
export const KILL = 'kill';
export const DECLINE = 'decline';
export const START = 'start';
export const CLEANUP = 'cleanup';
/** Of a warning. */
export const KEEP = 'keep';
export const KILL_NOW = 'kill-now';

const LONGEST_VALUE = 2_000;

/** A button's `value`; undefined where Slack would not take it for its length, and the whole message with it. */
export function writeButtonValue(value: ButtonValue): string | undefined {
  const text = JSON.stringify(value);
  return text.length <= LONGEST_VALUE ? text : undefined;
}

/** Undefined where the text is none of ours. */
export function readButtonValue(text: string): ButtonValue | undefined {
  return ButtonValue.safeParse(parseJson(text)).data;
}
