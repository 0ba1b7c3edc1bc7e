import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SimulatedJob } from '../simulator/simulator.ts';

/** What an alert is about. `id` is new for each occurrence. */
export type AlertAbout = { alertname: string; job: SimulatedJob; cluster: string; id: string; isResolved: boolean; /** epoch ms */ startsAtMs: number; /** Of the simulator. */ smnUrl: string };

type Body = Record<string, any>;

const FOLDER = join(import.meta.dirname, '../fixtures/alerts');
const CERTIFICATE = '/smn-host/smn.eu-west-101.myhuaweicloud.eu/smn/SMN_eu-west-101_certificate.pem';

/** Each source's saved payload, with the alert, the job and the time put in. The sources of lib/alerts/sources.ts each have a row. */
const FILL: Record<string, { file: string; fill: (body: Body, about: AlertAbout) => Body }> = {
  alertmanager: { file: 'stuck-job', fill: fillGroup },
  grafana: { file: 'stuck-job', fill: fillGroup },
  generic: {
    file: 'stuck-job',
    fill: (body, about) => ({ ...body, id: about.id, status: statusOf(about), startsAt: startOf(about), labels: labelsOf(about) }),
  },
  datadog: {
    file: 'stuck-job',
    fill: (body, { alertname, job, cluster, id, isResolved, startsAtMs }) => ({
      ...body, alert_cycle_key: id, transition: isResolved ? 'Recovered' : 'Triggered', date: String(startsAtMs), title: `[${isResolved ? 'Recovered' : 'Triggered'}] ${alertname}`,
      alertname, tags: `app_name:${job.job_name},queue:${job.queue}`, cluster, job_name: job.job_name, mrs_job_id: job.job_id,
    }),
  },
  pagerduty: {
    file: 'stuck-job',
    fill: (body, about) => ({
      event: {
        ...body['event'], id: about.id, event_type: about.isResolved ? 'incident.resolved' : 'incident.triggered', occurred_at: startOf(about),
        data: { ...body['event'].data, title: `${about.alertname}: ${about.job.app_id ?? about.job.launcher_id} makes no progress` },
      },
    }),
  },
  // An alarm of Cloud Eye names no job: its rule picks one.
  smn: {
    file: 'cloud-eye-alarm',
    fill: (body, { id, isResolved, startsAtMs, smnUrl }) => {
      const alarm = JSON.parse(body['message']) as Body;
      const status = { alarm_status: isResolved ? 'ok' : 'alarm', time: startsAtMs, template_variable: { ...alarm['template_variable'], IsAlarm: !isResolved } };
      const subject = `[Critical ${isResolved ? 'Ok' : 'Alarm'}]From Cloud Eye: memory of YARN`;
      return { ...body, message_id: id, subject, signing_cert_url: smnUrl + CERTIFICATE, message: JSON.stringify({ ...alarm, ...status, alarm_name: 'yarn-memory-full' }) };
    },
  },
};

/** The sources of which there is a payload. */
export const SAMPLE_SOURCES: readonly string[] = Object.keys(FILL);

/** The body that `source` would send, not yet signed. Throws RangeError for a source without a payload. */
export function fillSample(source: string, about: AlertAbout): Buffer {
  const sample = Object.hasOwn(FILL, source) ? FILL[source] : undefined;
  if (sample === undefined) throw new RangeError(`there is no payload of ${source}`);
  const saved = JSON.parse(readFileSync(join(FOLDER, source, `${sample.file}.json`), 'utf8')) as Body;
  return Buffer.from(JSON.stringify(sample.fill(saved, about)));
}

/** Alertmanager's group, which Grafana sends too: one alert in it. */
function fillGroup(body: Body, about: AlertAbout): Body {
  const alert = { ...body['alerts'][0], status: statusOf(about), labels: labelsOf(about), startsAt: startOf(about), fingerprint: about.id };
  return { ...body, status: statusOf(about), alerts: [alert], groupLabels: { alertname: about.alertname }, commonLabels: { alertname: about.alertname } };
}

function labelsOf({ alertname, job, cluster }: AlertAbout): Record<string, string> {
  return { alertname, severity: 'critical', cluster, job_name: job.job_name, mrs_job_id: job.job_id };
}

function statusOf({ isResolved }: AlertAbout): string {
  return isResolved ? 'resolved' : 'firing';
}

function startOf({ startsAtMs }: AlertAbout): string {
  return new Date(startsAtMs).toISOString();
}
