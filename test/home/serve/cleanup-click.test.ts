import { afterAll, afterEach, beforeAll, beforeEach, expect, it, jest } from '@jest/globals';
import { blockActionsForm, buttonsOf, commandForm, sendSlack } from '../../simulator/slack-client.ts';
import { type SimulatedJob, type Simulator, type SlackMessage, startSimulator } from '../../simulator/simulator.ts';
import { CHANNEL, REQUESTER } from '../../stage/slack.ts';
import { type HomeProcess, makeFolder, settingsFor, SIGNING_SECRET, startHome, until } from './process.ts';

jest.setTimeout(90_000);

const OLD = { started_time: Date.now() - 9 * 3_600_000 };

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

function start(): HomeProcess {
  const home = startHome(place.folder, settingsFor(simulator));
  started.push(home);
  return home;
}

const slack = (url: string, path: string, form: URLSearchParams) => sendSlack(url, path, form, SIGNING_SECRET, Math.floor(Date.now() / 1_000));
const postsOf = ({ job_id: id }: SimulatedJob): number => simulator.kills().filter(({ path }) => path.includes(id)).length;

/** `/mrs cleanup`, and what a click on the button of its list sends. */
async function listIn(url: string): Promise<URLSearchParams> {
  const before = simulator.slack.responses().length;
  expect((await slack(url, '/slack/command', commandForm({ text: 'cleanup', response_url: simulator.slack.newResponseUrl() }))).status).toBe(200);
  await until(() => simulator.slack.responses().length > before);
  const { blocks = [] } = (simulator.slack.responses()[before]?.body ?? {}) as Partial<SlackMessage>;
  const [button] = buttonsOf({ blocks });
  return blockActionsForm({ user: REQUESTER, channel: CHANNEL, messageTs: '1795348800.000100', isEphemeral: true, actionId: button?.action_id ?? '', value: button?.value, responseUrl: simulator.slack.newResponseUrl() });
}

it('a click on a cleanup list that was acknowledged is not lost by a death right after it', async () => {
  const jobs = [simulator.addJob({ job_name: 'nb-a', ...OLD }), simulator.addJob({ job_name: 'nb-b', ...OLD })] as const;
  const others = [simulator.addJob(), simulator.addJob()];
  const first = start();
  const url = await first.url;
  const click = await listIn(url);
  expect((await slack(url, '/slack/action', click)).status).toBe(200);
  await first.end('SIGKILL');
  const second = start();
  await second.url;
  await until(() => second.lines().filter(({ message }) => message === 'kill request ended').length === 2);
  expect([...jobs, ...others].map(postsOf)).toEqual([1, 1, 0, 0]);
  expect(JSON.stringify(second.lines())).not.toContain('/hooks/');
});

it('a click whose kills are not on record in time is not acknowledged, and kills nothing twice when it is made again', async () => {
  const job = simulator.addJob({ job_name: 'nb-c', ...OLD });
  simulator.addJob();
  const home = start();
  const url = await home.url;
  const click = await listIn(url);
  let isSlow = true;
  simulator.fault({ on: 'jobs', times: Infinity, delayMs: 3_500, when: () => isSlow });
  const askedAt = performance.now();
  expect((await slack(url, '/slack/action', click)).status).toBe(500);
  expect(performance.now() - askedAt).toBeLessThan(3_400);
  expect(postsOf(job)).toBe(0);
  isSlow = false;
  expect((await slack(url, '/slack/action', click)).status).toBe(200);
  await until(() => simulator.slack.responses().filter(({ body }) => JSON.stringify(body).includes('of 1 started')).length === 2);
  await until(() => postsOf(job) > 0);
  expect(postsOf(job)).toBe(1);
});
