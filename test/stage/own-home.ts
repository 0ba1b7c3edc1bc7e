import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text as textOf } from 'node:stream/consumers';
import type { OnBadEnd } from '../../home/engine/bad-ends.ts';
import { enginePort } from '../../home/engine/engine-port.ts';
import { LIMITS } from '../../home/http/limits.ts';
import { openServer, type OpenServer } from '../../home/http/open-server.ts';
import { createRoutes } from '../../home/http/routes.ts';
import { followTogether } from '../../home/mrs/follow-together.ts';
import { openHomeSend } from '../../home/mrs/open-send.ts';
import { createLaterTasks } from '../../home/serve/later-tasks.ts';
import type { HttpReply, HttpRequest, Secrets } from '../../lib/http/reply.ts';
import type { LaterTask } from '../../lib/slack/later.ts';
import { noteBadEnd } from '../../lib/start/bad-end.ts';
import type { StatusEvent } from '../local/status-event.ts';
import type { EventOptions } from '../support/http-event.ts';
import { engineBehind } from './engine-front.ts';
import { doorOf, type HomeParts, type House, type Reply, replyOf, type StageHome } from './home-of-stage.ts';
import type { LambdaFront } from './lambda-front.ts';

/** The own home: one house behind one server, the engine in this process, which tells itself of bad ends. */
export function setUpOwnHome({ backend, ledger, log, clock, createId, house: houseOf, noteTask, released }: HomeParts, { front, killFunction }: { front: LambdaFront; killFunction: string }): StageHome {
  const house = (): House => houseOf('api');
  const refresh = async (): Promise<void> => {
    await released();
    await house().refresh();
  };
  const tasks = createLaterTasks(() => ({ refresh, loadStarting: () => house().load() }), log);
  const engineOf = (functionName: string) => enginePort(engineBehind(front, backend.engine()), functionName.replace(/:[^:]*$/, ''), clock);
  const telling = new Set<Promise<void>>();
  let isDelayed = false;
  const tell: OnBadEnd = ({ arn, status }) => {
    const told = ledger.calledBy('events', () => noteBadEnd({ ledger, engine: engineOf(killFunction), clock, log, createId }, { arn, status }));
    telling.add(told);
    return told.finally(() => telling.delete(told));
  };
  const late = new Map<string, () => Promise<void>>();
  const routes = createRoutes({ load: () => house().loadApi(), loadStarting: () => house().load() });
  const handle = (asked: HttpRequest): Promise<HttpReply> => ledger.calledBy(doorOf(`${asked.method} ${asked.path}`), () => routes(asked));
  const secrets: Secrets = { refresh: () => house().refresh(), refreshAfterRefusal: () => house().refreshAfterRefusal() };
  /** By the time that a request has. */
  const servers = new Map<number, Promise<OpenServer>>();
  const serverFor = (handleMs: number): Promise<OpenServer> => {
    const open = servers.get(handleMs) ?? openServer({ log, clock, host: '127.0.0.1', port: 0, createId: () => 'request-1', handle, secrets, limits: { ...LIMITS, handleMs } });
    servers.set(handleMs, open);
    return open;
  };
  return {
    outside: {
      home: 'own',
      openSend: openHomeSend,
      followTogether: followTogether(clock),
      openEngine: engineOf,
      async invokeSelf(payload) {
        noteTask(payload as LaterTask);
        const begun = tasks.begin(payload);
        void backend.during(() => tasks.settled());
        await begun;
      },
    },
    async call(line, { remainingMs = LIMITS.handleMs, to: _to, ...sent }) {
      const { url } = await serverFor(remainingMs);
      return send(url, line, sent);
    },
    async onBadEnd(end) {
      if (isDelayed) late.set(end.arn, () => tell(end));
      else await tell(end);
    },
    delayNotices: () => void (isDelayed = true),
    async event(event) {
      const { durableExecutionArn: arn = '' } = (event as Partial<StatusEvent> | undefined)?.detail ?? {};
      await late.get(arn)?.();
      await Promise.allSettled(telling);
    },
    close: async () => void (await Promise.all([...servers.values()].map(async (server) => (await server).stop(0)))),
  };
}

/** One request on a connection of its own, as it stands: fetch would mend its path. */
async function send(url: string, line: string, { headers = {}, body, isBase64Encoded = false }: EventOptions): Promise<Reply> {
  const [method = '', path = ''] = line.split(' ');
  const { hostname, port } = new URL(url);
  const bytesOf = (value: string): string => Buffer.from(value, 'utf8').toString('latin1'); // as clients send what is not ASCII
  const sent = Object.fromEntries(Object.entries(headers).map(([name, value]) => [name, bytesOf(value)]));
  const asking = request({ hostname, port, method, path, headers: sent, agent: false });
  const given: unknown = body ?? '';
  asking.end(Buffer.from(typeof given === 'string' ? given : JSON.stringify(given), isBase64Encoded ? 'base64' : 'utf8'));
  const [answer] = (await once(asking, 'response')) as [IncomingMessage];
  const { 'content-length': _length, connection: _connection, date: _date, 'keep-alive': _keepAlive, ...answered } = answer.headers;
  return replyOf(answer.statusCode ?? 0, answered, await textOf(answer));
}
