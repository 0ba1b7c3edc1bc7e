import type { Trigger } from './request.ts';
import type { JobPick, Selector } from './selector.ts';

/** policy.yml after its check: what may be killed, by whom, when somebody has to be asked. */
export type Policy = {
  /** Dry run for everything, or for the triggers named. */
  dryRun: boolean | Trigger[];
  /** By name. Only what stands here can be touched. */
  clusters: Record<string, ListedCluster>;
  /** Never killed, whoever asks. */
  protected: Selector[];
  ask: AskRule[];
  limits: Limits;
  slack: SlackRights;
  alerts: AlertRule[];
  cleanup: CleanupRule[];
};

/** Project and region default to the settings. */
export type ListedCluster = { id: string; project?: string | undefined; region?: string | undefined };

/** First match decides. Without `match` or `trigger` that part fits everything. */
export type AskRule = { trigger?: Trigger | undefined; match?: ClusterSelector | undefined; who: Who };
export type Who = 'requester' | 'approver' | 'none';

/** A selector that may also name the cluster, by a glob over its name in the policy. */
export type ClusterSelector = Selector & { cluster?: string | undefined };

export type Limits = {
  perDelivery: number;
  /** Live executions started by alerts and cleanup in the last 60 minutes. */
  perHour: number;
  /** Of the running jobs of one cluster; cleanup and picks only. */
  percentOfRunning: number;
};

export type SlackRights = {
  team?: string | undefined;
  /** Slack user ids. */
  mayKill: string[];
  mayApprove: string[];
  /** Where alerts and cleanup report, and what the bot cannot say elsewhere. */
  channel?: string | undefined;
  /** Where commands work; everywhere if left out. */
  channels?: string[] | undefined;
};

export type Action = 'kill' | 'ask' | 'notify';

export type AlertRule = {
  source?: string | undefined;
  /** Globs over the alert's labels. */
  match: Record<string, string>;
  /** Name of a listed cluster, where the alert does not say it. */
  cluster?: string | undefined;
  /** The label that names the job, where it is none of the usual ones. */
  job?: string | undefined;
  pick?: JobPick | undefined;
  action: Action;
  dryRun?: boolean | undefined;
};

export type CleanupRule = {
  name: string;
  cluster: string;
  match: Selector;
  action: Action;
  dryRun?: boolean | undefined;
};
