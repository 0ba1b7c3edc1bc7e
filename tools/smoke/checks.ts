import * as z from 'zod';
import { bad, type Finding, ok } from '../findings.ts';

/** A deployment, and what a dry-run kill there needs; `kill` undefined leaves it out. */
export type Deployment = {
  /** Without a trailing slash. */
  url: string;
  kill: { token: string; projectId: string; clusterId: string } | undefined;
};

/** What of an answer is looked at; what is not as it should be is left out. */
const text = z.string().optional().catch(undefined);
const Body = z.object({ error_code: text, error_msg: text, outcome: text, status: text, version: text, paused: z.union([z.boolean(), z.string()]).optional().catch(undefined), triggers: z.record(z.string(), z.string()).catch({}) });
const NOTHING = Body.parse({});

type Answer = { status: number; body: z.output<typeof Body> };
type Call = { method: 'GET' | 'POST'; path: string; headers?: Record<string, string>; body?: string };

// No job has it. With dry_run besides, nothing can happen to anybody.
const NO_JOB = '00000000-0000-4000-8000-000000000000';
const TIMEOUT_MS = 35_000; // the gateway gives up at 30 s

/** What a fresh deployment has to answer, one finding for each question; kills nothing. */
export async function* smoke({ url, kill }: Deployment, now: () => number): AsyncGenerator<Finding, void, undefined> {
  const ask = (about: string, call: Call, judge: (answer: Answer) => Finding) => askOnce(url, about, call).then((answer) => ('verdict' in answer ? answer : judge(answer)));
  const expecting = (about: string, status: number, errorCode: string, hint: string) => (answer: Answer) =>
    answer.status === status && answer.body.error_code === errorCode ? ok(about, `${status} ${errorCode}`) : bad(about, `${shown(answer)} instead of ${status} ${errorCode}; ${hint}`);

  yield await ask('health', { method: 'GET', path: '/health' }, judgeHealth);

  const forged = 'forged Slack signature';
  const headers = { 'content-type': 'application/x-www-form-urlencoded', 'x-slack-request-timestamp': String(Math.floor(now() / 1_000)), 'x-slack-signature': `v0=${'0'.repeat(64)}` };
  yield await ask(forged, { method: 'POST', path: '/slack/command', headers, body: 'command=%2Fmrs&text=help' }, expecting(forged, 401, 'KILL.0401', 'nobody may get past this: take the route down'));

  const unknown = 'unknown route';
  yield await ask(unknown, { method: 'GET', path: '/no-such-route' }, expecting(unknown, 404, 'KILL.0404', 'is this the URL of mrs-killswitch?'));

  if (kill === undefined) return;
  const dryRun = 'dry-run kill of a job that does not exist';
  const path = `/v2/${kill.projectId}/clusters/${kill.clusterId}/job-executions/${NO_JOB}/kill`;
  const call: Call = { method: 'POST', path, headers: { 'authorization': `Bearer ${kill.token}`, 'content-type': 'application/json' }, body: '{"dry_run":true,"reason":"smoke test"}' };
  yield await ask(dryRun, call, (answer) => expecting(dryRun, 404, 'KILL.0404', `${ledgerHint(answer)}npm run check-config looks for the cause`)(answer));
}

/** The end of the kill is written to the ledger; where that cannot be, the answer is none of a job. */
function ledgerHint({ status }: Answer): string {
  return status === 500 || status === 503 ? 'the table of LEDGER_TABLE may be missing, or closed to the function: its log says which; ' : '';
}

async function askOnce(url: string, about: string, { path, ...call }: Call): Promise<Answer | Finding> {
  try {
    const answer = await fetch(`${url}${path}`, { ...call, redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
    return { status: answer.status, body: parse(await answer.text()) };
  } catch (error) {
    const { code } = ((error as Error).cause ?? {}) as { code?: string };
    return bad(about, `no answer (${code ?? (error as Error).name}); is the URL right, and the deployment through?`);
  }
}

function judgeHealth(answer: Answer): Finding {
  const { status, version, triggers, paused } = answer.body;
  if (answer.status !== 200 || status !== 'ok') return bad('health', `${shown(answer)}; mend the settings that it names and deploy again`);
  if (paused === 'unreadable') return bad('health', 'the off switch cannot be read, so nothing is killed; see PAUSED, and the table of LEDGER_TABLE');
  const on = Object.keys(triggers).filter((name) => triggers[name] === 'on');
  return ok('health', `version ${version ?? 'unknown'}; on: ${on.join(', ') || 'nothing'}`);
}

function shown({ status, body: { error_code: code, error_msg: message, outcome } }: Answer): string {
  return [String(status), code, outcome, message && `(${message.slice(0, 300)})`].filter((part) => part !== undefined).join(' ');
}

/** Nothing of it, where it is no JSON object: a proxy, or another site. */
function parse(answer: string): Answer['body'] {
  try {
    return Body.safeParse(JSON.parse(answer)).data ?? NOTHING;
  } catch {
    return NOTHING;
  }
}
