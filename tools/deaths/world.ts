import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { findPort, type HomeProcess, makeFolder, settingsFor, startHome } from '../../test/home/serve/process.ts';
import { APPROVER, CHANNEL, REQUESTER } from '../../test/simulation/policy.ts';
import { ANALYTICS_ID, PROJECT_ID } from '../../test/simulator/client.ts';
import { type Simulator, startSimulator } from '../../test/simulator/simulator.ts';

/** So many rules that pick, each in a queue of its own: one picks once in its cooldown. */
const PICKS = 60;

export const ASK_SEC = 6;
const WARN_SEC = 3;

/** A policy in which everything can happen, in seconds. */
const POLICY = `
dryRun: false
clusters: { analytics: { id: ${ANALYTICS_ID}, project: ${PROJECT_ID}, region: eu-west-101 } }
ask: [{ trigger: slack, who: requester }]
limits: { perHour: 100000, percentOfRunning: 100 }
slack: { team: T0123ABCD, mayKill: [${REQUESTER}, ${APPROVER}], mayApprove: [${APPROVER}], channel: ${CHANNEL} }
alerts:
  - { match: { alertname: Stuck }, cluster: analytics, job: job_id, action: kill }
  - { match: { alertname: Slow }, cluster: analytics, job: job_id, action: ask }
  - { name: doomed, match: { alertname: Doomed }, cluster: analytics, job: job_id, action: kill, warn: ${WARN_SEC}s, keep: 2s, keepAtMost: 4s }
${Array.from({ length: PICKS }, (_, number) => `  - { match: { alertname: Crowd-${number} }, cluster: analytics, pick: { queue: crowd-${number}, count: 2, cooldown: 1m }, action: kill }`).join('\n')}
`;

/** The simulator, and the own home in processes beside it, one after the other over one store. */
export type World = {
  simulator: Simulator;
  /** Where each of them serves. */
  url: string;
  storeFile: string;
  /** Where the store and what the processes said lie. */
  folder: string;
  start(...args: string[]): HomeProcess;
  /** Keeps what a process said, when it is over. */
  note(home: HomeProcess): void;
  remove(): void;
  picks: number;
};

export async function openWorld(): Promise<World> {
  const simulator = await startSimulator({ killDelayMs: 700, slack: { botToken: 'xoxb-token-of-this-test' } });
  const { folder, remove } = makeFolder(POLICY);
  const port = await findPort();
  const settings = { ...settingsFor(simulator), PORT: String(port), ASK_TIMEOUT_SEC: String(ASK_SEC), FOLLOW_TIMEOUT_SEC: '60' };
  return {
    simulator,
    url: `http://127.0.0.1:${port}`,
    storeFile: join(folder, 'data/killswitch.sqlite'),
    folder,
    start: (...args) => startHome(folder, settings, ...args),
    note: (home) => appendFileSync(join(folder, 'said.jsonl'), `${home.stdout()}${home.stderr()}{"message":"process ${home.child.pid} is over"}\n`),
    remove,
    picks: PICKS,
  };
}

/** MRS and Slack as they are on a bad day; `clearFaults` makes it a good one. */
export function makeTrouble({ simulator }: World, { hangsUp }: { hangsUp: boolean }): void {
  const some = (share: number) => ({ times: Infinity, when: () => Math.random() < share });
  if (hangsUp) {
    simulator.fault({ on: 'kill', ...some(0.04), hangUp: true, thenDo: 'effect' });
    simulator.fault({ on: 'kill', ...some(0.04), hangUp: true });
    simulator.fault({ on: 'kill', ...some(0.02), hang: true, thenDo: 'effect' });
  }
  simulator.fault({ on: 'kill', ...some(0.05), status: 503, body: { error_code: '0180', error_msg: 'The service is busy.' } });
  simulator.fault({ on: 'kill', ...some(0.05), status: 429, headers: { 'retry-after': '1' } });
  simulator.fault({ on: 'job', ...some(0.03), hangUp: true });
  simulator.fault({ on: 'job', ...some(0.03), status: 503 });
  simulator.fault({ on: 'jobs', ...some(0.03), hangUp: true });
  simulator.fault({ on: 'slack', ...some(0.02), hangUp: true, thenDo: 'effect' });
  simulator.fault({ on: 'slack', ...some(0.02), status: 500 });
  simulator.fault({ on: 'any', ...some(0.1), delayMs: 300 });
  simulator.fault({ on: 'any', ...some(1), delayMs: 30 });
}
