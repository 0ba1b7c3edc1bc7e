import { afterEach, describe, expect, it } from '@jest/globals';
import { type RestApi, type RestApiOptions, startRestApi } from '../stage/rest.ts';
import { createSteppingClock } from '../support/stepping-clock.ts';

const START_MS = 1_795_000_000_000;

let api: RestApi;
afterEach(() => api.close());

/** The API on a clock that waits in no time. */
async function start(options: RestApiOptions = {}): Promise<RestApi> {
  api = await startRestApi({ clock: createSteppingClock(START_MS), ...options });
  return api;
}

describe('an answer that would come too late', () => {
  const soon = { remainingMs: 2_300 };

  it('is a 504 before the function is ended, and nothing was killed', async () => {
    const { simulator, kill } = await start();
    simulator.fault({ on: 'job', hang: true, times: Infinity });
    const began = Date.now();
    const reply = await kill(simulator.addJob().job_id, soon);
    expect([reply.status, reply.body.error_code]).toEqual([504, 'KILL.0504']);
    expect(Date.now() - began).toBeLessThan(2_300);
    expect(simulator.kills()).toEqual([]);
    expect(simulator.killed()).toEqual([]);
  });

  it('of a kill is a 504 that says it may still work', async () => {
    const { simulator, kill } = await start();
    simulator.fault({ on: 'kill', hang: true, times: Infinity });
    const reply = await kill(simulator.addJob().job_id, { remainingMs: 4_000 }); // the kill has to leave before
    expect([reply.status, reply.body.error_code, reply.body.error_msg]).toEqual([504, 'KILL.0504', expect.stringMatching(/may still take effect/)]);
    expect(simulator.kills()).toHaveLength(1);
    expect(simulator.killed()).toEqual([]);
  });

  it('of IAM is a 504, and no kill follows behind the answer', async () => {
    const { simulator, kill } = await start();
    simulator.fault({ on: 'token', delayMs: 600 });
    const reply = await kill(simulator.addJob().job_id, { remainingMs: 1_200 });
    expect([reply.status, reply.body.error_code]).toEqual([504, 'KILL.0504']);
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(simulator.issuedTokens()).toHaveLength(1);
    expect(simulator.kills()).toEqual([]);
    expect(simulator.killed()).toEqual([]);
  });

  it('of IAM, whose token died before the POST, sends none behind the answer', async () => {
    const { simulator, kill } = await start({ onLine: ({ message }) => void (message === 'killing' && simulator.expireTokens()) });
    const { job_id: jobId } = simulator.addJob();
    let tokens = 0;
    simulator.fault({ on: 'token', delayMs: 600, when: () => ++tokens > 1 });
    const reply = await kill(jobId, soon);
    expect([502, 504]).toContain(reply.status);
    await new Promise((resolve) => setTimeout(resolve, 600));
    expect(simulator.kills().map(({ answeredStatus }) => answeredStatus)).toEqual([401]);
    expect(simulator.killed()).toEqual([]);
  });
});
