import { describe, expect, it } from '@jest/globals';
import type { Alert } from '../../lib/alerts/alert.ts';
import { findTarget } from '../../lib/alerts/match.ts';
import type { AlertRule } from '../../lib/policy/policy.ts';
import { NOON } from '../core/a-job.ts';

const UUID = '431b135e-c090-489f-b1db-0abe3822b855';
const OTHER_UUID = '00000000-0000-4000-8000-000000000001';
const YARN = 'application_1564622673393_0007';
const OTHER_YARN = 'application_1564622673393_0008';

type Texts = Record<string, string>;

function targetOf(labels: Texts, { annotations = {}, rule = {} }: { annotations?: Texts; rule?: Pick<AlertRule, 'cluster' | 'job'> } = {}) {
  const alert: Alert = { id: 'a', deliveryKey: 'a', status: 'firing', labels, annotations };
  return findTarget(alert, rule, NOON);
}
const jobOf = (labels: Texts, more: Parameters<typeof targetOf>[1] = {}) => targetOf(labels, more)?.job;

const mrsId = (id = UUID) => ({ by: 'mrs-id', id });
const yarnId = (id = YARN) => ({ by: 'yarn-id', id });
const byName = (name: string) => ({ by: 'name', name });

describe('the job of an alert', () => {
  it.each(['mrs_job_id', 'job_execution_id', 'job_id'])('is named by its MRS id in %s, in a label or an annotation', (label) => {
    expect(jobOf({ [label]: UUID })).toEqual(mrsId());
    expect(jobOf({}, { annotations: { [label]: ` ${UUID}\n` } })).toEqual(mrsId());
  });

  it.each(['application_id', 'app_id', 'applicationId', 'yarn_application_id', 'applicationID', 'app'])('is named by its YARN id in %s, in a label or an annotation', (label) => {
    expect(jobOf({ [label]: YARN })).toEqual(yarnId());
    expect(jobOf({}, { annotations: { [label]: YARN } })).toEqual(yarnId());
  });

  it.each(['job_name', 'application_name', 'app_name', 'name'])('is named by its name in %s, in a label or an annotation', (label) => {
    expect(jobOf({ [label]: 'nightly-etl' })).toEqual(byName('nightly-etl'));
    expect(jobOf({}, { annotations: { [label]: ' nightly-etl ' } })).toEqual(byName('nightly-etl'));
  });

  it('is believed in the order MRS id, YARN id, name, and in each of them in the order of the table', () => {
    const order: [string, string, object][] = [
      ['mrs_job_id', '00000000-0000-4000-8000-000000000001', mrsId('00000000-0000-4000-8000-000000000001')],
      ['job_execution_id', '00000000-0000-4000-8000-000000000002', mrsId('00000000-0000-4000-8000-000000000002')],
      ['job_id', '00000000-0000-4000-8000-000000000003', mrsId('00000000-0000-4000-8000-000000000003')],
      ['application_id', 'application_1_1', yarnId('application_1_1')],
      ['app_id', 'application_1_2', yarnId('application_1_2')],
      ['applicationId', 'application_1_3', yarnId('application_1_3')],
      ['yarn_application_id', 'application_1_4', yarnId('application_1_4')],
      ['applicationID', 'application_1_5', yarnId('application_1_5')],
      ['app', 'application_1_6', yarnId('application_1_6')],
      ['job_name', 'n-1', byName('n-1')],
      ['application_name', 'n-2', byName('n-2')],
      ['app_name', 'n-3', byName('n-3')],
      ['name', 'n-4', byName('n-4')],
    ];
    for (let first = 0; first < order.length; first++) {
      const labels = Object.fromEntries(order.slice(first).reverse().map(([label, value]) => [label, value]));
      expect(jobOf(labels)).toEqual(order[first]?.[2]);
    }
  });

  it('is read from the label where an annotation of the same name says otherwise', () => {
    expect(jobOf({ job_id: UUID }, { annotations: { job_id: OTHER_UUID } })).toEqual(mrsId());
    expect(jobOf({ application_id: YARN }, { annotations: { application_id: OTHER_YARN } })).toEqual(yarnId());
    expect(jobOf({ job_name: 'a' }, { annotations: { job_name: 'b' } })).toEqual(byName('a'));
    expect(jobOf({ job_name: '' }, { annotations: { job_name: 'b' } })).toEqual(byName('b'));
  });

  it.each(['12345', '431b135e-c090-489f-b1db', `x${UUID}`, `${UUID} ${OTHER_UUID}`, '431b135ec090489fb1db0abe3822b855', 'nightly-etl', '../x'])('is not %s in job_id: that is no MRS id', (value) => {
    expect(jobOf({ job_id: value })).toBeUndefined();
    expect(jobOf({ job_id: value, job_name: 'nightly-etl' })).toEqual(byName('nightly-etl'));
  });

  it.each(['app-20160809000059-0000', 'checkout', 'application_x', 'application_1', UUID])('is not %s in app or application_id: that is no YARN id', (value) => {
    expect(jobOf({ app: value, application_id: value })).toBeUndefined();
    expect(jobOf({ app: value, app_name: 'nightly-etl' })).toEqual(byName('nightly-etl'));
  });

  it.each([
    ['a URL', 'tracking_url', `https://192.0.2.10:20026/Yarn/ResourceManager/45/proxy/${YARN}/`],
    ['a URL in a label of the table', 'application_id', `https://rm.example/cluster/app/${YARN}`],
    ['a metric name', '__name__', `${YARN}_driver_jvm_heap_used`],
    ['a metric name with dots', 'metric_name', `spark.${YARN}.driver.heap`],
    ['a sentence', 'message', `${YARN} waits; ${YARN} again`],
  ])('is the YARN id inside %s', (_, label, value) => {
    expect(jobOf({ [label]: value })).toEqual(yarnId());
    expect(jobOf({ [label]: value, job_name: 'nightly-etl' })).toEqual(yarnId());
  });

  it.each<[string, Texts]>([
    ['two labels', { url: `https://rm.example/${YARN}`, other: `${OTHER_YARN}_heap` }],
    ['one label', { message: `${YARN} is starved by ${OTHER_YARN}` }],
    ['one label of the table', { application_id: `${YARN},${OTHER_YARN}` }],
    ['a label of a name', { job_name: `${YARN} after ${OTHER_YARN}` }],
    ['two ids of which one begins like the other', { message: 'application_1_1 and application_1_11' }],
  ])('is neither of two different YARN ids in %s', (_, labels) => {
    expect(jobOf(labels)).toBeUndefined();
    expect(jobOf({ ...labels, app_name: 'nightly-etl' })).toEqual(byName('nightly-etl'));
  });

  it('is what a label of the table says, though another label speaks of another one', () => {
    expect(jobOf({ application_id: YARN, message: `starves ${OTHER_YARN}` })).toEqual(yarnId());
  });

  it('is never read from the label job, which is the scrape job, not even a YARN id in it', () => {
    expect(jobOf({ job: 'nightly-etl' })).toBeUndefined();
    expect(jobOf({ job: UUID })).toBeUndefined();
    expect(jobOf({ job: YARN })).toBeUndefined();
    expect(jobOf({ job: OTHER_YARN, url: `https://rm.example/${YARN}` })).toEqual(yarnId());
    expect(jobOf({}, { annotations: { job: 'nightly-etl' } })).toBeUndefined();
  });

  it('is a value of 2,048 characters, which a URL may have, and of no more', () => {
    const url = `https://rm.example/proxy/${YARN}/`.padEnd(2_048, 'x');
    expect([jobOf({ application_id: url }), jobOf({ job_name: 'x'.repeat(2_048) })]).toEqual([yarnId(), byName('x'.repeat(2_048))]);
    expect([jobOf({}, { annotations: { application_id: `${url}x` } }), jobOf({ job_name: 'x'.repeat(2_049) })]).toEqual([undefined, undefined]);
  });

  it.each<[string, Texts]>([
    ['nothing', {}],
    ['blank texts', { job_id: '', application_id: ' ', job_name: '\t\n', name: '  ' }],
    ['other labels', { alertname: 'MrsJobStuck', instance: '192.0.2.1:9100', namespace: 'etl', jobname: 'x', JOB_NAME: 'x' }],
    ['labels named like parts of an object', { constructor: 'x', toString: 'y', ['__proto__']: 'z' }],
  ])('is none where there is %s', (_, labels) => {
    expect(targetOf(labels)).toBeUndefined();
  });

  it('is read from the label that the rule names, from no other, and may be an id or a name', () => {
    const rule = { job: 'victim' };
    expect(jobOf({ victim: 'nightly-etl', job_id: UUID, application_id: YARN }, { rule })).toEqual(byName('nightly-etl'));
    expect(jobOf({ victim: UUID }, { rule })).toEqual(mrsId());
    expect(jobOf({ victim: `https://rm.example/${YARN}/` }, { rule })).toEqual(yarnId());
    expect(jobOf({}, { rule, annotations: { victim: 'nightly-etl' } })).toEqual(byName('nightly-etl'));
    expect(jobOf({ job_id: UUID, job_name: 'nightly-etl' }, { rule })).toBeUndefined();
    expect(jobOf({ victim: `${YARN} ${OTHER_YARN}`, job_id: UUID }, { rule })).toBeUndefined();
    expect(jobOf({ job: 'nightly-etl' }, { rule: { job: 'job' } })).toEqual(byName('nightly-etl'));
    expect(jobOf({ job_id: UUID }, { rule: { job: '__proto__' } })).toBeUndefined();
    expect(jobOf({ job_id: UUID }, { rule: { job: 'toString' } })).toBeUndefined();
  });
});

