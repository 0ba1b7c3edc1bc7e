import type { compose, Outside } from '../../lib/house/compose.ts';
import type { Clock } from '../../lib/core/time.ts';
import type { Log } from '../../lib/log/log.ts';
import type { OnBadEnd } from '../../home/engine/bad-ends.ts';
import type { Secrets } from '../../lib/http/reply.ts';
import type { FunctionName } from '../../lib/settings/calls-mrs.ts';
import type { LaterTask } from '../../lib/slack/later.ts';
import type { DurableBackend } from '../local/durable-backend.ts';
import type { EventOptions } from '../support/http-event.ts';
import type { WatchedLedger } from './watched-ledger.ts';

/** The home that stages are set up as: `STAGE_HOME=own` is the own home, anything else the AWS home. */
export function homeOfStage(): Outside['home'] {
  return process.env['STAGE_HOME'] === 'own' ? 'own' : 'aws';
}

/** A reference as the settings of that home may have it. */
export function referenceTo(path: string): string {
  return `${homeOfStage() === 'own' ? 'file' : 'ssm'}:${path}`;
}

export type Reply = { status: number; headers: Record<string, unknown>; body: any; text: string };
export type Door = 'slack' | 'alerts' | 'api';
/** `to`: the function that gets the request, where it is not the one whose route it is. The own home has its routes in one. */
export type CallOptions = EventOptions & { remainingMs?: number; to?: Door };

type Composed = ReturnType<typeof compose>;

/** The house as a stage hands it out, with what a test has put in place of some of its parts. */
export type House = Secrets & { load: Composed['loadStarting']; loadApi: Composed['load'] };

/** What a home is made of on a stage. */
export type HomeParts = {
  backend: DurableBackend;
  ledger: WatchedLedger;
  log: Log;
  clock: Clock;
  createId: () => string;
  /** The one that is deployed: on AWS each function has its own, at home they have one. */
  house: (name: FunctionName) => House;
  /** Hears of each of Slack's answers that are given later, and resolves when they may be given. */
  noteTask: (task: LaterTask) => void;
  released: () => Promise<void> | undefined;
};

/** What differs between the homes. */
export type StageHome = {
  outside: Pick<Outside, 'home' | 'openSend' | 'openEngine' | 'invokeSelf'> & Partial<Pick<Outside, 'followTogether'>>;
  call(line: string, options: CallOptions): Promise<Reply>;
  /** Told by the engine itself of executions that came to a bad end; AWS tells by events. */
  onBadEnd?: OnBadEnd;
  /** From now on word of a bad end comes late or never: not before the test hands over its event, as it is on AWS anyway. */
  delayNotices(): void;
  /** An event of AWS; rejects with what handling it throws. The own home has none: what they say of its executions it hears from its engine, which is waited for. */
  event(event: unknown): Promise<void>;
  close(): Promise<void>;
};

/** As serverless.yml has them; everything else is api's. */
const ROUTES = { slack: /^POST \/slack\/(?:command|action)$/, alerts: /^(?:POST|PUT) \/alerts\/[^/]+$/ };

/** Whose route a request line is. */
export function doorOf(line: string): Door {
  return ROUTES.slack.test(line) ? 'slack' : ROUTES.alerts.test(line) ? 'alerts' : 'api';
}

/** An answer, read. */
export function replyOf(status: number, headers: Record<string, unknown>, text: string): Reply {
  return { status, headers, body: text === '' ? undefined : JSON.parse(text), text };
}
