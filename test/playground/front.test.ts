import { request } from 'node:http';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { SOURCES } from '../../lib/alerts/sources.ts';
import { readContainerfile, readCopy, restOf } from '../home/run/containerfile.ts';
import { SAMPLE_SOURCES } from './alert-samples.ts';
import { createPushedClock } from './pushed-clock.ts';
import { type Front, servePlayground } from './front.ts';
import type { ChatEntry, PlaygroundJob, PlaygroundState } from './state.ts';

const OPERATOR = 'U012AB3CD';
const STRANGER = 'U0STRANGER';
const GENEROUS_MS = 15_000;

let front: Front;
beforeAll(async () => {
  front = await servePlayground({ port: 0, policyFile: 'test/playground/policy.yml' });
  await look(); // the first visit opens all that is behind it
}, 90_000);
afterAll(() => front.close());

async function act(name: string, body: unknown, type = 'application/json'): Promise<{ status: number; state: PlaygroundState; error?: string }> {
  const answer = await fetch(`${front.url}/do/${name}`, { method: 'POST', headers: { 'content-type': type }, body: typeof body === 'string' ? body : JSON.stringify(body) });
  const state = (await answer.json()) as PlaygroundState & { error?: string };
  return { status: answer.status, state, ...(state.error !== undefined && { error: state.error }) };
}

async function look(): Promise<PlaygroundState> {
  return (await fetch(`${front.url}/state`)).json() as Promise<PlaygroundState>;
}

/** Looks until `find` finds something; throws with what was said so far where it never does. */
async function waitFor<Found>(find: (state: PlaygroundState) => Found | undefined): Promise<Found> {
  let state = await look();
  for (const giveUpAt = performance.now() + GENEROUS_MS; performance.now() < giveUpAt; state = await look()) {
    const found = find(state);
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`waited in vain; so far: ${JSON.stringify(state.chat.map(({ text }) => text))}`);
}

const said = (text: string) => ({ chat }: PlaygroundState): ChatEntry | undefined => chat.find((entry) => entry.text.includes(text));
const job = (name: string) => ({ jobs }: PlaygroundState): PlaygroundJob | undefined => jobs.find((one) => one.name === name);

async function addJob(kind: string): Promise<PlaygroundJob> {
  const { state } = await act('job', { kind });
  const added = state.jobs.at(-1);
  if (added === undefined) throw new Error('no job was added');
  return added;
}

