import type { SimulatedJob } from '../../test/simulator/simulator.ts';
import { endInSlack, type Part, type Stage } from './step.ts';

const JOBS = {
  stuck: { job_id: '11e2a6f4-5b0f-4f39-8c80-4a6b9e3f0d11', job_name: 'alert-stuck' },
  grouped: { job_id: '14e2a6f4-5b0f-4f39-8c80-4a6b9e3f0d14', job_name: 'alert-grouped' },
  sparedByRule: { job_id: '12e2a6f4-5b0f-4f39-8c80-4a6b9e3f0d12', job_name: 'alert-no-rule' },
  resolved: { job_id: '13e2a6f4-5b0f-4f39-8c80-4a6b9e3f0d13', job_name: 'alert-resolved' },
} satisfies Record<string, Partial<SimulatedJob>>;

async function deliver({ url, alertToken }: Stage, body: object, source = 'generic'): Promise<string> {
  const answer = await fetch(`${url}/alerts/${source}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${alertToken}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  const { results = [] } = (await answer.json()) as { results?: { outcome: string; rule?: string }[] };
  return `${answer.status} ${results.map(({ outcome, rule }) => (rule === undefined ? outcome : `${outcome} ${rule}`)).join(', ')}`;
}

/** As a real Alertmanager sends a group: two alerts, of which one has resolved meanwhile. */
const alertmanagerDelivery = {
  version: '4',
  receiver: 'mrs-killswitch',
  status: 'firing',
  groupKey: '{}:{alertname="MrsJobStuck"}',
  truncatedAlerts: 0,
  groupLabels: {},
  commonLabels: {},
  commonAnnotations: {},
  externalURL: 'http://alertmanager.example.com',
  alerts: [alertOf(JOBS.grouped.job_name, 'firing', '5f1d3c2b4a596877'), alertOf(JOBS.resolved.job_name, 'resolved', '5f1d3c2b4a596878')],
};

function alertOf(jobName: string, status: string, fingerprint: string) {
  const labels = { alertname: 'MrsJobStuck', severity: 'critical', cluster: 'analytics', job_name: jobName };
  return { status, labels, annotations: {}, startsAt: new Date(Date.now()).toISOString(), endsAt: '0001-01-01T00:00:00Z', fingerprint };
}

const stuckAlert = { id: 'demo-1', labels: { alertname: 'MrsJobStuck', job_name: JOBS.stuck.job_name, cluster: 'analytics' } };

/** What an alert does: a kill by rule, once, and nothing without a rule. */
export const ALERT_PART: Part = {
  name: 'alerts',
  victims: [JOBS.stuck.job_id, JOBS.grouped.job_id],
  prepare({ simulator }) {
    for (const job of Object.values(JOBS)) simulator.addJob(job);
  },
  steps: [
    { title: 'An alert with a rule', expected: '202 accepted', play: (stage) => deliver(stage, stuckAlert) },
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
    { title: 'A group of Alertmanager, one alert resolved', expected: '202 accepted, ignored', play: (stage) => deliver(stage, alertmanagerDelivery, 'alertmanager') },
    { title: 'The same group again', expected: '202 duplicate, ignored', play: (stage) => deliver(stage, alertmanagerDelivery, 'alertmanager') },
    { title: 'The end of the firing one', expected: 'Killed', play: (stage) => endInSlack(stage, JOBS.grouped.job_name) },
  ],
};
