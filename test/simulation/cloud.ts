import { createGuard } from '../../lib/http/guard.ts';
import { type HttpAnswer, type HttpCall, NoAnswer, type OpenSend } from '../../lib/http/send.ts';
import { makeAgency } from '../simulator/agency.ts';
import type { Cloud } from '../simulator/cloud.ts';
import { iamRoutes } from '../simulator/iam.ts';
import { type JobRecord, makeJob, type SimulatedJob } from '../simulator/jobs.ts';
import { mrsError } from '../simulator/mrs-error.ts';
import { mrsRoutes } from '../simulator/mrs.ts';
import { type Answer, findRoute, type RecordedRequest, type Route } from '../simulator/routing.ts';
import { slackRoutes } from '../simulator/slack.ts';
import { makeWorkspace } from '../simulator/slack-workspace.ts';
import { makeSmn } from '../simulator/smn-state.ts';
import { ANALYTICS_ID, PROJECT_ID } from '../simulator/client.ts';
import type { Actor } from './actor.ts';
import { callOutside } from './call.ts';
import { APPROVER, CHANNEL, OWNER, REQUESTER, STRANGER, TEAM_CHANNEL } from './policy.ts';
import { MINUTE_MS, type Place, SECOND_MS, type World } from './world.ts';

export const CLOUD_URL = 'https://cloud.example';
export const BOT_TOKEN = 'xoxb-token-of-this-simulation';

/** MRS, IAM and Slack within this process: the simulator's routes without their server. */
export type SimulatedCloud = {
  cloud: Cloud;
  addJob: (fields: Partial<SimulatedJob> & { job_id: string }) => JobRecord;
  /** Runs `run` as soon as a kill has ended that job. */
  onKilled: (jobId: string, run: () => void) => void;
  /** The way out for an actor, who is asked for anew at each call. */
  openSend: (who: () => Actor) => OpenSend;
};

/** What those who judge are told of the traffic. */
export type Traffic = {
  /** A kill leaves. What is returned is told of the answer that its sender got. */
  onKill: (actor: Actor, jobId: string) => (status: number | 'none') => void;
  onJobSeen: (actor: Actor, jobId: string, isOver: boolean, sentAt: number) => void;
  /** Slack did what was asked: `method` by an actor. */
  onSlack: (actor: Actor, method: string, body: Record<string, unknown>, answer: Record<string, unknown>) => void;
};

/** `diesSlowly`: a kill takes many minutes to have its effect; else that is drawn. */
export function makeCloud(world: World, traffic: Traffic, diesSlowly = false): SimulatedCloud {
  const { chance } = world;
  const cloud: Cloud = {
    now: world.now,
    killDelayMs: chance.happens(diesSlowly ? 1 : 0.1)
      ? chance.whole(4, 20) * MINUTE_MS
      : chance.one([chance.whole(200, 3 * SECOND_MS), chance.whole(SECOND_MS, 20 * SECOND_MS), chance.whole(SECOND_MS, 4 * MINUTE_MS)]),
    clusters: [{ id: ANALYTICS_ID, name: 'analytics', projectId: PROJECT_ID }],
    projects: [{ id: PROJECT_ID, name: 'eu-west-101' }],
    users: [{ name: 'killswitch', password: 'simulator-password', domain: 'simulator' }],
    keys: [],
    keyRefusals: new Map(),
    jobs: new Map(),
    tokens: new Map(),
    knowsTokens: true,
    slack: makeWorkspace({ botToken: BOT_TOKEN, channels: [CHANNEL, TEAM_CHANNEL].map((id) => ({ id, isMember: true })), users: [REQUESTER, APPROVER, OWNER, STRANGER] }),
    smn: makeSmn(),
    agency: makeAgency(),
  };
  const routes: Route[] = [...mrsRoutes(cloud), ...iamRoutes(cloud), ...slackRoutes(cloud)];

  function answerTo({ method, url, headers, body = '' }: HttpCall): HttpAnswer {
    const request: RecordedRequest = {
      at: world.now(), method, path: url.pathname, query: Object.fromEntries(url.searchParams), search: url.search, headers, body, answeredStatus: undefined,
    };
    const found = findRoute(routes, request);
    const answer = found ? found.route.answer({ request, requestId: 'simulation' }, ...found.segments) : { status: 404 };
    return { status: answer.status, headers: { date: new Date(world.now()).toUTCString(), ...lowerCase(answer.headers) }, text: leaveOut(textOf(answer)) };
  }

  /** MRS does not always say whose a job is, or where it runs. */
  function leaveOut(text: string): string {
    if (!world.leavesOut() || !chance.happens(0.3)) return text;
    return text.replaceAll(chance.one([/"user":"[^"]*",?/g, /"queue":"[^"]*",?/g]), (field) => (chance.happens(0.5) ? '' : field));
  }

  const onKilled = new Map<string, () => void>();

  /** A kill was taken: it has its effect after a while. */
  function kill(jobId: string): void {
    const run = onKilled.get(jobId);
    if (run === undefined || cloud.jobs.get(jobId)?.job.ignoresKill) return;
    onKilled.delete(jobId);
    world.after(cloud.killDelayMs, run);
  }

  const openSend: SimulatedCloud['openSend'] = (who) => (origins) => {
    const guard = createGuard(origins);
    return async (http) => {
      guard(http.url);
      const actor = who();
      const to = placeOf(http.url.pathname);
      const jobId = /\/job-executions\/([^/]+)/.exec(http.url.pathname)?.[1];
      const isKill = http.url.pathname.endsWith('/kill');
      const sentAt = world.now();
      let tellKill: ReturnType<Traffic['onKill']> | undefined;
      let gaveUp = false;
      return callOutside<HttpAnswer>(world, actor, {
        to,
        what: whatOf(http, cloud),
        timeoutMs: http.timeoutMs,
        signal: http.signal,
        isKill,
        effect() {
          const answer = answerTo(http);
          if (isKill && answer.status === 202) kill(jobId ?? '');
          if (http.url.pathname.startsWith('/api/')) traffic.onSlack(actor, http.url.pathname.replace('/api/', ''), JSON.parse(http.body ?? '{}'), JSON.parse(answer.text));
          return answer;
        },
        noAnswer() {
          gaveUp = true;
          tellKill?.('none');
          return chance.happens(0.5) ? new NoAnswer('timeout', `no answer within ${http.timeoutMs} ms`) : new NoAnswer('unreachable', 'connection failed (ECONNRESET)');
        },
        ...(to !== 'iam' && {
          notNow() {
            const answer = notNow(world, to, isKill);
            tellKill?.(answer.status);
            return answer;
          },
        }),
        show: (answer) => shown(answer, isKill || to !== 'mrs'),
        onLeave() {
          if (isKill) tellKill = traffic.onKill(actor, jobId ?? '');
        },
        onAnswer(answer) {
          if (gaveUp) return;
          tellKill?.(answer.status);
          if (!isKill && jobId !== undefined && answer.status < 300) traffic.onJobSeen(actor, jobId, isOverIn(answer.text), sentAt);
        },
      });
    };
  };

  return {
    cloud,
    openSend,
    onKilled: (jobId, run) => void onKilled.set(jobId, run),
    addJob(fields) {
      const record: JobRecord = { job: makeJob({ cluster_id: ANALYTICS_ID, ...fields }, cloud.jobs.size + 1, world.now()), addedAt: world.now() };
      cloud.jobs.set(record.job.job_id, record);
      return record;
    },
  };
}

