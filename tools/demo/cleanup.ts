import type { RuleReport } from '../../lib/core/report.ts';
import type { SimulatedJob } from '../../test/simulator/simulator.ts';
import { DEV, endInSlack, HOUR_MS, type Part, type Stage, waitFor } from './step.ts';

const JOBS = {
  stale: { job_id: '31e2a6f4-5b0f-4f39-8c80-4a6b9e3f0d31', job_name: 'nb-forgotten', hours: 9 },
  fresh: { job_id: '32e2a6f4-5b0f-4f39-8c80-4a6b9e3f0d32', job_name: 'nb-in-use', hours: 1 },
  other: { job_id: '33e2a6f4-5b0f-4f39-8c80-4a6b9e3f0d33', job_name: 'etl-long', hours: 9 },
};

/** Runs cleanup, and tells what each rule did. */
export async function runCleanup({ clean }: Stage, scheduledTime: Date): Promise<string> {
  const { rules, skipped } = await clean(scheduledTime);
  if (skipped !== undefined) return 'skipped';
  return rules.map(ruleText).join('; ') || 'nothing matched';
}

/** Of a rule that warns nothing is killed yet: what it started are warnings. */
function ruleText({ rule, matched, started, warned }: RuleReport): string {
  return warned > 0 ? `${rule}: ${warned} of ${matched} warned` : `${rule}: ${started} of ${matched} started`;
}

/** What the schedule does: stale jobs end by rule, once an hour, and a late run does nothing. */
export const CLEANUP_PART: Part = {
  name: 'cleanup',
  victims: [JOBS.stale.job_id],
  prepare({ simulator }) {
    for (const { hours, ...job } of Object.values(JOBS)) {
      const startedAt = Date.now() - hours * HOUR_MS;
      simulator.addJob({ ...job, cluster_id: DEV, submitted_time: startedAt - 5_000, started_time: startedAt } satisfies Partial<SimulatedJob>);
    }
  },
  steps: [
    {
      title: 'A run that is two hours late',
      expected: 'skipped',
      only: { home: 'aws', why: 'the own home does not deliver late: what it missed it leaves out' },
      play: (stage) => runCleanup(stage, new Date(Date.now() - 2 * HOUR_MS)),
    },
    { title: 'The run of this hour', expected: 'stale-notebooks: 1 of 1 started', play: (stage) => runCleanup(stage, new Date()) },
    { title: 'Its end, in the thread of the report', expected: 'Killed', play: (stage) => endInSlack(stage, JOBS.stale.job_name) },
    {
      title: 'The report in the channel',
      expected: 'Cleanup: 1 matched, 1 being killed',
      play: ({ simulator }) =>
        waitFor('the report', () => {
          const text = simulator.slack.messages().find((message) => message.text.startsWith('*Cleanup*'))?.text;
          return text && `Cleanup: ${text.split('`: ')[1]}`;
        }),
    },
  ],
};
