import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { agencyRoutes, makeAgency, type SimulatedAgency, viewAgency } from './agency.ts';
import type { Cloud, SimulatedCluster, SimulatedKey, SimulatedProject, SimulatedUser } from './cloud.ts';
import { controlRoutes } from './control.ts';
import type { Fault } from './faults.ts';
import { iamRoutes } from './iam.ts';
import { endJobByHand, isKilledByRequest, type JobResult, makeJob, refreshJob, type SimulatedJob } from './jobs.ts';
import { mrsRoutes } from './mrs.ts';
import type { RecordedRequest, Route } from './routing.ts';
import { serve } from './serve.ts';
import { slackRoutes } from './slack.ts';
import { serveSocketMode } from './slack-socket.ts';
import { makeWorkspace, type SimulatedSlack, type SlackOptions, viewWorkspace } from './slack-workspace.ts';
import { smnRoutes } from './smn.ts';
import { makeSmn, type SimulatedSmn, viewSmn } from './smn-state.ts';

export type { SimulatedCluster } from './cloud.ts';
export type { Fault } from './faults.ts';
export type { SimulatedJob } from './jobs.ts';
export type { RecordedRequest } from './routing.ts';
export type { SlackMessage } from './slack-workspace.ts';

/** A further part is one file and one row here. */
const PARTS = { mrs: mrsRoutes, iam: iamRoutes, slack: slackRoutes, smn: smnRoutes, agency: agencyRoutes } satisfies Record<string, (cloud: Cloud) => Route[]>;
export type SimulatorPart = keyof typeof PARTS;

const PROJECT: SimulatedProject = { id: '0a1b2c3d4e5f60718293a4b5c6d7e8f9', name: 'eu-west-101' };
const USER: SimulatedUser = { name: 'killswitch', password: 'simulator-password', domain: 'simulator' };
const KEY: SimulatedKey = { access: 'SIMULATORACCESSKEY', secret: 'simulator-secret-key' };
const CLUSTERS: SimulatedCluster[] = [
  { id: '2b460e01-3351-4170-b0a7-57b9dd5ffef3', name: 'analytics', projectId: PROJECT.id },
  { id: 'bc134369-294c-42b7-a707-b2036ba38524', name: 'dev', projectId: PROJECT.id },
];

export type SimulatorOptions = {
  /** Default 0: a free one. */
  port?: number;
  /** Default all. Without `iam`, MRS takes any token and any signature. */
  parts?: SimulatorPart[];
  clusters?: SimulatedCluster[];
  users?: SimulatedUser[];
  /** AK/SK pairs whose signatures are taken; default one. */
  keys?: SimulatedKey[];
  projects?: SimulatedProject[];
  /** How long the temporary keys of the server's agency live; default 3 h. */
  agencyKeyLifeMs?: number;
  /** What is left out stands in slack-workspace.ts. */
  slack?: Partial<SlackOptions>;
  /** From an accepted kill to KILLED; default 1000. */
  killDelayMs?: number;
  /** Epoch ms; default Date.now. */
  now?: () => number;
};

export type Simulator = {
  /** Serves all parts: `http://127.0.0.1:<port>`. */
  url: string;
  /** Adds a job: running SparkSubmit with fake secrets unless told otherwise. Throws on an unknown cluster or a job id in use. */
  addJob(fields?: Partial<SimulatedJob>): SimulatedJob;
  /** The job as of now; its plain fields may be changed in place. */
  job(jobId: string): SimulatedJob | undefined;
  /** All jobs as of now, in the order they were added. */
  jobs(): SimulatedJob[];
  /** Ends a job now, as if by itself or by somebody else's hand. Throws on an unknown job. */
  endJob(jobId: string, result: JobResult): void;
  /** Every request but those to the control API, in order of arrival. */
  requests: RecordedRequest[];
  /** The kill requests, whatever was answered. */
  kills(): RecordedRequest[];
  /** Ids of the jobs that a kill request ended or is about to end. */
  killed(): string[];
  /** Scripts a misbehaviour; faults are used up in order. */
  fault(fault: Fault): void;
  clearFaults(): void;
  /** All tokens issued so far answer 401 APIGW.0307 from now on. */
  expireTokens(): void;
  issuedTokens(): string[];
  slack: SimulatedSlack;
  smn: SimulatedSmn;
  agency: SimulatedAgency;
  /** Stops listening and destroys what is open. */
  close(): Promise<void>;
};

