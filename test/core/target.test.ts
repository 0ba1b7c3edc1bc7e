import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { jobRefText, parseJobId, parseJobRef, soleYarnIdIn } from '../../lib/core/target.ts';

const MRS_ID = '431b135e-c090-489f-b1db-0abe3822b855';
const YARN_ID = 'application_1564622673393_0007';

describe('what a job is called', () => {
  it('is an MRS id, in either case', () => {
    expect(parseJobRef(MRS_ID)).toEqual({ by: 'mrs-id', id: MRS_ID });
    expect(parseJobRef(MRS_ID.toUpperCase())).toMatchObject({ by: 'mrs-id' });
  });

  it.each([
    ['as it stands', YARN_ID],
    ['in a URL', `https://192.0.2.10:20026/Yarn/ResourceManager/45/proxy/${YARN_ID}/`],
    ['in a query', `https://example.com/?app=${YARN_ID}&tab=stages`],
    ['in a metric name', `${YARN_ID}_driver_jvm_heap_used`],
    ['after a prefix', `spark.${YARN_ID}.driver`],
    ['between blanks', `  ${YARN_ID}\n`],
  ])('is a YARN id %s', (_, text) => {
    expect(parseJobRef(text)).toEqual({ by: 'yarn-id', id: YARN_ID });
  });

  it.each([
    'nightly-etl',
    'application_1564622673393',
    'application_1564622673393_',
    'application_x_0007',
    'application_1564622673393_12345678901',
    'app-20160809000059-0000',
    'etl_job_1564622673393_0007',
    'nightly-job_1564622673393_0007',
    'job_20260301_0007',
    'job_202603011200_0007',
    'job_1564622673393_7',
    'job_1564622673393',
    'container_e17_1564622673393',
    `container_e17_1564622673393_0007_01_${'1'.repeat(20)}`,
    'mycontainer_e17_1564622673393_0007_01_000001',
    'appattempts_1564622673393_0007_000001',
    'attempt_1564622673393_0007',
    'attempt_1564622673393_0007_x_000000_0',
    'attempt_20260301120000_0007_m_000000_0', // Spark's, of a stage
    'task_202603011200_0007_m_000001',
    'task_1564622673393_0007',
    'mytask_1564622673393_0007_m_000001',
    'dag_1564622673393_0007',
    'dag_20260301_0007_1',
    'airdag_1564622673393_0007_1',
    'vertex_1564622673393_0007_1',
    'subvertex_1564622673393_0007_1_00',
    'Application_1564622673393_0007',
    `${MRS_ID}0`,
    `x${MRS_ID}`,
    MRS_ID.replaceAll('-', ''),
    'billing-*',
    'two words',
    '../../kill',
    'ジョブ',
  ])('is a name where it is neither: %j', (text) => {
    expect(parseJobRef(text)).toEqual({ by: 'name', name: text });
  });

  it.each([
    ['of MapReduce', 'job_1564622673393_0007'],
    ['of an attempt', 'appattempt_1564622673393_0007_000001'],
    ['of a container', 'container_1564622673393_0007_01_000001'],
    ['of a container after a restart of YARN', 'container_e17_1564622673393_0007_01_000001'],
    ['of a container in a path', '/data1/yarn/application_1564622673393_0007/container_e17_1564622673393_0007_01_000001/stderr'],
    ['of a job in a link', 'https://192.0.2.10:20026/jobhistory/job/job_1564622673393_0007'],
    ['of a job in a metric', 'job_1564622673393_0007_map_progress'],
    ['of a task', 'task_1564622673393_0007_m_000001'],
    ['of a task of reduce', 'task_1564622673393_0007_r_000001_0'],
    ['of an attempt at a task', 'attempt_1564622673393_0007_m_000001_0'],
    ['of an attempt at a task in a log', 'Error: Task attempt_1564622673393_0007_r_000012_3 failed to report status for 600 seconds.'],
    ['of a DAG of Tez', 'dag_1564622673393_0007_1'],
    ['of a vertex of Tez', 'vertex_1564622673393_0007_1_00'],
    ['of a task of Tez', 'task_1564622673393_0007_1_00_000000'],
    ['of an attempt at a task of Tez', 'attempt_1564622673393_0007_1_00_000000_0'],
    ['of a DAG in a link', 'https://192.0.2.10:20026/tez-ui/#/dag/dag_1564622673393_0007_12'],
    ['of an attempt in a metric', 'yarn_appattempt_1564622673393_0007_000001'],
  ])('is the application of an id %s', (_, text) => {
    expect(parseJobRef(text)).toEqual({ by: 'yarn-id', id: YARN_ID });
    expect(soleYarnIdIn([text, YARN_ID])).toBe(YARN_ID);
    expect(soleYarnIdIn([text, 'application_1564622673393_0008'])).toBeUndefined();
  });

  it('is nothing where nothing is said', () => {
    expect(parseJobRef('')).toBeUndefined();
    expect(parseJobRef(' \t\n ')).toBeUndefined();
  });

  it('is shown as it was given', () => {
    for (const text of [MRS_ID, YARN_ID, 'nightly-etl']) {
      const ref = parseJobRef(text);
      expect(ref && jobRefText(ref)).toBe(text);
    }
  });

  it('never turns the long digits of a YARN id into a shorter id of another job', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[0-9]{1,25}$/), fc.stringMatching(/^[0-9]{1,15}$/), (ms, number) => {
        const whole = `application_${ms}_${number}`;
        const ref = parseJobRef(`metric ${whole} heap`);
        return ref?.by === 'name' || (ref?.by === 'yarn-id' && ref.id === whole);
      }),
    );
  });
});

