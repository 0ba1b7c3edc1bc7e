import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import { startScript } from '../store/owner.ts';
import { until as untilSoon } from '../../support/until.ts';
import { blockActionsForm, buttonsOf, commandForm, sendSlack } from '../../simulator/slack-client.ts';
import { type Simulator, startSimulator } from '../../simulator/simulator.ts';
import { APPROVER } from '../../stage/slack.ts';
import { ALERT_TOKEN, makeFolder, settingsFor, SIGNING_SECRET, startHome, until } from '../serve/process.ts';
import { acknowledgementsIn, answersIn, canWatch, watchCalls } from './strace.ts';

jest.setTimeout(90_000);

const isSkipped = !canWatch();
if (isSkipped) console.warn('no strace here, or it may not watch: that each answer comes after its fsync is not tested');
const describeWatched = isSkipped ? describe.skip : describe;

let simulator: Simulator;
const place = makeFolder();
beforeAll(async () => void (simulator = await startSimulator({ slack: { botToken: 'xoxb-token-of-this-test' } })));
afterAll(async () => {
  await simulator.close();
  place.remove();
});

/** A process that is killed proves nothing here: it loses nothing without any sync either. */
describeWatched('each answer comes after the sync of what it promises', () => {
  it('to alerts, a command and a click', async () => {
    const home = startHome(place.folder, settingsFor(simulator));
    try {
      const url = await home.url;
      const calls = await watchCalls(home.child.pid ?? 0, join(place.folder, 'calls'));
      for (let count = 0; count < 5; count++) {
        const body = JSON.stringify({ id: `alert-${count}`, labels: { alertname: 'Stuck', job_id: simulator.addJob().job_id } });
        expect((await fetch(`${url}/alerts/generic`, { method: 'POST', headers: { authorization: `Bearer ${ALERT_TOKEN}` }, body })).status).toBe(202);
      }
      const slack = (path: string, form: URLSearchParams) => sendSlack(url, path, form, SIGNING_SECRET, Math.floor(Date.now() / 1_000));
      const job = simulator.addJob({ job_name: 'asked', job_type: 'Flink' });
      expect((await slack('/slack/command', commandForm({ text: `kill ${job.job_id} on analytics`, response_url: simulator.slack.newResponseUrl() }))).status).toBe(200);
      const card = () => simulator.slack.messages().find((message) => buttonsOf(message).length > 0);
      await until(() => card() !== undefined);
      const { text = '', blocks = [], ts = '', channel = '' } = card() ?? {};
      const [button] = buttonsOf({ blocks });
      const click = blockActionsForm({ message: { text, blocks }, user: APPROVER, messageTs: ts, channel, actionId: button?.action_id ?? '', value: button?.value, responseUrl: simulator.slack.newResponseUrl() });
      expect((await slack('/slack/action', click)).status).toBe(200);

      const answers = answersIn(await calls.end());
      const promises = answers.filter(({ asked }) => asked.startsWith('POST '));
      expect(promises.map(({ asked, answered }) => `${asked} ${answered}`)).toEqual([...Array<string>(5).fill('POST /alerts/generic 202'), 'POST /slack/command 200', 'POST /slack/action 200']);
      expect(promises.filter(({ wrote, isSynced }) => !wrote || !isSynced)).toEqual([]);
    } finally {
      await home.end();
    }
  });

  it('to what comes by Socket Mode', async () => {
    const folder = makeFolder();
    const home = startHome(folder.folder, { ...settingsFor(simulator), SLACK_APP_TOKEN: 'xapp-simulator-token', SLACK_SIGNING_SECRET: '' });
    try {
      await home.url;
      await until(() => home.lines().some(({ message }) => message === 'connected to Slack by Socket Mode'));
      const calls = await watchCalls(home.child.pid ?? 0, join(folder.folder, 'calls'));
      const before = simulator.slack.messages().length;
      for (const name of ['one', 'two', 'three']) {
        const job = simulator.addJob({ job_name: name, job_type: 'Flink' });
        expect(await simulator.slack.socketMode.deliver('slash_commands', commandForm({ text: `kill ${job.job_id} on analytics`, response_url: simulator.slack.newResponseUrl() }))).toMatchObject({ tries: 1 });
      }
      await until(() => simulator.slack.messages().slice(before).filter((message) => buttonsOf(message).length > 0).length === 3);
      for (const { text, blocks, ts, channel } of simulator.slack.messages().slice(before)) {
        const [button] = buttonsOf({ blocks });
        const click = blockActionsForm({ message: { text, blocks }, user: APPROVER, messageTs: ts, channel, actionId: button?.action_id ?? '', value: button?.value, responseUrl: simulator.slack.newResponseUrl() });
        expect(await simulator.slack.socketMode.deliver('interactive', click)).toMatchObject({ tries: 1 });
      }
      const acknowledged = acknowledgementsIn(await calls.end());
      expect(acknowledged.length).toBeGreaterThanOrEqual(4); // of 6: strace may be ended before it wrote down the last of them
      expect(acknowledged.filter(({ wrote, isSynced }) => !wrote || !isSynced)).toEqual([]);
    } finally {
      await home.end();
      folder.remove();
    }
  });

  it.each([['FULL', true], ['OFF', false]] as const)('which this would see: with synchronous=%s', async (synchronous, isSynced) => {
    const writer = startScript('../deaths/writes.ts', [join(place.folder, `${synchronous}.sqlite`), synchronous]);
    await untilSoon(() => writer.said().length > 0);
    const calls = await watchCalls(writer.pid, join(place.folder, `calls-${synchronous}`));
    for (let count = 0; count < 3; count++) expect((await fetch(`http://127.0.0.1:${writer.said()[0]?.owned}/`, { method: 'POST', body: '{}' })).status).toBe(202);
    const answers = answersIn(await calls.end());
    expect(answers.map((answer) => [answer.wrote, answer.isSynced])).toEqual(Array(3).fill([true, isSynced]));
  });
});
