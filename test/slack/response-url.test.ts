import dns from 'node:dns';
import { createServer, isIP, type Server } from 'node:net';
import type { AddressInfo } from 'node:net';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { APPROVER, BOT_TOKEN, expectNoKill, REQUESTER, SIGNING_SECRET, type SlackStage, startSlackStage, STRANGER } from '../stage/slack.ts';

// Real hosts are named below: should the guard ever fail, their names lead nowhere, and that they were asked for is seen.
const realLookup = dns.lookup;
const lookedUp: string[] = [];
beforeAll(() => {
  dns.lookup = ((name: string, ...more: [unknown, (error: Error) => void]) => {
    if (isIP(name) > 0) return Reflect.apply(realLookup, dns, [name, ...more]) as void;
    lookedUp.push(name);
    process.nextTick(more[1], new Error(`no name leads anywhere in this test: ${name}`));
  }) as typeof dns.lookup;
});
afterAll(() => {
  dns.lookup = realLookup;
});

let stage: SlackStage;
/** Somebody who only counts who comes. */
let foreigner: { url: string; connections: number; server: Server };
beforeEach(async () => {
  lookedUp.length = 0;
  stage = await startSlackStage();
  foreigner = { url: '', connections: 0, server: createServer((socket) => void (foreigner.connections++, socket.destroy())) };
  await new Promise<void>((resolve) => foreigner.server.listen(0, '127.0.0.1', resolve));
  foreigner.url = `http://127.0.0.1:${(foreigner.server.address() as AddressInfo).port}`;
});
afterEach(async () => {
  await stage.close();
  await new Promise((resolve) => foreigner.server.close(resolve));
});

/** Everything that is kept somewhere: log lines, and what executions were started with, did, and returned. */
function kept(): string {
  const executions = stage.backend.list({}).map(({ name, input, result, operations }) => ({ name, input, result, operations }));
  return [...stage.lines, JSON.stringify(executions)].join('\n');
}

function warnings(): object[] {
  return stage.lines.map((line) => JSON.parse(line) as { level: string }).filter(({ level }) => level === 'warn' || level === 'error');
}

describe('a foreign response URL', () => {
  it('is never called, neither for a read nor for a note, and nothing was killed', async () => {
    stage.simulator.addJob({ job_name: 'nightly-etl' });
    const secretPath = `${foreigner.url}/commands/secret-of-the-url`;
    expect((await stage.type('jobs', { response_url: secretPath })).body.text).toBe('Looking …');
    await stage.type('kill nightly-etl', { response_url: secretPath });
    await stage.idle();
    await stage.click(stage.card(), 'kill', STRANGER, { responseUrl: secretPath });
    await stage.idle();
    expect(foreigner.connections).toBe(0);
    expect(warnings()).toEqual([
      expect.objectContaining({ message: 'an answer could not be posted', task: 'read', fault: 'url_forbidden' }),
      expect.objectContaining({ message: 'an answer could not be posted', task: 'note', fault: 'url_forbidden' }),
    ]);
    expect(kept()).not.toContain('secret-of-the-url');
    expectNoKill(stage);
  });

  it.each([
    'https://hooks.slack.com.evil.invalid/x-marks-it',
    'https://evil.invalid/hooks.slack.com/x-marks-it',
    'https://hooks.slack.com:8443/x-marks-it',
    'http://hooks.slack.com/x-marks-it',
    'https://user:x-marks-it@hooks.slack.com/',
    'https://hooks.slack.com@evil.invalid/x-marks-it',
    'https://slack.com/x-marks-it',
    'file:///etc/x-marks-it',
    'x-marks-it',
    '//hooks.slack.com/x-marks-it',
  ])('such as %s is refused before anything is sent, and stands in no log line', async (response_url) => {
    expect((await stage.type('clusters', { response_url })).status).toBe(200);
    await stage.idle();
    expect(lookedUp).toEqual([]);
    expect(warnings()).toEqual([expect.objectContaining({ message: 'an answer could not be posted', fault: expect.stringMatching(/^(?:url_forbidden|TypeError)$/) })]);
    expect(kept()).not.toContain('x-marks-it');
  });

  it('is not reached by a redirect of Slack either', async () => {
    stage.simulator.fault({ on: 'slack', status: 307, headers: { location: `${foreigner.url}/elsewhere` }, when: ({ path }) => path.startsWith('/hooks/') });
    await stage.type('clusters');
    await stage.idle();
    expect(foreigner.connections).toBe(0);
    expect(stage.simulator.slack.responses()).toEqual([]);
    expect(warnings()).toEqual([expect.objectContaining({ message: 'Slack did not take an answer', task: 'read', status: 307 })]);
  });
});

