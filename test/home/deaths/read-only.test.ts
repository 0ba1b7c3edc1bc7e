import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest } from '@jest/globals';
import { JOBS_PATH } from '../../simulator/client.ts';
import { commandForm, sendSlack } from '../../simulator/slack-client.ts';
import { type SimulatedJob, type Simulator, startSimulator } from '../../simulator/simulator.ts';
import { itAtFullSize } from '../../support/full-size.ts';
import { ALERT_TOKEN, API_TOKEN, makeFolder, settingsFor, SIGNING_SECRET, startHome, until } from '../serve/process.ts';
import { canWatch, makeReadOnly } from './strace.ts';

jest.setTimeout(120_000);

let simulator: Simulator;
const place = makeFolder();
beforeAll(async () => void (simulator = await startSimulator({ killDelayMs: 50, slack: { botToken: 'xoxb-token-of-this-test' } })));
afterAll(async () => {
  await simulator.close();
  place.remove();
});

const isKilled = ({ job_id: id }: SimulatedJob): boolean => simulator.killed().includes(id);

// A disk with files that are open for writing cannot be mounted for reading only: the kernel does so itself after an error of it.
itAtFullSize('a store that turns read-only while it is used takes nothing and kills nothing, and goes on when it is mended', async () => {
  if (!canWatch()) return console.warn('no strace here, or it may not watch: a store that turns read-only is not tested');
  const home = startHome(place.folder, settingsFor(simulator));
  try {
    const url = await home.url;
    const alert = async ({ job_id: id }: SimulatedJob) => (await fetch(`${url}/alerts/generic`, { method: 'POST', headers: { authorization: `Bearer ${ALERT_TOKEN}` }, body: JSON.stringify({ id: `alert-${id}`, labels: { alertname: 'Stuck', job_id: id } }) })).status;
    const rest = async ({ job_id: id }: SimulatedJob) => (await fetch(`${url}${JOBS_PATH}/${id}/kill`, { method: 'POST', headers: { authorization: `Bearer ${API_TOKEN}` } })).status;
    const command = async ({ job_id: id }: SimulatedJob) => (await sendSlack(url, '/slack/command', commandForm({ text: `kill ${id} on analytics`, response_url: simulator.slack.newResponseUrl() }), SIGNING_SECRET, Math.floor(Date.now() / 1_000))).text;
    const health = async () => (await fetch(`${url}/health`)).status;
    const store = join(place.folder, 'data/killswitch.sqlite');
    const mend = await makeReadOnly(home.child.pid ?? 0, [store, `${store}-wal`]);
    const jobs = [simulator.addJob(), simulator.addJob(), simulator.addJob()] as const;
    expect(await Promise.all([alert(jobs[0]), rest(jobs[1]), command(jobs[2])])).toEqual([503, 503, expect.stringMatching(/could not/)]);
    expect(await health()).toBe(503);
    expect(home.lines().some((line) => JSON.stringify(line).includes("the store's disk gives errors"))).toBe(true);
    expect(jobs.filter(isKilled)).toEqual([]);
    await mend();
    expect(await alert(jobs[0])).toBe(202);
    await until(() => isKilled(jobs[0]));
    expect([await health(), jobs.map(isKilled), simulator.kills().length]).toEqual([200, [true, false, false], 1]);
  } finally {
    await home.end();
  }
});
