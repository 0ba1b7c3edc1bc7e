import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, jest } from '@jest/globals';
import { commandForm, sendSlack } from '../../simulator/slack-client.ts';
import { type Simulator, startSimulator } from '../../simulator/simulator.ts';
import { type HomeProcess, makeFolder, settingsFor, SIGNING_SECRET, startHome, until } from './process.ts';

jest.setTimeout(60_000);

let simulator: Simulator;
let home: HomeProcess;
const { folder, remove } = makeFolder();

beforeEach(async () => {
  simulator = await startSimulator({ slack: { botToken: 'xoxb-token-of-this-test' } });
  const settings: Record<string, string> = { ...settingsFor(simulator), SLACK_APP_TOKEN: 'xapp-simulator-token', METRICS_PORT: '0' };
  for (const name of ['SLACK_BOT_TOKEN', 'SLACK_APP_TOKEN', 'SLACK_SIGNING_SECRET', 'API_TOKENS']) {
    writeFileSync(join(folder, name), `${settings[name]}\n`, { mode: 0o600 });
    settings[name] = `file:${join(folder, name)}`;
  }
  home = startHome(folder, settings);
});
afterEach(async () => {
  await home.end();
  await simulator.close();
  remove();
});

const gauge = async (name: string): Promise<string | undefined> => {
  const url = String(home.lines().find(({ message }) => message === 'serving')?.['metrics']);
  return (await (await fetch(url)).text()).split('\n').find((line) => line.startsWith(`mrs_killswitch_${name} `));
};

it('a home whose secrets are files serves, has Slack by Socket Mode, and tells its state before anybody has called; a pause too', async () => {
  const url = await home.url;
  expect([await gauge('store_works'), await gauge('paused')]).toEqual(['mrs_killswitch_store_works 1', 'mrs_killswitch_paused 0']);
  await until(() => home.lines().some(({ message }) => message === 'connected to Slack by Socket Mode'));
  expect(home.lines().filter(({ level }) => level === 'error')).toEqual([]);
  await sendSlack(url, '/slack/command', commandForm({ text: 'pause for 1h', response_url: simulator.slack.newResponseUrl() }), SIGNING_SECRET, Math.floor(Date.now() / 1_000));
  await until(() => simulator.slack.responses().length > 0);
  expect(await gauge('paused')).toBe('mrs_killswitch_paused 1');
});