describe('an id in a path', () => {
  it('is an MRS id or a YARN id exactly', () => {
    expect(parseJobId(MRS_ID)).toEqual({ by: 'mrs-id', id: MRS_ID });
    expect(parseJobId(YARN_ID)).toEqual({ by: 'yarn-id', id: YARN_ID });
  });

  it.each(['job_1564622673393_0007', 'appattempt_1564622673393_0007_000001', 'container_e17_1564622673393_0007_01_000001', 'task_1564622673393_0007_m_000001', 'attempt_1564622673393_0007_m_000001_0', 'dag_1564622673393_0007_1', 'vertex_1564622673393_0007_1_00'])('is the application that %s stands for', (text) => {
    expect(parseJobId(text)).toEqual({ by: 'yarn-id', id: YARN_ID });
    for (const around of [`x${text}`, `${text}/kill`, `${text}x`, ` ${text}`]) expect(parseJobId(around)).toBeUndefined();
  });

  it.each(['', 'nightly-etl', ` ${MRS_ID}`, `${MRS_ID}\n`, `${YARN_ID}\n`, `x${YARN_ID}`, `${YARN_ID}/kill`, `${YARN_ID}_driver`, '..', '%2e%2e', `${MRS_ID}/../x`, `${MRS_ID}?a`])(
    'is nothing else: not %j',
    (text) => {
      expect(parseJobId(text)).toBeUndefined();
    },
  );

  it('holds no sign that means something in a path, whatever the text', () => {
    fc.assert(
      fc.property(fc.oneof(fc.string(), fc.uuid(), fc.constant(YARN_ID)), (text) => {
        const ref = parseJobId(text);
        return ref === undefined || (/^[\w-]{1,64}$/.test(ref.id) && ref.id === text);
      }),
    );
  });
});

describe('an id of YARN that stands for its application', () => {
  it.each([
    'appattempt_1564622673393_0007',
    'https://rm/appattempt_1564622673393_0007/log',
    'https://nm/containerlogs/container_e17_1564622673393_0007_01_000001/ana',
    'task_1564622673393_0007_12_00_000001',
    '/dag_1564622673393_0007_1.log',
    '/vertex_1564622673393_0007_12_00.log',
  ])('is found in %s', (text) => {
    expect(parseJobRef(text)).toEqual({ by: 'yarn-id', id: YARN_ID });
  });

  it('is read as it stands, with the number of the attempt', () => {
    expect(parseJobId('attempt_1564622673393_0007_m_000000_10')).toEqual({ by: 'yarn-id', id: YARN_ID });
  });
});
