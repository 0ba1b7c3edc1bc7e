import type { AgencyState } from './agency.ts';
import type { JobRecord } from './jobs.ts';
import type { Workspace } from './slack-workspace.ts';
import type { SmnState } from './smn-state.ts';

export type SimulatedCluster = { id: string; name: string; projectId: string; /** default 'running' */ state?: string };
export type SimulatedUser = { name: string; password: string; domain: string };
/** A temporary key has a security token, which its requests carry and sign; after `expiresAt` (epoch ms) it is refused. */
export type SimulatedKey = { access: string; secret: string; securityToken?: string; expiresAt?: number };
export type SimulatedProject = { id: string; name: string };

/** What IAM remembers of a token: epoch ms, and the project it was issued for, if any. */
export type IssuedToken = { expiresAt: number; projectId: string | undefined; revoked: boolean };

/** How often in a row a key's signatures were refused, and until when (epoch ms) the key is locked for it. */
export type KeyRefusals = { count: number; lockedUntil: number };

/** Everything the routes share. Jobs and tokens stand in the order they came. */
export type Cloud = {
  now: () => number;
  killDelayMs: number;
  clusters: SimulatedCluster[];
  projects: SimulatedProject[];
  users: SimulatedUser[];
  keys: SimulatedKey[];
  /** By access key. */
  keyRefusals: Map<string, KeyRefusals>;
  jobs: Map<string, JobRecord>;
  tokens: Map<string, IssuedToken>;
  /** False where IAM is not simulated here: then its tokens and keys cannot be known, and any is taken. */
  knowsTokens: boolean;
  slack: Workspace;
  smn: SmnState;
  agency: AgencyState;
};
