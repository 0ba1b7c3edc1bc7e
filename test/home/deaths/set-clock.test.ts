import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, jest } from '@jest/globals';
import { buttonsOf, commandForm, sendSlack } from '../../simulator/slack-client.ts';
import { type SimulatedJob, type Simulator, startSimulator } from '../../simulator/simulator.ts';
import { itAtFullSize } from '../../support/full-size.ts';
import { ALERT_TOKEN, type HomeProcess, makeFolder, settingsFor, SIGNING_SECRET, startHome, until } from '../serve/process.ts';

jest.setTimeout(120_000);

const HOUR_MS = 3_600_000;

let simulator: Simulator;
const place = makeFolder();
beforeAll(async () => void (simulator = await startSimulator({ killDelayMs: 50, slack: { botToken: 'xoxb-token-of-this-test' } })));
afterAll(async () => {
  await simulator.close();
  place.remove();
});

const clockFile = join(place.folder, 'clock');
const setClock = (offMs: number): void => writeFileSync(clockFile, String(offMs));
const start = (): HomeProcess => startHome(place.folder, { ...settingsFor(simulator), NODE_OPTIONS: `--import=${join(import.meta.dirname, 'set-clock.mjs')}`, CLOCK_OFF: clockFile });
const isKilled = ({ job_id: id }: SimulatedJob): boolean => simulator.killed().includes(id);

async function kills(home: HomeProcess, job: SimulatedJob): Promise<boolean> {
  const body = JSON.stringify({ id: `alert-${job.job_id}`, labels: { alertname: 'Stuck', job_id: job.job_id } });
  expect((await fetch(`${await home.url}/alerts/generic`, { method: 'POST', headers: { authorization: `Bearer ${ALERT_TOKEN}` }, body })).status).toBe(202);
  await until(() => isKilled(job));
  return isKilled(job);
}

/** What is wrong with the clock, as /health says it when it has changed. */
async function clockOf(home: HomeProcess, wanted: string): Promise<unknown> {
  const url = await home.url;
  for (const giveUpAt = performance.now() + 10_000; ; ) {
    const { clock } = (await (await fetch(`${url}/health`)).json()) as { clock?: string };
    if (clock === wanted || performance.now() > giveUpAt) return clock;
  }
}

/** What its log said of the clock. */
const said = (home: HomeProcess): unknown[] => home.lines().flatMap(({ clock }) => clock ?? []);

itAtFullSize('a clock that is set back, and forward, is said; what was asked may expire by it, and nothing is killed for it', async () => {
  setClock(0);
  const home = start();
  const asked = simulator.addJob({ job_name: 'asked', job_type: 'Flink' });
  await sendSlack(await home.url, '/slack/command', commandForm({ text: `kill ${asked.job_id} on analytics`, response_url: simulator.slack.newResponseUrl() }), SIGNING_SECRET, Math.floor(Date.now() / 1_000));
  const card = () => simulator.slack.messages().find((message) => JSON.stringify(message).includes(asked.job_id));
  await until(() => buttonsOf(card() ?? { blocks: [] }).length > 0);

  setClock(-HOUR_MS);
  expect(await clockOf(home, 'behind')).toBe('behind');
  expect(await kills(home, simulator.addJob({ job_name: 'while-behind' }))).toBe(true);
  expect(buttonsOf(card() ?? { blocks: [] })).toHaveLength(2);
  await until(() => said(home).length > 0); // it looks every two seconds

  setClock(2 * HOUR_MS);
  expect(await clockOf(home, 'jumped')).toBe('jumped');
  await until(() => card()?.text.startsWith('Expired') === true);
  expect(card()?.text).toMatch(/^Expired/);
  expect(await kills(home, simulator.addJob({ job_name: 'after-the-jump' }))).toBe(true);
  expect(said(home)).toEqual(['behind', 'jumped']);
  expect(await home.end('SIGTERM')).toBe(0);

  setClock(0); // set right again, behind what the store has seen
  const next = start();
  expect(await clockOf(next, 'behind')).toBe('behind');
  expect(await kills(next, simulator.addJob({ job_name: 'after-the-end' }))).toBe(true);
  await next.end();
  expect([isKilled(asked), simulator.kills().length]).toEqual([false, 3]);
});
