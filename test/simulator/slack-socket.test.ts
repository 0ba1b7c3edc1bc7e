import { once } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { WebSocket } from 'ws';
import { until } from '../support/until.ts';
import { send } from './client.ts';
import { type Simulator, startSimulator } from './simulator.ts';
import { blockActionsForm, commandForm } from './slack-client.ts';

let simulator: Simulator;
beforeEach(async () => {
  simulator = await startSimulator({ slack: { resendAfterMs: 50, sends: 3 } });
});
afterEach(() => simulator.close());

const askFor = async (token: string): Promise<any> => (await send(simulator, 'POST /api/apps.connections.open', { headers: { Authorization: token } })).json();

type Heard = { socket: WebSocket; heard: any[]; acknowledge: (index: number, payload?: object) => void };
async function connect(url?: string): Promise<Heard> {
  const socket = new WebSocket(url ?? ((await askFor('Bearer xapp-simulator-token')) as { url: string }).url);
  const heard: any[] = [];
  socket.on('message', (data: Buffer) => heard.push(JSON.parse(data.toString())));
  await until(() => heard.length > 0);
  return { socket, heard, acknowledge: (index, payload) => socket.send(JSON.stringify({ envelope_id: heard[index].envelope_id, payload })) };
}

describe('apps.connections.open', () => {
  it.each([
    ['', 'not_authed'],
    ['Bearer xapp-other', 'invalid_auth'],
    ['Bearer xoxb-simulator-token', 'not_allowed_token_type'],
  ])('refuses %j in Slack\'s words', async (token, error) => {
    expect(await askFor(token)).toEqual({ ok: false, error });
  });

  it('gives an address that opens one connection, once', async () => {
    const { url } = await askFor('Bearer xapp-simulator-token');
    const { heard } = await connect(url);
    expect(heard).toMatchObject([{ type: 'hello', num_connections: 1 }]);
    const again = new WebSocket(url);
    const [error] = await once(again, 'error');
    expect(String(error)).toContain('404');
  });
});

describe('an envelope', () => {
  it('has the fields of the form, and its acknowledgement comes back', async () => {
    const { heard, acknowledge } = await connect();
    const delivered = simulator.slack.socketMode.deliver('slash_commands', commandForm({ text: 'help' }));
    await until(() => heard.length === 2);
    expect(heard[1]).toMatchObject({ type: 'slash_commands', accepts_response_payload: true, payload: { command: '/mrs', text: 'help' } });
    acknowledge(1, { text: 'hi' });
    expect(await delivered).toMatchObject({ payload: { text: 'hi' }, tries: 1, connection: 1 });
  });

  it('comes again by another connection where it is not acknowledged, and then no more', async () => {
    const [one, other] = [await connect(), await connect()];
    const form = blockActionsForm({ actionId: 'kill', messageTs: '1.1' });
    expect(await simulator.slack.socketMode.deliver('interactive', form)).toBeUndefined();
    const [first, third] = one.heard.slice(1);
    const [second] = other.heard.slice(1);
    expect(first).toMatchObject({ type: 'interactive', accepts_response_payload: false, payload: { type: 'block_actions' } });
    expect(second).toEqual({ ...first, retry_attempt: 1, retry_reason: 'timeout' });
    expect(third).toEqual({ ...first, retry_attempt: 2, retry_reason: 'timeout' });
  });
});

it('takes leave of the eleventh connection', async () => {
  for (let count = 0; count < 10; count++) await connect();
  const { heard } = await connect();
  expect(heard).toMatchObject([{ type: 'disconnect', reason: 'too_many_websockets' }]);
  expect(simulator.slack.socketMode.connections()).toHaveLength(10);
});
