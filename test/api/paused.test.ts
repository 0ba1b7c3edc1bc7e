import { afterEach, describe, expect, it } from '@jest/globals';
import { referenceTo } from '../stage/home-of-stage.ts';
import { type RestApi, type RestApiOptions, startRestApi } from '../stage/rest.ts';
import { createSteppingClock } from '../support/stepping-clock.ts';

const START_MS = 1_795_000_000_000;

let api: RestApi;
afterEach(() => api.close());

async function start(options: RestApiOptions = {}): Promise<RestApi> {
  api = await startRestApi(options);
  return api;
}

describe('the off switch', () => {
  it('that is switched on after the look, before the POST, keeps it from being sent', async () => {
    const { simulator, kill, env } = await start({
      onLine: ({ message }) => {
        if (message === 'killing') env['PAUSED'] = 'true';
      },
    });
    const reply = await kill(simulator.addJob().job_id);
    expect([reply.status, reply.body.error_code, reply.body.error_msg]).toEqual([403, 'KILL.0403', expect.stringMatching(/^paused: /)]);
    expect(simulator.kills()).toEqual([]);
    expect(simulator.killed()).toEqual([]);
  });

  it.each(['true', 'TRUE', 'off', ' false'])('is read before each POST: %j after the first one keeps it at one', async (value) => {
    const clock = createSteppingClock(START_MS, () => void (api.env['PAUSED'] = value));
    const { simulator, kill } = await start({ clock });
    simulator.fault({ on: 'kill', status: 503 });
    const reply = await kill(simulator.addJob().job_id);
    expect([reply.status, reply.body.error_msg]).toEqual([403, expect.stringMatching(/^paused: /)]);
    expect(simulator.kills()).toHaveLength(1);
    expect(simulator.killed()).toEqual([]);
  });

  it('that was never readable stops the whole API, and /health names it', async () => {
    const { simulator, call, kill } = await start({ env: { PAUSED: 'maybe' } });
    expect((await kill(simulator.addJob().job_id)).status).toBe(500);
    const health = await call('GET /health');
    expect([health.status, health.body.settings[0].name]).toEqual([503, 'PAUSED']);
    expect(simulator.requests).toEqual([]);
    expect(simulator.killed()).toEqual([]);
  });

  describe('behind a reference', () => {
    /** The store fails so many times out of each three. */
    async function startFailing(failures: number): Promise<RestApi> {
      let asked = 0;
      return start({
        env: { PAUSED: referenceTo('/test/paused') },
        clock: createSteppingClock(START_MS),
        async readParameters() {
          if (asked++ % 3 < failures) throw new Error('ThrottlingException');
          return new Map([['/test/paused', 'false']]);
        },
      });
    }

    it('that the store gives at the third try only lets kill, within the time of the answer', async () => {
      const { simulator, kill, call } = await startFailing(2);
      const job = simulator.addJob();
      expect((await kill(job.job_id)).status).toBe(202);
      expect(simulator.killed()).toEqual([job.job_id]);
      expect((await call('GET /health')).body.paused).toBe(false);
    });

    it('that the store does not give counts as on, and /health says that it cannot be read', async () => {
      const { simulator, kill, call } = await startFailing(3);
      const reply = await kill(simulator.addJob().job_id);
      expect([reply.status, reply.body.error_msg]).toEqual([403, expect.stringMatching(/^paused: .* could not be read/)]);
      const health = await call('GET /health');
      expect([health.status, health.body.paused]).toEqual([200, 'unreadable']);
      expect(simulator.kills()).toEqual([]);
      expect(simulator.killed()).toEqual([]);
    });
  });

  it.each(['', 'false'])('that is %j lets kill', async (value) => {
    const { simulator, kill } = await start({ env: { PAUSED: value } });
    const job = simulator.addJob();
    expect((await kill(job.job_id)).status).toBe(202);
    expect(simulator.killed()).toEqual([job.job_id]);
  });
});