/** MRS and Slack as they say "not now"; for a kill also in the words that MRS uses for trouble of its own. */
function notNow({ chance }: World, to: Place, isKill: boolean): HttpAnswer {
  if (to === 'slack') return chance.one([{ status: 429, headers: { 'retry-after': '3' }, text: '' }, { status: 503, headers: {}, text: '' }]);
  const throttled: Answer = { ...mrsError(429, 'APIGW.0308', 'The throttling threshold has been reached.'), ...(chance.happens(0.5) && { headers: { 'retry-after': String(chance.whole(1, 20)) } }) };
  const busy = mrsError(503, 'APIGW.0201', 'Backend unavailable.');
  const answer = chance.one(isKill ? [throttled, busy, mrsError(500, '0175', 'Failed to terminate the job.')] : [throttled, busy]);
  return { status: answer.status, headers: lowerCase(answer.headers), text: textOf(answer) };
}

function placeOf(path: string): Place {
  if (path.startsWith('/api/') || path.startsWith('/hooks/')) return 'slack';
  return path.startsWith('/v3/') ? 'iam' : 'mrs';
}

function whatOf({ method, url, body }: HttpCall, cloud: Cloud): string {
  const { pathname } = url;
  if (pathname.startsWith('/hooks/')) return 'answer to a click';
  if (pathname.startsWith('/api/')) return `${pathname.slice(5)} "${firstWords(body)}"`;
  if (pathname.startsWith('/v3/')) return 'token';
  const [, jobId, kill] = /\/job-executions\/([^/]+)(\/kill)?$/.exec(pathname) ?? [];
  if (jobId === undefined) return 'list of jobs';
  return `${kill === undefined ? method : 'POST kill'} ${cloud.jobs.get(jobId)?.job.job_name ?? ''} (${jobId.slice(0, 4)})`;
}

function firstWords(body = '{}'): string {
  const { text = '', blocks = [] } = JSON.parse(body) as { text?: string; blocks?: { type: string }[] };
  return `${text.slice(0, 40)}${blocks.some(({ type }) => type === 'actions') ? ' [buttons]' : ''}`;
}

function shown({ status, text }: HttpAnswer, isShort: boolean): string {
  const [, code] = /"error_code":"([^"]+)"/.exec(text) ?? [];
  const [, state] = /"job_state":"([^"]+)"/.exec(text) ?? [];
  const [, result] = /"job_result":"([^"]+)"/.exec(text) ?? [];
  const words = [code, isShort ? undefined : state, isShort ? undefined : result].filter((word) => word !== undefined && word !== 'UNDEFINED');
  return [status, ...words].join(' ');
}

function isOverIn(text: string): boolean {
  const { job_detail: job } = JSON.parse(text) as { job_detail?: { job_state?: string; job_result?: string } };
  return /^(?:FINISHED|FAILED|KILLED)$/.test(job?.job_state ?? '') || /^(?:SUCCEEDED|FAILED|KILLED)$/.test(job?.job_result ?? '');
}

function textOf({ body = '' }: Answer): string {
  return typeof body === 'string' ? body : JSON.stringify(body);
}

function lowerCase(headers: Record<string, string> = {}): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}
