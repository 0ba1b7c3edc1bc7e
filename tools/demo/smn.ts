import type { SimulatedJob } from '../../test/simulator/simulator.ts';
import { deliverSmn, notification, type SmnMessage } from '../../test/simulator/smn-client.ts';
import { DEV, endInSlack, HOUR_MS, type Part, type Stage } from './step.ts';

const JOBS = {
  longest: { job_id: '41e2a6f4-5b0f-4f39-8c80-4a6b9e3f0d41', job_name: 'adhoc-longest', hours: 7 },
  shorter: { job_id: '42e2a6f4-5b0f-4f39-8c80-4a6b9e3f0d42', job_name: 'adhoc-shorter', hours: 2 },
};

/** An alarm of Cloud Eye, which names no job: the rule has to pick. */
function alarm({ simulator }: Stage, status: 'alarm' | 'ok', messageId: string): SmnMessage {
  const atMs = Math.floor(Date.now() / 1_000) * 1_000;
  const content = {
    message_type: 'alarm',
    alarm_id: 'al1234567890123456789012',
    alarm_name: 'yarn-memory-full',
    alarm_status: status,
    time: atMs,
    namespace: 'SYS.MRS',
    metric_name: 'yarn_memory_usage',
    template_variable: { IsAlarm: status === 'alarm', AlarmLevel: 'Critical' },
  };
  const host = 'smn.eu-west-101.myhuaweicloud.eu';
  return notification(content, atMs, {
    message_id: messageId,
    signing_cert_url: `${simulator.url}/smn-host/${host}/smn/SMN_eu-west-101_certificate.pem`,
  });
}

async function deliver(stage: Stage, message: SmnMessage): Promise<string> {
  const { status, text } = await deliverSmn(`${stage.url}/alerts/smn`, message);
  const { results = [], error_code: errorCode } = JSON.parse(text) as { results?: { outcome: string }[]; error_code?: string };
  return `${status} ${errorCode ?? results.map(({ outcome }) => outcome).join(', ')}`;
}

/** What an alarm of Huawei's own does: signed by SMN, and a pick where it names no job. */
export const SMN_PART: Part = {
  name: 'Cloud Eye',
  victims: [JOBS.longest.job_id],
  prepare({ simulator }) {
    for (const { hours, ...job } of Object.values(JOBS)) {
      const startedAt = Date.now() - hours * HOUR_MS;
      simulator.addJob({ ...job, cluster_id: DEV, queue: 'adhoc', submitted_time: startedAt - 5_000, started_time: startedAt } satisfies Partial<SimulatedJob>);
    }
  },
  steps: [
    {
      title: 'A forged alarm',
      expected: '401 KILL.0401',
      play: (stage) => deliver(stage, { ...alarm(stage, 'alarm', 'demo-smn-0'), message: '{"labels":{"job_name":"adhoc-shorter"}}' }),
    },
    { title: 'An alarm of Cloud Eye', expected: '202 accepted', play: (stage) => deliver(stage, alarm(stage, 'alarm', 'demo-smn-1')) },
    { title: 'The end of the job that was picked', expected: 'Killed', play: (stage) => endInSlack(stage, JOBS.longest.job_name) },
    { title: 'The same alarm again', expected: '202 duplicate', play: (stage) => deliver(stage, alarm(stage, 'alarm', 'demo-smn-1')) },
    { title: 'The recovery', expected: '202 ignored', play: (stage) => deliver(stage, alarm(stage, 'ok', 'demo-smn-2')) },
  ],
};
