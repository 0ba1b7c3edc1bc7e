import * as z from 'zod';
import type { Fault } from './faults.ts';
import type { SimulatedJob } from './jobs.ts';
import type { Answer } from './routing.ts';
import type { Simulator } from './simulator.ts';

/** One call of the control API; `answer` takes the body and throws on a bad one, which is answered 400. */
export type ControlRoute = { method: string; path: string; answer: (body: string) => Answer };

const text = z.string().exactOptional();
const number = z.number().exactOptional();

const jobFields = z.strictObject({
  cluster_id: text,
  job_id: text,
  user: text,
  job_name: text,
  job_type: text,
  job_state: text,
  job_result: text,
  job_progress: number,
  submitted_time: number,
  started_time: number,
  finished_time: number,
  elapsed_time: number,
  queue: text,
  arguments: text,
  properties: text,
  launcher_id: text,
  app_id: text,
  tracking_url: text,
  endsItself: z.strictObject({ afterMs: z.number(), result: z.enum(['SUCCEEDED', 'FAILED', 'KILLED']) }).exactOptional(),
  ignoresKill: z.literal(true).exactOptional(),
  logCopyMs: number,
}) satisfies z.ZodType<Partial<SimulatedJob>>;

const faultFields = z.strictObject({
  on: z.enum(['kill', 'job', 'jobs', 'clusters', 'cluster', 'token', 'projects', 'slack', 'smn-certificate', 'smn-confirmation', 'agency', 'any']),
  // What JSON makes of Infinity.
  times: z.number().or(z.null().transform(() => Infinity)).exactOptional(),
  status: number,
  body: z.string().or(z.record(z.string(), z.unknown())).exactOptional(),
  headers: z.record(z.string(), z.string()).exactOptional(),
  delayMs: number,
  hang: z.literal(true).exactOptional(),
  hangUp: z.literal(true).exactOptional(),
  thenDo: z.enum(['effect', 'nothing']).exactOptional(),
}) satisfies z.ZodType<Fault>;

/** The simulator's in-process interface for other processes, under /simulator/. */
export function controlRoutes(simulator: Simulator): ControlRoute[] {
  return [
    {
      method: 'POST',
      path: '/simulator/jobs',
      answer: (body) => ({ status: 201, body: simulator.addJob(jobFields.parse(JSON.parse(body || '{}'))) }),
    },
    { method: 'GET', path: '/simulator/jobs', answer: () => ({ status: 200, body: simulator.jobs() }) },
    { method: 'GET', path: '/simulator/kills', answer: () => ({ status: 200, body: simulator.kills() }) },
    { method: 'GET', path: '/simulator/killed', answer: () => ({ status: 200, body: simulator.killed() }) },
    { method: 'GET', path: '/simulator/slack/messages', answer: () => ({ status: 200, body: simulator.slack.messages() }) },
    { method: 'GET', path: '/simulator/slack/ephemerals', answer: () => ({ status: 200, body: simulator.slack.ephemerals() }) },
    { method: 'GET', path: '/simulator/slack/responses', answer: () => ({ status: 200, body: simulator.slack.responses() }) },
    { method: 'POST', path: '/simulator/slack/response-urls', answer: () => ({ status: 201, body: { url: simulator.slack.newResponseUrl() } }) },
    {
      method: 'POST',
      path: '/simulator/faults',
      answer(body) {
        simulator.fault(faultFields.parse(JSON.parse(body)));
        return { status: 204 };
      },
    },
    {
      method: 'DELETE',
      path: '/simulator/faults',
      answer() {
        simulator.clearFaults();
        return { status: 204 };
      },
    },
  ];
}