describe('a response URL of Slack', () => {
  it.each(['hooks.slack.com', 'hooks.slack-gov.com'])('at %s is called', async (host) => {
    await stage.type('clusters', { response_url: `https://${host}/commands/T0123ABCD/1/x-marks-it` });
    await stage.idle();
    expect(lookedUp).toEqual([host]);
    expect(kept()).not.toContain('x-marks-it');
  });

  it.each<[string, Parameters<SlackStage['simulator']['fault']>[0]]>([
    ['is used up', { on: 'slack', status: 404, body: 'used_url' }],
    ['fails', { on: 'slack', status: 500 }],
    ['hangs up', { on: 'slack', hangUp: true }],
  ])('that %s loses the answer: the log says so without the URL, and it is not tried again', async (_what, fault) => {
    stage.simulator.fault({ ...fault, when: ({ path }) => path.startsWith('/hooks/') });
    const responseUrl = stage.simulator.slack.newResponseUrl();
    await stage.type('clusters', { response_url: responseUrl });
    await stage.idle();
    expect(stage.simulator.requests.filter(({ path }) => path.startsWith('/hooks/'))).toHaveLength(1);
    expect(warnings()).toHaveLength(1);
    expect(kept()).not.toContain(new URL(responseUrl).pathname);
  });

  it('is not touched by a kill from the command to its end', async () => {
    stage.simulator.addJob({ job_name: 'nightly-etl' });
    await stage.type('kill nightly-etl');
    await stage.idle();
    await stage.click(stage.card(), 'kill', REQUESTER);
    await stage.idle();
    expect(stage.card().text).toMatch(/^Killed: /);
    expect(stage.simulator.requests.filter(({ path }) => path.startsWith('/hooks/'))).toEqual([]);
  });
});

it('no secret stands in a log line, or in what an execution keeps', async () => {
  const urls: string[] = [];
  const next = (): string => urls[urls.push(stage.simulator.slack.newResponseUrl()) - 1] ?? '';
  for (const job_name of ['one', 'two', 'two']) stage.simulator.addJob({ job_name });
  stage.simulator.addJob({ job_name: 'three', job_type: 'Flink' });
  for (const text of ['kill one because it hangs', 'kill two', 'kill three', 'jobs', 'status one', 'history', 'clusters', 'klil one', 'kill one on nowhere']) {
    await stage.type(text, { response_url: next() });
    await stage.idle();
  }
  await stage.send('/slack/command', 'text=kill+one&token=the-old-verification-token', { headers: { 'x-slack-signature': 'v0=forged' } });
  for (const card of stage.simulator.slack.messages()) {
    for (const user of [STRANGER, REQUESTER, APPROVER, REQUESTER]) {
      await stage.click(card, 'kill', user, { responseUrl: next() });
      await stage.idle();
    }
  }
  stage.simulator.fault({ on: 'slack', status: 200, body: { ok: false, error: 'invalid_auth' }, times: Infinity });
  await stage.type('kill one again', { response_url: next() });
  await stage.type('kill nobody', { response_url: next() });
  await stage.idle();

  expect(stage.outcomes()).toEqual(['killed', 'ambiguous', 'killed', 'not-found']);
  expect(stage.lines.length).toBeGreaterThan(15);
  const all = kept();
  for (const url of urls) expect(all).not.toContain(new URL(url).pathname.slice('/hooks/commands/'.length));
  for (const secret of [BOT_TOKEN, SIGNING_SECRET, 'aws-secret-of-this-test', 'simulator-password', 'fake-argument-secret', 'fake-property-secret', 'gIkuvaNzQIHg97ATvDxqgjtO', 'the-old-verification-token', 'response_url', 'responseUrl', '/hooks/']) {
    expect(all).not.toContain(secret);
  }
  for (const token of stage.simulator.issuedTokens()) expect(all).not.toContain(token);
  expect(stage.simulator.killed()).toHaveLength(2);
});
