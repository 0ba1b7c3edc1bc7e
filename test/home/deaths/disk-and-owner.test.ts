import { execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { JOBS_PATH } from '../../simulator/client.ts';
import { commandForm, sendSlack } from '../../simulator/slack-client.ts';
import { type SimulatedJob, type Simulator, startSimulator } from '../../simulator/simulator.ts';
import { ALERT_TOKEN, API_TOKEN, type HomeProcess, makeFolder, settingsFor, SIGNING_SECRET, startHome, until } from '../serve/process.ts';

jest.setTimeout(120_000);

let simulator: Simulator;
let place: ReturnType<typeof makeFolder>;
const started: HomeProcess[] = [];
beforeAll(async () => void (simulator = await startSimulator({ killDelayMs: 50, slack: { botToken: 'xoxb-token-of-this-test' } })));
afterAll(() => simulator.close());
beforeEach(() => void (place = makeFolder()));
afterEach(async () => {
  await Promise.all(started.splice(0).map((home) => home.end()));
  place.remove();
});

function start(settings: Record<string, string> = {}, ...args: string[]): HomeProcess {
  const home = startHome(place.folder, { ...settingsFor(simulator), ...settings }, ...args);
  started.push(home);
  return home;
}

const alert = async (url: string, { job_id: id }: SimulatedJob): Promise<number> =>
  (await fetch(`${url}/alerts/generic`, { method: 'POST', headers: { authorization: `Bearer ${ALERT_TOKEN}` }, body: JSON.stringify({ id: `alert-${id}`, labels: { alertname: 'Stuck', job_id: id } }), signal: AbortSignal.timeout(20_000) })).status;
const rest = async (url: string, { job_id: id }: SimulatedJob): Promise<number> => (await fetch(`${url}${JOBS_PATH}/${id}/kill`, { method: 'POST', headers: { authorization: `Bearer ${API_TOKEN}` } })).status;
const command = (url: string, { job_id: id }: SimulatedJob) => sendSlack(url, '/slack/command', commandForm({ text: `kill ${id} on analytics`, response_url: simulator.slack.newResponseUrl() }), SIGNING_SECRET, Math.floor(Date.now() / 1_000));
const isKilled = ({ job_id: id }: SimulatedJob): boolean => simulator.killed().includes(id);

/** A disk of 3 MB at a folder; what takes it away again, undefined where this user may mount none. */
function mountSmallDisk(folder: string): (() => void) | undefined {
  mkdirSync(folder);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', folder], { stdio: 'ignore' });
  } catch {
    return undefined;
  }
  return () => execFileSync('umount', ['--lazy', folder]);
}

describe('a disk that is full', () => {
  it('kills nothing and says so to whoever asks, and goes on when there is room', async () => {
    const disk = join(place.folder, 'data');
    const unmount = mountSmallDisk(disk);
    if (unmount === undefined) return console.warn('no disk may be mounted here: a full one under the own home is not tested');
    try {
      const home = start();
      const url = await home.url;
      writeFileSync(join(disk, 'other'), '');
      try {
        writeFileSync(join(disk, 'other'), Buffer.alloc(4_000_000));
      } catch {
        // as full as it gets
      }
      const jobs = [simulator.addJob(), simulator.addJob(), simulator.addJob()] as const;
      const [sender, client, person] = await Promise.all([alert(url, jobs[0]), rest(url, jobs[1]), command(url, jobs[2])]);
      expect([sender, client, person.text]).toEqual([503, 503, expect.stringMatching(/could not/)]);
      expect(jobs.filter(isKilled)).toEqual([]);
      expect(home.lines().some((line) => JSON.stringify(line).includes("the store's disk is full"))).toBe(true);
      rmSync(join(disk, 'other'));
      expect(await alert(url, jobs[0])).toBe(202);
      await until(() => isKilled(jobs[0]));
      expect(jobs.map(isKilled)).toEqual([true, false, false]);
    } finally {
      await Promise.all(started.splice(0).map((home) => home.end()));
      unmount();
    }
  });
});

describe('one owner', () => {
  const waits = (home: HomeProcess) => until(() => home.lines().some(({ message }) => message === 'waiting for the store'));
  const since = (): number => Date.parse((JSON.parse(readFileSync(join(place.folder, 'data/killswitch.sqlite.owner'), 'utf8')) as { since: string }).since);

  it('keeps the store while it is frozen, and the one that stands by has it within a second of its death', async () => {
    let owner = start();
    const url = await owner.url;
    let next = start({}, '--standby');
    await waits(next);
    owner.child.kill('SIGSTOP');
    const second = start();
    expect([await second.exitCode, second.stderr()]).toEqual([1, expect.stringMatching(new RegExp(`^STORE_FILE is held by process ${owner.child.pid} `))]);
    expect(next.lines().map(({ message }) => message)).toEqual(['waiting for the store']);
    owner.child.kill('SIGCONT');
    const job = simulator.addJob();
    expect(await alert(url, job)).toBe(202);
    await until(() => isKilled(job));

    // Where many share a machine any one of them may be late.
    const gapsMs: number[] = [];
    while (gapsMs.length < 3 && !gapsMs.some((gapMs) => gapMs < 1_000)) {
      if (gapsMs.length > 0) {
        next = start({}, '--standby');
        await waits(next);
      }
      const diedAt = Date.now();
      await owner.end('SIGKILL');
      await next.url;
      gapsMs.push(since() - diedAt);
      owner = next;
    }
    expect(Math.min(...gapsMs)).toBeLessThan(1_000);
    expect(simulator.kills().filter(({ path }) => path.includes(job.job_id))).toHaveLength(1);
  });
});
