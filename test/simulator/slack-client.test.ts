import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { describe, expect, it } from '@jest/globals';
import { blockActionsForm, buttonsOf, commandForm, sendSlack, signSlack, slackHeaders } from './slack-client.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures/slack');
const fixture = (name: string): Buffer => readFileSync(join(FIXTURES, name));

type Vector = { name: string; body_file: string; secret: string; headers: Record<string, string> };
const { vectors } = JSON.parse(fixture('signature-vectors.json').toString()) as { vectors: Vector[] };

describe('the signature', () => {
  it.each(vectors.map((vector): [string, Vector] => [vector.name, vector]))('is the one of the vector %s', (_, { body_file, secret, headers }) => {
    const seconds = Number(headers['X-Slack-Request-Timestamp']);
    expect(signSlack(secret, seconds, fixture(body_file))).toBe(headers['X-Slack-Signature']);
    expect(slackHeaders(secret, seconds, fixture(body_file))).toMatchObject(headers);
  });

  it('is the one that Slack published', () => {
    expect(signSlack('8f742231b10e8888abcd99yyyzzz85a5', 1_531_420_618, fixture('slack-slash-command.form'))).toBe(
      'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
    );
  });

  it('counts bytes, not characters', () => {
    expect(signSlack('secret', 1_795_350_000, 'text=größe')).toBe(signSlack('secret', 1_795_350_000, Buffer.from('text=größe', 'utf8')));
  });
});

describe('the form of a command', () => {
  it('has every field of the published one', () => {
    const published = [...new URLSearchParams(fixture('slack-slash-command.form').toString()).keys()];
    expect([...commandForm().keys()]).toEqual(expect.arrayContaining(published));
  });

  it('says what it is told, and leaves out what is undefined', () => {
    const form = new URLSearchParams(commandForm({ text: 'kill “größe” & more', response_url: undefined, enterprise_id: 'E0SIM' }).toString());
    expect([form.get('text'), form.has('response_url'), form.get('enterprise_id')]).toEqual(['kill “größe” & more', false, 'E0SIM']);
  });

  it('has a trigger_id of its own each time', () => {
    expect(commandForm().get('trigger_id')).not.toBe(commandForm().get('trigger_id'));
  });
});

/** The paths of all fields, with the indexes of lists. */
function pathsOf(value: unknown, path = ''): string[] {
  if (typeof value !== 'object' || value === null) return [path];
  return Object.entries(value).flatMap(([key, inner]) => pathsOf(inner, `${path}/${key}`));
}

describe('the form of a click', () => {
  const payloadOf = (form: URLSearchParams): any => JSON.parse(form.get('payload') ?? '');

  it('has every field of a real one', () => {
    const real = JSON.parse(fixture('slack-block-actions.json').toString());
    const ours = payloadOf(blockActionsForm({ actionId: 'a', value: 'v', messageTs: '111.222', enterprise: 'E0SIM' }));
    expect(pathsOf(ours)).toEqual(expect.arrayContaining(pathsOf(real)));
  });

  it('says who clicked what, where and when', () => {
    const form = blockActionsForm({
      actionId: 'kill',
      value: '{"do":"answer"}',
      messageTs: '1795350000.000100',
      user: 'U045EF6GH',
      channel: 'D0KNOWN',
      actionTs: '1795350030.000001',
      responseUrl: 'http://127.0.0.1:1/hooks/commands/x',
      triggerId: '1.2.3',
    });
    expect(payloadOf(form)).toMatchObject({
      user: { id: 'U045EF6GH', team_id: 'T0123ABCD' },
      team: { id: 'T0123ABCD' },
      channel: { id: 'D0KNOWN' },
      container: { message_ts: '1795350000.000100', channel_id: 'D0KNOWN', is_ephemeral: false },
      message: { ts: '1795350000.000100' },
      response_url: 'http://127.0.0.1:1/hooks/commands/x',
      trigger_id: '1.2.3',
      actions: [{ action_id: 'kill', value: '{"do":"answer"}', action_ts: '1795350030.000001' }],
    });
  });

  it('may come without a team, and without the message where that is ephemeral', () => {
    const payload = payloadOf(blockActionsForm({ actionId: 'kill', messageTs: '111.222', team: null, userTeam: 'T0USERS', isEphemeral: true }));
    expect(payload).toMatchObject({ team: null, is_enterprise_install: true, user: { team_id: 'T0USERS' }, container: { is_ephemeral: true } });
    expect(payload).not.toHaveProperty('message');
    expect(payload.actions[0]).not.toHaveProperty('value');
  });
});

describe('the buttons of a message', () => {
  it('are those in rows and beside sections, top to bottom', () => {
    const button = (action_id: string) => ({ type: 'button' as const, action_id, text: { type: 'plain_text' as const, text: 'x' } });
    const words = { type: 'plain_text' as const, text: 'x' };
    const blocks = [
      { type: 'section' as const, text: words, accessory: button('a') },
      { type: 'section' as const, text: words },
      { type: 'actions' as const, elements: [button('b'), button('c')] },
      { type: 'divider' as const },
    ];
    expect(buttonsOf({ blocks }).map(({ action_id }) => action_id)).toEqual(['a', 'b', 'c']);
  });
});

describe('a form that is sent', () => {
  it('arrives byte for byte, signed at the second it is told', async () => {
    let arrived: { request: IncomingMessage; body: string } | undefined;
    const server = createServer((request, response) => {
      void text(request).then((body) => {
        arrived = { request, body };
        response.writeHead(202, { 'X-Seen': '1' }).end('{"text":"noted"}');
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const form = commandForm({ text: 'kill größe' });
    const reply = await sendSlack(`http://127.0.0.1:${(server.address() as AddressInfo).port}`, '/slack/command', form, 'secret', 1_795_350_000);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    expect([reply.status, reply.headers.get('x-seen'), reply.json()]).toEqual([202, '1', { text: 'noted' }]);
    expect([arrived?.request.method, arrived?.request.url, arrived?.body]).toEqual(['POST', '/slack/command', form.toString()]);
    expect(arrived?.request.headers).toMatchObject({
      'content-type': 'application/x-www-form-urlencoded',
      'x-slack-request-timestamp': '1795350000',
      'x-slack-signature': signSlack('secret', 1_795_350_000, form.toString()),
    });
  });
});
