import type { APIGatewayProxyStructuredResultV2 } from 'aws-lambda';
import { slackHeaders } from '../simulator/slack-client.ts';
import { httpEvent, lambdaContext } from '../support/http-event.ts';
import { makeActor } from './actor.ts';
import type { FunctionName, Functions } from './house.ts';
import type { World } from './world.ts';

export const SIGNING_SECRET = 'signing-secret-of-this-simulation';
export const ALERT_TOKEN = 'alert-token-of-this-simulation';
export const API_TOKEN = 'api-token-of-this-simulation';

/** What came back from a door; undefined where nothing did. */
export type Answered = { status: number; body: Record<string, unknown> } | undefined;

export type Doors = {
  /** One HTTP request to a function, by an invocation named `name`. */
  knock: (to: FunctionName, name: string, line: string, request: { headers: Record<string, string>; body: string }) => Promise<Answered>;
  /** A form from Slack, signed. */
  knockAsSlack: (name: string, path: string, form: URLSearchParams) => Promise<Answered>;
  /** An event or a task, as Lambda delivers it: again after a minute and after two more where it fails; false where
   *  it was all in vain. */
  deliver: (to: FunctionName, name: string, event: unknown) => Promise<boolean>;
};

/** Told of what was taken on: the `kill_id` of each alert that was accepted, the request of a REST client that was answered. */
type Promises = { onAccepted: (killId: string) => void; onAnswered: (request: string) => void };

export function makeDoors(world: World, functions: Functions, { onAccepted, onAnswered }: Promises): Doors {
  const counts = new Map<string, number>();
  const numbered = (name: string): string => {
    const count = (counts.get(name) ?? 0) + 1;
    counts.set(name, count);
    return `${name}#${count}`;
  };

  const doors: Doors = {
    async knock(to, name, line, { headers, body }) {
      const actor = makeActor(numbered(name), { isMortal: true });
      await world.sleep(world.chance.whole(20, 300));
      try {
        const { statusCode = 0, body: text = '' } = (await functions.invoke(to, actor, httpEvent(line, { headers, body }), lambdaContext())) as APIGatewayProxyStructuredResultV2;
        const answer = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
        world.tell(actor.name, `answers ${statusCode} ${shorten(answer)}`);
        for (const { outcome, kill_id: killId } of (answer['results'] ?? []) as { outcome: string; kill_id?: string }[]) if (outcome === 'accepted' && killId !== undefined) onAccepted(killId);
        if (String(answer['text']).startsWith('Looking at')) world.judge('accepted, and nothing started', actor.started.length === 0, () => `${actor.name}: ${String(answer['text'])}`);
        // Of what was found over nothing had to be on record first, and a ledger that is away may miss it.
        if (to === 'api' && statusCode < 300 && answer['outcome'] !== 'already-over') {
          const isKnown = actor.request !== actor.name;
          world.judge('accepted, and nothing started', !isKnown, () => `${actor.name}: ${statusCode}`);
          if (isKnown) onAnswered(actor.request);
        }
        return { status: statusCode, body: answer };
      } catch {
        return undefined; // it died: the gateway's own 500 says no more
      }
    },
    knockAsSlack(name, path, form) {
      const body = form.toString();
      return doors.knock('slack', name, `POST ${path}`, { headers: slackHeaders(SIGNING_SECRET, Math.floor(world.now() / 1_000), body), body });
    },
    async deliver(to, name, event) {
      for (const pauseMs of [0, 60_000, 120_000]) {
        await world.sleep(pauseMs + world.chance.whole(20, 1_500));
        const actor = makeActor(numbered(name), { isMortal: true });
        const failed = await functions.invoke(to, actor, event, lambdaContext()).then(() => false, () => true);
        if (!failed) return true;
        world.tell(actor.name, 'fails');
      }
      return false;
    },
  };
  return doors;
}

function shorten(answer: Record<string, unknown>): string {
  const { results, error_msg: message, outcome, text } = answer as { results?: { outcome: string; rule?: string }[]; error_msg?: string; outcome?: string; text?: string };
  if (results) return results.map((result) => [result.outcome, result.rule].filter((word) => word !== undefined).join(' ')).join(', ');
  return outcome ?? message ?? text ?? '';
}
