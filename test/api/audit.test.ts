import { afterEach, describe, expect, it } from '@jest/globals';
import { ANALYTICS_ID } from '../simulator/client.ts';
import { OURS, type RestApi, type RestApiOptions, startRestApi } from '../stage/rest.ts';
import { createSteppingClock } from '../support/stepping-clock.ts';

let api: RestApi;
afterEach(() => api.close());

async function start(options: RestApiOptions = {}): Promise<RestApi> {
  api = await startRestApi(options);
  return api;
}
const audit = () => api.lines.filter(({ level }) => level === 'audit');

describe('the audit', () => {
  it('says before the kill who kills what, why and by which policy, and afterwards how it ended', async () => {
    const postsWhen: Record<string, number> = {};
    const { simulator, kill } = await start({ onLine: ({ message }) => void (postsWhen[message] = simulator.kills().length) });
    const job = simulator.addJob({ job_name: 'etl-daily' });
    await kill(job.job_id, { body: '{"reason":"eats the queue"}' });
    expect(postsWhen).toEqual({ killing: 0, 'kill request ended': 1 });
    const [before, after] = audit();
    expect(before).toEqual(
      expect.objectContaining({
        message: 'killing',
        trigger: 'api',
        requested_by: 'ci',
        reason: 'eats the queue',
        policy_hash: expect.stringMatching(/^[0-9a-f]{16}$/),
        job: expect.objectContaining({ cluster: 'analytics', job_id: job.job_id, job_name: 'etl-daily' }),
        request_id: 'request-1',
        kill_id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      }),
    );
    expect(after).toEqual(
      expect.objectContaining({
        message: 'kill request ended',
        requested_by: 'ci',
        target: { cluster: ANALYTICS_ID, job: { by: 'mrs-id', id: job.job_id } },
        status: 202,
        outcome: 'accepted',
        kill_id: before?.['kill_id'],
      }),
    );
  });

  it.each([
    ['a refusal', { job_name: 'billing-1' }, 403],
    ['an approval', { job_type: 'Flink' }, 409],
    ['a job that is over', { job_state: 'FINISHED' }, 200],
  ])('has one line, and no word of killing, for %s', async (_case, fields, status) => {
    const { simulator, kill } = await start();
    await kill(simulator.addJob(fields).job_id);
    expect(audit().map((line) => [line.message, line['status']])).toEqual([['kill request ended', status]]);
    expect(simulator.kills()).toEqual([]);
    expect(simulator.killed()).toEqual([]);
  });

  it('has a line for a job that does not exist, and for trouble', async () => {
    const { simulator, kill } = await start({ clock: createSteppingClock(1_795_000_000_000) });
    await kill('00000000-0000-4000-8000-000000000000');
    simulator.fault({ on: 'job', status: 500, times: Infinity });
    await kill(simulator.addJob().job_id);
    expect(audit().map((line) => [line['status'], line['error_code']])).toEqual([[404, 'KILL.0404'], [502, 'KILL.0502']]); // prettier-ignore
    expect(simulator.killed()).toEqual([]);
  });

  it('that cannot be written kills nothing', async () => {
    const { simulator, kill } = await start({
      onLine({ message }) {
        if (message === 'killing') throw new Error('disk full');
      },
    });
    const reply = await kill(simulator.addJob().job_id);
    expect([reply.status, reply.body.error_code]).toEqual([500, 'KILL.0500']);
    expect(reply.text).not.toContain('disk full');
    const reason = 'an unexpected error ended this request; look at the job, and at the log';
    expect(audit()).toEqual([expect.objectContaining({ message: 'kill request ended', outcome: 'failed', code: 'unexpected', reason: '', end_reason: reason, status: 500 })]);
    expect(simulator.kills()).toEqual([]);
    expect(simulator.killed()).toEqual([]);
  });

  it('that cannot be written kills nothing, where no other line can be written either', async () => {
    const { simulator, kill } = await start({
      onLine() {
        throw new Error('disk full');
      },
    });
    const reply = await kill(simulator.addJob().job_id);
    expect([reply.status, reply.body.error_code]).toEqual([500, 'KILL.0500']);
    expect(simulator.kills()).toEqual([]);
    expect(simulator.killed()).toEqual([]);
  });

  it('is the same before a kill that waits, and says its end', async () => {
    const { simulator, kill } = await start({ clock: createSteppingClock(1_795_000_000_000) });
    await kill(simulator.addJob().job_id, { headers: { ...OURS, prefer: 'wait=5' } });
    expect(audit().map((line) => [line.message, line['outcome']])).toEqual([['killing', undefined], ['kill request ended', 'killed']]); // prettier-ignore
  });

  it('a line of the log that is lost amid a kill does not lose the kill', async () => {
    const { simulator, kill } = await start({
      clock: createSteppingClock(1_795_000_000_000),
      onLine({ level }) {
        if (level === 'warn') throw new Error('disk full');
      },
    });
    const job = simulator.addJob();
    simulator.fault({ on: 'kill', hangUp: true, thenDo: 'effect' });
    const reply = await kill(job.job_id);
    expect([reply.status, reply.body.outcome]).toEqual([200, 'killed']);
    expect(simulator.kills()).toHaveLength(1);
  });
});