describe('the cluster of an alert', () => {
  it.each(['mrs_cluster_id', 'cluster_id', 'yarn_cluster', 'cluster_name', 'cluster'])('is read from %s, in a label or an annotation', (label) => {
    expect(targetOf({ job_id: UUID, [label]: 'analytics' })?.cluster).toBe('analytics');
    expect(targetOf({ job_id: UUID }, { annotations: { [label]: 'analytics' } })?.cluster).toBe('analytics');
  });

  it('is believed in the order of the table', () => {
    const order = ['mrs_cluster_id', 'cluster_id', 'yarn_cluster', 'cluster_name', 'cluster'];
    for (let first = 0; first < order.length; first++) {
      const labels = Object.fromEntries(order.slice(first).reverse().map((label) => [label, `is-${label}`]));
      expect(targetOf({ job_id: UUID, ...labels })?.cluster).toBe(`is-${order[first]}`);
    }
  });

  it('is the one of the rule where it names one, whatever the alert says', () => {
    expect(targetOf({ job_id: UUID, cluster: 'analytics', mrs_cluster_id: 'x' }, { rule: { cluster: 'dev' } })?.cluster).toBe('dev');
  });

  it('is left open where nobody names one', () => {
    expect(targetOf({ job_id: UUID, cluster: ' ' })).toEqual({ cluster: undefined, job: mrsId() });
  });
});

describe('the time of an alert', () => {
  it('bounds a job that is found by its name, and no other', () => {
    expect(targetOf({ job_name: 'nightly-etl' })).toEqual({ cluster: undefined, job: byName('nightly-etl'), submittedBefore: NOON });
    expect(targetOf({ job_id: UUID })).toEqual({ cluster: undefined, job: mrsId() });
    expect(targetOf({ app: YARN })).toEqual({ cluster: undefined, job: yarnId() });
  });
});
