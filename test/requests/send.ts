import type { Drawn } from './draw.ts';
import { ask, type Asked, isByRule, isMeant } from './asked.ts';
import { type Came, judge, judgeTime, KNOWN, type Taken } from './judge.ts';
import type { Outbound } from './outbound.ts';
import type { World } from './world.ts';

/** What one request did: how it was answered, how long that took and whom it killed, and what must not have been. */
export type Sent = { asked: Asked; status: number; tookMs: number; kills: number; called: string[]; faults: string[] };

/** A second of the world between two requests. */
const STEP_MS = 1_000;

/** Sends one request, lets everything that it set off come to its end, and judges it. */
export async function send(world: World, drawn: Drawn, outbound: Outbound): Promise<Sent> {
  const { stage, setting } = world;
  const meant = isMeant(drawn);
  stage.clock.advanceTo(stage.clock.now() + STEP_MS);
  await stage.backend.idle();
  const before = takeAll(world, outbound);
  const asked = ask(drawn, world.around(world.jobsFor(meant, isByRule(drawn) ? drawn.rule : 'MrsJobStuck', drawn.job)));
  if (drawn.upstream) stage.simulator.fault({ on: 'any', status: drawn.upstream.status, headers: { Location: drawn.upstream.location }, body: '<html>moved</html>' });
  const beganAt = performance.now();
  const { reply, thrown } = await answered(world, asked);
  const tookMs = performance.now() - beganAt;
  await stage.backend.idle();
  stage.simulator.clearFaults();
  const came: Came = { ...(reply && { reply }), thrown, ...takeAll(world, outbound) };
  // The client's own connection comes first.
  if (asked.event === undefined && setting.home === 'own' && came.left[0]?.startsWith('connect 127.0.0.1:')) came.left.shift();
  return { asked, status: reply?.status ?? 0, tookMs, kills: came.killed.length, called: came.left.map(placeOf), faults: [...judgeTime(world, before), ...judge(world, asked, meant, drawn.upstream !== undefined, came)] };
}

/** `simulator`, `Lambda`, or the host. */
function placeOf(what: string): string {
  if (what.startsWith(KNOWN)) return what.startsWith(`${KNOWN}Lambda`) ? 'Lambda' : 'MRS, IAM, Slack';
  return what.replace(/^\w+ (?:up |to )?/, '').replace(/:443$/, '');
}

async function answered({ stage, setting }: World, asked: Asked): Promise<Pick<Came, 'reply' | 'thrown'>> {
  const { kind, line, headers, body, way, event } = asked;
  try {
    if (kind === 'event') await stage.event(event);
    else if (kind === 'schedule') {
      const answer = await stage.backend.call('mrs-killswitch-test-cleanup', JSON.stringify(event));
      if (answer.kind === 'threw') throw answer.error;
    } else return { reply: await stage.call(setting.home === 'own' ? sendable(line) : line, { headers: setting.home === 'own' ? sendableHeaders(headers) : headers, ...given(body, way) }), thrown: undefined };
    return { thrown: undefined };
  } catch (error) {
    return { thrown: String(error) };
  }
}

/** As bytes, which a gateway hands over in base64 where they are no text; or as the value that a local gateway has read. */
function given(body: Buffer, way: Drawn['way']): { body?: string; isBase64Encoded?: boolean } {
  const text = body.toString('utf8');
  if (way === 'value') {
    try {
      const value: unknown = JSON.parse(text);
      if (typeof value !== 'string' && value !== null) return { body: value as string };
    } catch {
      // no JSON: as it is
    }
  }
  return way === 'base64' || !Buffer.from(text).equals(body) ? { body: body.toString('base64'), isBase64Encoded: true } : { body: text };
}

/** What Node's own client would not send: test/home/http shows what becomes of such bytes. */
function sendable(line: string): string {
  const [method = '', ...path] = line.split(' ');
  return `${method} ${path.join('%20').replaceAll(/[^\u0021-\u007e]/gu, (letter) => (/[\ud800-\udfff]/.test(letter) && letter.length === 1 ? '?' : encodeURIComponent(letter)))}`;
}

function sendableHeaders(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).filter(([, value]) => !/[^\t\u0020-\u007e\u0080-\uffff]/.test(value)));
}

/** What happened since it was last asked. It is not kept: the memory that is measured should be the product's. */
function takeAll(world: World, outbound: Outbound): Taken {
  const { simulator, lambda, ledger, lines, statusEvents, tasks } = world.stage;
  const here = new Map([[new URL(simulator.url).port, 'MRS, IAM, Slack and SMN'], [new URL(lambda.url).port, 'Lambda'], [new URL(lambda.behindUrl).port, 'Lambda']]);
  const left = outbound.taken().map((what) => {
    const port = /^connect (?:127\.0\.0\.1|localhost):(\d+)$/.exec(what)?.[1] ?? '';
    return here.has(port) ? `${KNOWN}${here.get(port)}, connected` : what;
  });
  const killed: string[] = [];
  for (const { method, path, body } of simulator.requests) {
    const host = /^\/smn-host\/([^/]+)/.exec(path)?.[1];
    left.push(host === undefined ? `${KNOWN}${method} ${path}` : `sent to ${host}`);
    const jobId = /\/job-executions\/([^/]+)\/kill$/.exec(path)?.[1];
    if (jobId !== undefined && method === 'POST') killed.push(jobId);
    if (path.startsWith('/api/chat.')) world.noteButtons(JSON.parse(body) as object);
  }
  const starts = lambda.calls.length;
  left.push(...lambda.calls.map(({ on, path }) => `${KNOWN}Lambda ${on} ${path}`));
  const errors = lines.filter((line) => line.includes('"level":"error"'));
  const taken = { left, killed, ledgerCalls: ledger.calls.length, forbidden: [...ledger.forbidden], starts, errors };
  ledger.forbidden.clear();
  for (const list of [simulator.requests, lambda.calls, ledger.calls, lines, statusEvents, tasks]) list.length = 0;
  return taken;
}