/** Starts a server on loopback that behaves like MRS, IAM, Slack, SMN and a server's metadata service, on the clock it is given. */
export async function startSimulator(options: SimulatorOptions = {}): Promise<Simulator> {
  const parts = options.parts ?? (Object.keys(PARTS) as SimulatorPart[]);
  const cloud: Cloud = {
    now: options.now ?? Date.now,
    killDelayMs: options.killDelayMs ?? 1_000,
    clusters: options.clusters ?? CLUSTERS,
    projects: options.projects ?? [PROJECT],
    users: options.users ?? [USER],
    keys: [...(options.keys ?? [KEY])],
    keyRefusals: new Map(),
    jobs: new Map(),
    tokens: new Map(),
    knowsTokens: parts.includes('iam'),
    slack: makeWorkspace(options.slack),
    smn: makeSmn(),
    agency: makeAgency(options.agencyKeyLifeMs),
  };
  const requests: RecordedRequest[] = [];
  const faults: Fault[] = [];
  const closing = new AbortController();

  const simulator: Simulator = {
    url: '',
    addJob: (fields = {}) => addJob(cloud, fields),
    job(jobId) {
      const record = cloud.jobs.get(jobId);
      return record && refreshJob(record, cloud.killDelayMs, cloud.now());
    },
    jobs: () => [...cloud.jobs.values()].map((record) => refreshJob(record, cloud.killDelayMs, cloud.now())),
    endJob(jobId, result) {
      const record = cloud.jobs.get(jobId);
      if (record === undefined) throw new Error(`no job ${jobId} in the simulator`);
      endJobByHand(record, result, cloud.now());
    },
    requests,
    kills: () => requests.filter(({ method, path }) => method === 'POST' && path.endsWith('/kill')),
    killed: () => [...cloud.jobs.values()].filter((record) => isKilledByRequest(record, cloud.killDelayMs)).map(({ job }) => job.job_id),
    fault: (fault) => void faults.push(fault),
    clearFaults: () => void faults.splice(0),
    expireTokens() {
      for (const token of cloud.tokens.values()) token.revoked = true;
    },
    issuedTokens: () => [...cloud.tokens.keys()],
    slack: viewWorkspace(cloud.slack, () => simulator.url, cloud.now),
    smn: viewSmn(cloud.smn, cloud.now),
    agency: viewAgency(cloud),
    async close() {
      closing.abort();
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      server.closeAllConnections();
      simulator.slack.socketMode.drop();
      await closed;
    },
  };

  const routes = parts.flatMap((part) => PARTS[part](cloud));
  const control = controlRoutes(simulator);
  // Real gateways take 32 KB a header. No keep-alive limit: a socket closed between two requests would look like a fault.
  const server = createServer({ maxHeaderSize: 65_536, keepAliveTimeout: 0 }, (incoming, outgoing) => {
    void serve({ routes, control, requests, faults, now: cloud.now, closing: closing.signal }, incoming, outgoing);
  });
  server.on('upgrade', serveSocketMode(cloud.slack.socketMode));
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, '127.0.0.1', resolve);
  });
  simulator.url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  return simulator;
}

function addJob(cloud: Cloud, fields: Partial<SimulatedJob>): SimulatedJob {
  const cluster_id = fields.cluster_id ?? cloud.clusters[0]?.id ?? '';
  if (!cloud.clusters.some(({ id }) => id === cluster_id)) throw new Error(`no cluster ${cluster_id} in the simulator`);
  const job = makeJob({ ...fields, cluster_id }, cloud.jobs.size + 1, cloud.now());
  if (cloud.jobs.has(job.job_id)) throw new Error(`job ${job.job_id} is already in the simulator`);
  cloud.jobs.set(job.job_id, { job, addedAt: cloud.now() });
  return job;
}