describe('the front of the playground', () => {
  it('serves a page that needs nothing from elsewhere', async () => {
    const page = await fetch(front.url);
    expect([page.status, page.headers.get('content-security-policy')]).toEqual([200, expect.stringContaining("default-src 'none'")]);
    expect(await page.text()).not.toMatch(/https?:\/\//);
    const [script, style] = await Promise.all(['page.js', 'page.css'].map((file) => fetch(`${front.url}/${file}`)));
    expect([script?.status, script?.headers.get('content-type'), style?.status, style?.headers.get('content-type')]).toEqual([200, 'text/javascript; charset=utf-8', 200, 'text/css; charset=utf-8']);
  });

  it('knows the people of the policy, and has jobs', async () => {
    const { people, jobs, switches } = await look();
    expect(people.map(({ role, id }) => [role, id])).toEqual([['operator', OPERATOR], ['approver', 'U045EF6GH'], ['owner', 'U0OWNER01'], ['stranger', STRANGER]]);
    expect(jobs.map(({ name, state }) => [name, state])).toEqual([['etl-1', 'RUNNING'], ['clicks-2', 'RUNNING'], ['billing-3', 'RUNNING'], ['nb-4', 'RUNNING'], ['dev-5', 'RUNNING']]);
    expect(switches).toEqual({ dryRun: false, paused: false, outage: false });
  });

  it.each([
    ['an action that there is not', 'constructor', {}, 404],
    ['a body that is no JSON', 'type', 'x', 400],
    ['a body of another shape', 'clock', { ms: -1 }, 400],
    ['a kind of job that there is not', 'job', { kind: 'constructor' }, 400],
    ['a button that there is not', 'click', { as: OPERATOR, entry: 'C0123456789/1', nth: 0 }, 400],
    ['a repeat of nothing', 'alert-again', { resolved: true }, 400],
  ])('refuses %s, and nothing was killed', async (_case, name, body, status) => {
    expect(await act(name, body)).toMatchObject({ status, error: expect.any(String) });
    expect((await look()).jobs.every(({ state }) => state === 'RUNNING')).toBe(true);
  });

  it('refuses what the form of another site could send, and nothing was killed', async () => {
    expect(await act('cleanup', '{}', 'text/plain')).toMatchObject({ status: 415 });
    expect((await look()).jobs.every(({ state }) => state === 'RUNNING')).toBe(true);
  });

  it('refuses what the page of another site sends, and nothing was killed', async () => {
    for (const origin of ['http://evil.example', 'http://127.0.0.1:1', 'null']) {
      const answer = await fetch(`${front.url}/do/cleanup`, { method: 'POST', headers: { 'content-type': 'application/json', origin }, body: '{}' });
      expect(answer.status).toBe(403);
    }
    const { jobs, deliveries } = await look();
    expect(deliveries).toEqual([]);
    expect(jobs.every(({ state }) => state === 'RUNNING')).toBe(true);
  });

  it('answers nobody who came by the name of another site', async () => {
    const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
    request(front.url, { headers: { host: 'evil.example' } }, (answer) => resolve(answer.resume().statusCode)).on('error', reject).end();
    expect(await promise).toBe(421);
  });

  it('shows a stranger the refusal, and nothing was killed', async () => {
    await act('type', { as: STRANGER, text: 'kill etl-1' });
    expect(await waitFor(said('Refused'))).toMatchObject({ kind: 'note', onlyFor: STRANGER });
    expect(job('etl-1')(await look())?.state).toBe('RUNNING');
  });

  it('kills while the switch is off, and not while it is on', async () => {
    const { name, cluster } = await addJob('spark');
    await act('switch', { paused: true });
    await act('type', { as: OPERATOR, text: `kill ${name} on ${cluster}` });
    await waitFor(said('Refused: paused'));
    expect(job(name)(await look())?.state).toBe('RUNNING');
    await act('switch', { paused: false });
    await act('type', { as: OPERATOR, text: `kill ${name} on ${cluster}` });
    const card = await waitFor(({ chat }) => chat.find(({ text, blocks }) => text.includes('Please confirm') && blocks.some(({ type }) => type === 'actions')));
    await act('click', { as: OPERATOR, entry: card.id, nth: 0 });
    await waitFor(said(`Killed: `));
    expect(job(name)(await look())?.state).toBe('KILLED');
    expect((await look()).audit.filter(({ text }) => text.includes(name)).length).toBeGreaterThan(0);
  });

  it('has a payload of every source that has a route', () => {
    expect([...SAMPLE_SOURCES].toSorted()).toEqual(Object.keys(SOURCES).toSorted());
  });

  it.each(Object.keys(SOURCES))('is trusted as %s, and a repeat is a duplicate', async (source) => {
    const { id } = await addJob('spark');
    const { state } = await act('alert', { source, jobId: id, alertname: 'MrsJobStuck' });
    expect(state.deliveries[0]).toMatchObject({ result: '202', answer: expect.stringContaining('"outcome": "accepted"') });
    expect(state.deliveries[0]?.request).not.toMatch(/not-for-production/);
    const again = await act('alert-again', { resolved: false });
    expect(again.state.deliveries[0]).toMatchObject({ result: '202', answer: expect.stringContaining('"outcome": "duplicate"') });
    const resolved = await act('alert-again', { resolved: true });
    expect(resolved.state.deliveries[0]).toMatchObject({ result: '202', answer: expect.stringContaining('"outcome": "ignored"') });
  });
});

it('is in no image: nothing of test is copied into it', () => {
  const copied = restOf(readContainerfile(), 'COPY').flatMap((rest) => readCopy(rest).sources);
  expect(copied.filter((source) => /^(?:\.\/?$|test)/.test(source))).toEqual([]);
});

describe('the clock of the playground', () => {
  it('goes forward only, both of the machine\'s clocks at once', () => {
    const clock = createPushedClock({ wall: () => 1_795_348_800_000, monotonic: () => 5_000 });
    clock.push(60_000);
    expect([clock.wall(), clock.monotonic(), clock.aheadMs()]).toEqual([1_795_348_860_000, 65_000, 60_000]);
    expect(() => clock.push(-1)).toThrow('the clock only goes forward');
    expect(() => clock.push(Number.NaN)).toThrow('the clock only goes forward');
  });
});
