import type { Reply } from '../stage/stage.ts';
import type { Asked } from './asked.ts';
import type { World } from './world.ts';

/** What happened meanwhile: what left, whom MRS was asked to kill, what was asked of the ledger, what of that a function has no right to, what was started, and errors of the log. */
export type Taken = { left: string[]; killed: string[]; ledgerCalls: number; forbidden: string[]; starts: number; errors: string[] };

/** What came of one request: its answer, or what was thrown, and what happened meanwhile. */
export type Came = Taken & { reply?: Reply; thrown?: string | undefined };

/** Slack's own hosts may be answered at, and SMN's hosts and its consoles called back, whatever the sender wrote. */
const CALLED = [/^hooks\.slack\.com$/, /^hooks\.slack-gov\.com$/, /^smn\.eu-west-101\.(?:[a-z0-9-]+\.)*(?:myhuaweicloud|huaweicloud|t-systems)\.(?:com|eu)$/, /^(?:[a-z0-9-]+[-.])*console(?:[-.][a-z]+)*\.(?:huaweicloud|t-systems)\.com$|^console\.otc\.t-systems\.com$/];
const mayBeCalled = (host: string): boolean => CALLED.some((one) => one.test(host));

/** What must not have come of a request, in words; none where all is well. */
export function judge({ setting: { matches }, mayDie, trapped }: World, asked: Asked, isMeant: boolean, isFaulty: boolean, came: Came): string[] {
  const { reply, left, killed, errors } = came;
  const isEvent = asked.event !== undefined;
  const faults: (string | false)[] = [
    !isEvent && reply === undefined && `no answer: ${came.thrown}`,
    asked.kind === 'event' && came.thrown !== undefined && `the event was not taken: ${came.thrown}`,
    reply !== undefined && reply.status >= 500 && !isFaulty && !isUnconfirmed(asked, reply) && `${reply.status} ${reply.text}`,
    reply !== undefined && !isInShape(asked, reply) && `not in shape: ${reply.status} ${reply.text.slice(0, 300)}`,
    ...killed.filter((jobId) => !matches || !isMeant || !mayDie(jobId)).map((jobId) => `killed ${jobId}, which nobody meant`),
    ...left.filter((what) => !isAllowed(what)).map((what) => `left this machine: ${what}`),
    ...came.forbidden,
    trapped() > 0 && 'the server that nothing leads to was called',
    !isFaulty && errors.length > 0 && `logged: ${errors.join(' · ')}`,
  ];
  if (!asked.isProven && !isEvent) {
    faults.push(!asked.isJudgedElsewhere && left.length > 0 && `not proven, and left: ${left.join(', ')}`, came.starts > 0 && 'not proven, and started something', !/\/health/.test(asked.line) && !asked.isJudgedElsewhere && came.ledgerCalls > 0 && `not proven, and asked the ledger ${came.ledgerCalls} times`);
  }
  return faults.filter((fault) => fault !== false);
}

/** The same of what the time brings that goes by between two requests: what was meant before may still come. */
export function judgeTime({ setting: { matches }, mayDie }: World, { left, killed, errors, forbidden }: Taken): string[] {
  return [
    ...forbidden,
    ...killed.filter((jobId) => !matches || !mayDie(jobId)).map((jobId) => `killed ${jobId} later, which nobody meant`),
    ...left.filter((what) => !isAllowed(what) && !what.startsWith('connect 127.0.0.1:')).map((what) => `left this machine later: ${what}`),
    ...errors.map((line) => `logged later: ${line}`),
  ];
}

/** What a request to a known place is called in `left`: the simulator, Lambda's API. */
export const KNOWN = 'known: ';

function isAllowed(what: string): boolean {
  if (what.startsWith(KNOWN)) return true;
  const [, verb = '', host = ''] = /^(connect|look up|sent to) ([^:]+?)(?::443)?$/.exec(what) ?? [];
  return verb !== '' && mayBeCalled(host);
}

/** Signed by SMN, with a link that its console does not know: SMN is told to send it again, as the contract says. */
const isUnconfirmed = ({ line }: Asked, { status, text }: Reply): boolean => status === 503 && line.endsWith(' /alerts/smn') && text.includes('the subscription was not confirmed');

function isInShape({ line }: Asked, { status, body, text, headers }: Reply): boolean {
  if (line.startsWith('HEAD ')) return true; // its body stays behind at the gateway
  if (text === '') return status === 200 && / \/slack\/(?:action|command)$/.test(line);
  if (!String(headers['content-type']).startsWith('application/json')) return false;
  if (status < 400) return typeof body === 'object' && body !== null;
  return typeof body?.error_code === 'string' && typeof body.error_msg === 'string' && typeof body.request_id === 'string';
}
