import type { JobRecord } from './jobs.ts';
import type { Workspace } from './slack-workspace.ts';

export type SimulatedCluster = { id: string; name: string; projectId: string; /** default 'running' */ state?: string };
export type SimulatedUser = { name: string; password: string; domain: string };
export type SimulatedProject = { id: string; name: string };

/** What IAM remembers of a token: epoch ms, and the project it was issued for, if any. */
export type IssuedToken = { expiresAt: number; projectId: string | undefined; revoked: boolean };

/** Everything the routes share. Jobs and tokens stand in the order they came. */
export type Cloud = {
  now: () => number;
  killDelayMs: number;
  clusters: SimulatedCluster[];
  projects: SimulatedProject[];
  users: SimulatedUser[];
  jobs: Map<string, JobRecord>;
  tokens: Map<string, IssuedToken>;
  /** False where IAM is not simulated here: then its tokens cannot be known and any is taken. */
  knowsTokens: boolean;
  slack: Workspace;
};
