import type { CleanupReport } from '../../lib/core/report.ts';
import type { Fields } from '../../lib/log/log.ts';
import { type VirtualClock, virtualClock } from '../local/clock.ts';
import type { SimulatedJob, SimulatorOptions, SlackMessage } from '../simulator/simulator.ts';
import { policyOf, type SlackStage, type SlackStageOptions, startSlackStage } from './slack.ts';

/** 2026-11-22 12:00 UTC, when every test begins. */
export const NOON = 1_795_348_800_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
export const DEV_ID = 'bc134369-294c-42b7-a707-b2036ba38524';

/** A message as it was sent to Slack; `threadTs` where it is a reply. */
export type Post = { channel: string; text: string; threadTs: string | undefined };

/** functions/cleanup with everything behind it: two clusters, Lambda's API, the kill function and Slack; all on one clock. */
export type CleanupStage = SlackStage & {
  clock: VirtualClock;
  /** Runs the function for an event as Lambda would; rejects with what it throws. */
  run(event?: unknown): Promise<CleanupReport>;
  /** A job that has been running for so many hours. */
  addRunning(name: string, hours: number, fields?: Partial<SimulatedJob>): SimulatedJob;
  /** The reports in the channel, oldest first. */
  reports(): SlackMessage[];
  /** The only report. */
  report(): SlackMessage;
  /** What the bot posted, in order, reports included. */
  posts(): Post[];
  /** The lines of the log with that message. */
  logged(message: string): Fields[];
  /** Names of all kill executions, oldest first, notices left out. */
  names(): string[];
};

/** `rules` is the list under cleanup:, `more` further top-level lines. */
export function cleanupPolicy(rules: string, more = ''): string {
  return policyOf({ more: `${more}\ncleanup:\n${rules}` });
}

/** Kills notebooks that have been running for more than six hours. */
export const STALE = '  - { name: stale-notebooks, cluster: analytics, match: { name: "nb-*" }, olderThan: 6h, action: kill }';

export async function startCleanupStage(policy = cleanupPolicy(STALE), simulator: SimulatorOptions = {}, more: Omit<SlackStageOptions, 'policy' | 'clock' | 'simulator'> = {}): Promise<CleanupStage> {
  const clock = virtualClock(NOON);
  const slack = await startSlackStage({ ...more, policy, clock, simulator });

  const isReport = ({ text }: { text: string }): boolean => text.startsWith('*Cleanup');
  const stage: CleanupStage = {
    ...slack,
    clock,
    async run(event = {}) {
      const answer = await slack.backend.call('mrs-killswitch-test-cleanup', JSON.stringify(event));
      if (answer.kind === 'threw') throw answer.error;
      return JSON.parse(answer.payload) as CleanupReport;
    },
    addRunning(name, hours, fields = {}) {
      const startedAt = clock.now() - hours * HOUR_MS;
      return slack.simulator.addJob({ job_name: name, submitted_time: startedAt - 5_000, started_time: startedAt, ...fields });
    },
    reports: () => slack.simulator.slack.messages().filter(isReport),
    report() {
      const [report, ...others] = stage.reports();
      if (report === undefined || others.length > 0) throw new Error(`expected one report, not ${stage.reports().length}`);
      return report;
    },
    posts: () =>
      slack.simulator.requests.flatMap(({ path, body }) => {
        if (path !== '/api/chat.postMessage') return [];
        const { channel, text, thread_ts: threadTs } = JSON.parse(body) as { channel: string; text: string; thread_ts?: string };
        return [{ channel, text, threadTs }];
      }),
    logged: (message) => slack.lines.map((line) => JSON.parse(line) as Fields).filter((line) => line['message'] === message),
    names: () => slack.backend.list({ oldestFirst: true }).flatMap(({ name }) => (name.startsWith('notice-') ? [] : [name])),
  };
  return stage;
}
