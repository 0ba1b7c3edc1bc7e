import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterAll, beforeAll, expect, jest } from '@jest/globals';
import { itAtFullSize } from '../../support/full-size.ts';
import { commandForm, sendSlack } from '../../simulator/slack-client.ts';
import { type SimulatedJob, type Simulator, startSimulator } from '../../simulator/simulator.ts';
import { ALERT_TOKEN, findPort, type HomeProcess, makeFolder, settingsFor, SIGNING_SECRET, startHome, until } from '../serve/process.ts';

jest.setTimeout(120_000);

let simulator: Simulator;
const place = makeFolder();
beforeAll(async () => void (simulator = await startSimulator({ killDelayMs: 50, slack: { botToken: 'xoxb-token-of-this-test' } })));
afterAll(async () => {
  await simulator.close();
  place.remove();
});

/** Asks until somebody answers: between two processes nobody listens. */
async function insist(ask: () => Promise<{ status: number }>): Promise<number> {
  for (const giveUpAt = performance.now() + 50_000; performance.now() < giveUpAt; await sleep(20)) {
    try {
      return (await ask()).status;
    } catch {
      // between two processes
    }
  }
  return 0;
}

itAtFullSize('a run that takes the process down three times is FAILED and said; the others go on, and the off switch works meanwhile', async () => {
  const url = `http://127.0.0.1:${await findPort()}`;
  const [bad, good, later] = [simulator.addJob({ job_name: 'takes-it-down' }), simulator.addJob({ job_name: 'goes-on' }), simulator.addJob({ job_name: 'comes-later' })];
  const settings = { ...settingsFor(simulator), PORT: new URL(url).port, NODE_OPTIONS: `--import=${join(import.meta.dirname, 'timer-bug.mjs')}`, BUG_AT: bad.job_id };
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
  const alert = ({ job_id: id }: SimulatedJob) =>
    insist(() => fetch(`${url}/alerts/generic`, { method: 'POST', headers: { authorization: `Bearer ${ALERT_TOKEN}` }, body: JSON.stringify({ id: `alert-${id}`, labels: { alertname: 'Stuck', job_id: id } }) }));
  const said = (words: string) => simulator.slack.messages().some((message) => message.text.startsWith(words) && JSON.stringify(message).includes(bad.job_id));

  try {
    expect(await alert(bad)).toBe(202);
    await until(() => homes.length > 1);
    expect(await alert(good)).toBe(202);
    await until(() => simulator.killed().includes(good.job_id));
    const pause = () => sendSlack(url, '/slack/command', commandForm({ text: 'pause for 1h', response_url: simulator.slack.newResponseUrl() }), SIGNING_SECRET, Math.floor(Date.now() / 1_000));
    const isPaused = async () => ((await (await fetch(`${url}/health`)).json()) as { paused: unknown }).paused === true;
    // A person does so who is not told that it is off.
    for (let tries = 0; tries < 10 && !(await isPaused().catch(() => false)); tries++) {
      expect(await insist(pause)).toBe(200);
      await sleep(300);
    }
    await until(() => said('Failed'));
    expect(said('Failed')).toBe(true);
    const ends = lines().filter(({ message }) => message === 'an error that nobody caught: this process ends');
    // Under the first it had got further: its look began after a checkpoint.
    expect(ends.map((line) => (line['in_flight'] as string[]).some((name) => name.startsWith('alerts-live-')))).toEqual([true, true, true, true]);
    expect(lines().filter(({ message, outcome, code }) => message === 'kill request ended' && outcome === 'failed' && code === 'FAILED')).toHaveLength(1);

    expect(await alert(later)).toBe(202);
    await until(() => lines().some(({ message, rule }) => message === 'kill request ended' && rule === 'paused'));
    expect(simulator.killed()).toEqual([good.job_id]);
  } finally {
    isOver = true;
    await homes.at(-1)?.end();
    await managing;
  }
});
