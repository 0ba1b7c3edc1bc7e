/** What one rule did in a run. */
export type RuleReport = {
  rule: string;
  action: string;
  dryRun: boolean;
  matched: number;
  started: number;
  /** Those of them that wait for a person. */
  asked: number;
  /** Started by an earlier run of this hour, or by one at the same time. */
  repeated: number;
  spared: { job: string; by: string }[];
  /** Kept back by a limit. */
  refused: { by: string; reason: string; jobs: number } | undefined;
  /** Could not be started; the next run tries again. */
  failed: number;
};

/** The truth about one run: return value, log line and message say the same. */
export type CleanupReport = { rules: RuleReport[]; unreadable: { cluster: string; reason: string }[]; skipped?: string };
