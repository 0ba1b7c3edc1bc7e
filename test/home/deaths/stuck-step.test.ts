import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest } from '@jest/globals';
import { type SimulatedJob, type Simulator, startSimulator } from '../../simulator/simulator.ts';
import { itAtFullSize } from '../../support/full-size.ts';
import { ALERT_TOKEN, findPort, type HomeProcess, makeFolder, settingsFor, startHome, until } from '../serve/process.ts';

jest.setTimeout(240_000);

let simulator: Simulator;
const place = makeFolder();
beforeAll(async () => void (simulator = await startSimulator({ killDelayMs: 50, slack: { botToken: 'xoxb-token-of-this-test' } })));
afterAll(async () => {
  await simulator.close();
  place.remove();
});

// An invocation has 2 min, and 10 s to settle: here 8 s and 1 s.
itAtFullSize('a step that never ends: the others go on, the process comes back by itself, and after three times that run is FAILED and said', async () => {
  const url = `http://127.0.0.1:${await findPort()}`;
  const [bad, good, later] = [simulator.addJob({ job_name: 'never-ends' }), simulator.addJob({ job_name: 'goes-on' }), simulator.addJob({ job_name: 'comes-later' })];
  const preload = ['stuck-bug.mjs', '../serve/hurry.mjs'].map((file) => `--import=${join(import.meta.dirname, file)}`);
  const settings = { ...settingsFor(simulator), PORT: new URL(url).port, NODE_OPTIONS: preload.join(' '), STUCK_AT: bad.job_id, HURRY: JSON.stringify({ 120_000: 8_000, 10_000: 1_000 }) };
  const homes: HomeProcess[] = [];
  let isOver = false;
  /** As a service manager does. */
  const managing = (async () => {
    while (!isOver) {
      const home = startHome(place.folder, settings);
      homes.push(home);
      await home.exitCode;
    }
  })();
  const lines = () => homes.flatMap((home) => home.lines());
  const alert = async ({ job_id: id }: SimulatedJob) =>
    (await fetch(`${url}/alerts/generic`, { method: 'POST', headers: { authorization: `Bearer ${ALERT_TOKEN}` }, body: JSON.stringify({ id: `alert-${id}`, labels: { alertname: 'Stuck', job_id: id } }) })).status;
  const isSaid = () => simulator.slack.messages().some((message) => message.text.startsWith('Failed') && JSON.stringify(message).includes(bad.job_id));
  const endsByItself = () => lines().filter(({ message }) => message === 'an invocation does not settle though its time is up: this process ends');

  try {
    await until(() => homes[0]?.lines().some(({ message }) => message === 'serving') === true);
    expect(await alert(bad)).toBe(202);
    expect(await alert(good)).toBe(202);
    await until(() => simulator.killed().includes(good.job_id));
    expect(endsByItself()).toEqual([]); // the other did not wait for the end of this process
    for (let lives = 0; lives < 4 && !isSaid(); lives++) await until(isSaid); // of so many processes
    expect(isSaid()).toBe(true);
    expect(endsByItself().length).toBeGreaterThanOrEqual(3);
    expect(new Set(endsByItself().map(({ execution }) => String(execution).startsWith('alerts-live-')))).toEqual(new Set([true]));
    expect(lines().filter(({ message, outcome, code }) => message === 'kill request ended' && outcome === 'failed' && code === 'FAILED')).toHaveLength(1);
    expect(await alert(later)).toBe(202);
    await until(() => simulator.killed().includes(later.job_id));
    expect(simulator.kills()).toHaveLength(2);
  } finally {
    isOver = true;
    await homes.at(-1)?.end();
    await managing;
  }
});
