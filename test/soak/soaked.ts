import type { HomeProcess } from '../home/serve/process.ts';
import type { Simulator } from '../simulator/simulator.ts';
import { ANALYTICS_ID, PROJECT_ID } from '../simulator/client.ts';
import { APPROVER, CHANNEL, REQUESTER } from '../simulation/policy.ts';
import { RULES } from './deliveries.ts';
import type { Spoilt } from './faults.ts';

export type HomeName = 'aws' | 'own';

/** A home in a process of its own, and all that is outside of it, which goes wrong now and then. */
export type Soaked = {
  url: string;
  simulator: Simulator;
  process: HomeProcess;
  /** What was called, by where. */
  spoilt: Record<string, Spoilt>;
  /** How many executions are open. */
  countOpen: () => number;
  close: () => Promise<void>;
};

export type SoakOptions = {
  random: () => number;
  /** So many calls of a hundred go wrong, as a share. */
  faults: number;
  /** Whether calls are broken off too: a kill without an answer is waited for. */
  hangsUp: boolean;
};

/** Seconds: so long is asked what nobody answers. */
export const ASK_SEC = 6;

/** The places of an hour stand in one entry, of which DynamoDB takes 400 KB, and each is written with all others. */
export const PER_HOUR = 2_000;

export const POLICY = `
dryRun: false
clusters: { analytics: { id: ${ANALYTICS_ID}, project: ${PROJECT_ID}, region: eu-west-101 } }
protected: [{ name: "billing-*" }]
limits: { perHour: ${PER_HOUR} }
slack: { team: T0123ABCD, mayKill: [${REQUESTER}], mayApprove: [${APPROVER}], channel: ${CHANNEL} }
${RULES}`;
