import type { SimulatedJob } from '../../test/simulator/simulator.ts';
import { endInSlack, type Part, type Stage } from './step.ts';

const JOBS = {
  stuck: { job_id: '11e2a6f4-5b0f-4f39-8c80-4a6b9e3f0d11', job_name: 'alert-stuck' },
  sparedByRule: { job_id: '12e2a6f4-5b0f-4f39-8c80-4a6b9e3f0d12', job_name: 'alert-no-rule' },
  resolved: { job_id: '13e2a6f4-5b0f-4f39-8c80-4a6b9e3f0d13', job_name: 'alert-resolved' },
} satisfies Record<string, Partial<SimulatedJob>>;

async function deliver({ url, alertToken }: Stage, body: object): Promise<string> {
  const answer = await fetch(`${url}/alerts/generic`, {
    method: 'POST',
    headers: { authorization: `Bearer ${alertToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const { results = [] } = (await answer.json()) as { results?: { outcome: string; rule?: string }[] };
  return `${answer.status} ${results.map(({ outcome, rule }) => (rule === undefined ? outcome : `${outcome} ${rule}`)).join(', ')}`;
}

const stuckAlert = { id: 'demo-1', labels: { alertname: 'MrsJobStuck', job_name: JOBS.stuck.job_name, cluster: 'analytics' } };

/** What an alert does: a kill by rule, once, and nothing without a rule. */
export const ALERT_PART: Part = {
  name: 'alerts',
  victims: [JOBS.stuck.job_id],
  steps: [
    {
      title: 'An alert with a rule',
      expected: '202 accepted',
      play(stage) {
        for (const job of Object.values(JOBS)) stage.simulator.addJob(job);
        return deliver(stage, stuckAlert);
      },
    },
    { title: 'The same alert again', expected: '202 duplicate', play: (stage) => deliver(stage, stuckAlert) },
    { title: 'Its end, as Slack shows it', expected: 'Killed', play: (stage) => endInSlack(stage, JOBS.stuck.job_name) },
    {
      title: 'An alert without a rule',
      expected: '202 refused alerts',
      play: (stage) => deliver(stage, { id: 'demo-2', labels: { alertname: 'Other', job_name: JOBS.sparedByRule.job_name } }),
    },
    {
      title: 'An alert that is resolved',
      expected: '202 ignored',
      play: (stage) => deliver(stage, { ...stuckAlert, id: 'demo-3', status: 'resolved', labels: { ...stuckAlert.labels, job_name: JOBS.resolved.job_name } }),
    },
  ],
};
