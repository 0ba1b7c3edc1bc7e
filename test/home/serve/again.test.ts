import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { JOBS_PATH } from '../../simulator/client.ts';
import { type SimulatedJob, type Simulator, startSimulator } from '../../simulator/simulator.ts';
import { ALERT_TOKEN, type HomeProcess, makeFolder, settingsFor, startHome, until } from './process.ts';
import { itAtFullSize } from '../../support/full-size.ts';

jest.setTimeout(60_000);

let simulator: Simulator;
let place: ReturnType<typeof makeFolder>;
const started: HomeProcess[] = [];

beforeAll(async () => void (simulator = await startSimulator({ killDelayMs: 2_500, slack: { botToken: 'xoxb-token-of-this-test' } })));
afterAll(() => simulator.close());
beforeEach(() => void (place = makeFolder()));
afterEach(async () => {
  await Promise.all(started.splice(0).map((home) => home.end()));
  place.remove();
});

function start(...args: string[]): HomeProcess {
  const home = startHome(place.folder, settingsFor(simulator), ...args);
  started.push(home);
  return home;
}

const alert = async (home: HomeProcess, { job_id: id }: SimulatedJob): Promise<number> => {
  const body = JSON.stringify({ id: `alert-${id}`, labels: { alertname: 'Stuck', job_id: id } });
  return (await fetch(`${await home.url}/alerts/generic`, { method: 'POST', headers: { authorization: `Bearer ${ALERT_TOKEN}` }, body })).status;
};
const postsOf = ({ job_id: id }: SimulatedJob) => simulator.requests.filter(({ path }) => path === `${JOBS_PATH}/${id}/kill`);
const endsOf = (...homes: HomeProcess[]) => homes.flatMap((home) => home.lines()).filter(({ message }) => message === 'kill request ended');

describe('a home that ends in the middle of a kill', () => {
  // `kill -9` under load is in test/home/deaths.
  itAtFullSize.each([['SIGKILL', null], ['SIGTERM', 0]] as const)('by %s goes on when it is started again, and ends it once', async (signal, code) => {
    const job = simulator.addJob({ job_name: `ends-${signal.toLowerCase()}` });
    const first = start();
    expect(await alert(first, job)).toBe(202);
    await until(() => postsOf(job).length > 0);
    expect(await first.end(signal)).toBe(code);
    expect(endsOf(first)).toEqual([]);
    if (signal === 'SIGTERM') expect(first.lines().at(-1)).toMatchObject({ message: 'stopped' });
    const second = start();
    await until(() => endsOf(second).length > 0);
    expect(endsOf(first, second)).toEqual([expect.objectContaining({ outcome: 'killed' })]);
    expect(postsOf(job)).toHaveLength(1);
  });

  it('is followed by the one that stands by, under the policy of that moment', async () => {
    const first = start();
    await first.url;
    const second = start('--standby');
    await until(() => second.lines().some(({ message }) => message === 'waiting for the store'));
    const third = start('--standby');
    await until(() => third.lines().some(({ message }) => message === 'waiting for the store'));
    expect(await third.end('SIGTERM')).toBe(0);
    const job = simulator.addJob({ job_name: 'handed-on' });
    expect(await alert(first, job)).toBe(202);
    await until(() => postsOf(job).length > 0);
    const policy = join(place.folder, 'policy.yml');
    writeFileSync(policy, readFileSync(policy, 'utf8').replace('dryRun: false', 'dryRun: true'));
    await first.end('SIGKILL');
    expect(await (await fetch(`${await second.url}/health`)).json()).toMatchObject({ dry_run: true });
    await until(() => endsOf(second).length > 0);
    expect(postsOf(job)).toHaveLength(1);
  });
});
