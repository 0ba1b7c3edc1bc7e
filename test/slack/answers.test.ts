import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { commandForm, blockActionsForm, signSlack, slackHeaders } from '../simulator/slack-client.ts';
import { APPROVER, expectNothingStarted, policyOf, REQUESTER, SIGNING_SECRET, type SlackStage, startSlackStage, STRANGER } from '../stage/slack.ts';

let stage: SlackStage;
beforeEach(async () => {
  stage = await startSlackStage();
});
afterEach(() => stage.close());

/** Starts again with another policy or other settings. */
async function restart(options: Parameters<typeof startSlackStage>[0]): Promise<void> {
  await stage.close();
  stage = await startSlackStage(options);
}

function expectUnauthorized({ status, body }: Awaited<ReturnType<SlackStage['send']>>): void {
  expect({ status, body }).toEqual({ status: 401, body: { error_code: 'KILL.0401', error_msg: 'authentication failed', request_id: 'request-1' } });
}

describe('a command', () => {
  it.each([
    ['kill nightly-etl because it hangs', /^Looking at `nightly-etl` …$/],
    ['jobs', /^Looking …$/],
    ['status nightly-etl', /^Looking …$/],
    ['clusters', /^Looking …$/],
    ['history', /^Looking …$/],
  ])('%j is answered at once by a note that only the person sees, before MRS is touched', async (text, note) => {
    stage.simulator.addJob({ job_name: 'nightly-etl' });
    const release = stage.hold();
    const { status, body } = await stage.type(text);
    expect(status).toBe(200);
    expect(body).toEqual({ response_type: 'ephemeral', text: expect.stringMatching(note) });
    expect(stage.simulator.requests).toEqual([]);
    release();
    await stage.idle();
    expect(stage.simulator.requests.length + stage.simulator.slack.responses().length).toBeGreaterThan(0);
  });

  it.each(['', '   ', 'help'])('%j is answered with one line for each command, and nothing was killed', async (text) => {
    const { status, body } = await stage.type(text);
    expect(status).toBe(200);
    for (const command of ['kill', 'jobs', 'status', 'history', 'clusters', 'help']) expect(body.text).toContain(`\`/mrs ${command}`);
    expectNothingStarted(stage);
  });

  it.each([
    ['klil nightly-etl', /Did you mean `kill`\?/],
    ['KILL nightly-etl', /Did you mean `kill`\?/],
    ['kil nightly-etl', /Did you mean `kill`\?/],
    ['destroy nightly-etl', /^there is no such command/],
    ['kill', /needs a job/],
    ['kill a b', /takes one job/],
    ['kill nightly-etl on', /`on` needs a cluster/],
    ['kill "nightly-etl', /a quote is opened and not closed/],
    ['<!channel> nightly-etl', /there is no such command/],
  ])('%j is not carried out: the note says what is wrong, and nothing was killed', async (text, note) => {
    stage.simulator.addJob({ job_name: 'nightly-etl' });
    const { status, body } = await stage.type(text);
    expect(status).toBe(200);
    expect(body).toEqual({ response_type: 'ephemeral', text: expect.stringMatching(note) });
    expect(body.text).toContain('Try `/mrs help`.');
    expect(body.text).not.toMatch(/[<>]/);
    await stage.idle();
    expectNothingStarted(stage);
  });

  it('for a cluster that is not listed is refused at once, and nothing was killed', async () => {
    const { body } = await stage.type('kill nightly-etl on <!channel>production');
    expect(body.text).toMatch(/^Refused: clusters\. .*production.* is not listed in policy\.yml; `\/mrs clusters` shows those that are; nothing was killed\.$/);
    expect(body.text).not.toContain('<!channel>');
    expectNothingStarted(stage);
  });

  it('by somebody who is not in mayKill is refused at once, and nothing was killed', async () => {
    stage.simulator.addJob({ job_name: 'nightly-etl' });
    const { body } = await stage.type('kill nightly-etl', { user_id: STRANGER });
    expect(body).toEqual({ response_type: 'ephemeral', text: 'Refused: mayKill. You are not in slack.mayKill of policy.yml; ask somebody who is; nothing was killed.' });
    expectNothingStarted(stage);
  });

  it('is refused where nobody could be asked for want of a bot token, and nothing was killed', async () => {
    await restart({ env: { SLACK_BOT_TOKEN: undefined } });
    stage.simulator.addJob({ job_name: 'nightly-etl' });
    const { body } = await stage.type('kill nightly-etl');
    expect(body.text).toBe('Refused: ask. SLACK_BOT_TOKEN is not set, so nobody could be asked or told; set it; nothing was killed.');
    expectNothingStarted(stage);
  });

  it('that Slack delivers twice is carried out once', async () => {
    const job = stage.simulator.addJob({ job_name: 'nightly-etl' });
    const form = commandForm({ text: 'kill nightly-etl', response_url: stage.simulator.slack.newResponseUrl() }).toString();
    expect((await stage.send('/slack/command', form)).body.text).toBe('Looking at `nightly-etl` …');
    expect((await stage.send('/slack/command', form)).body.text).toBe('This request for `nightly-etl` is being handled already.');
    await stage.idle();
    expect(stage.backend.list({})).toHaveLength(1);
    expect(stage.card().text).toContain(job.job_id);
  });

  it('that cannot be started says so, and nothing was killed', async () => {
    stage.lambda.script = () => ({ status: 404, type: 'ResourceNotFoundException' });
    const { status, body } = await stage.type('kill nightly-etl');
    expect(status).toBe(200);
    expect(body.text).toBe('The request for `nightly-etl` could not be started. Please try again, unless a card for it appears.');
    expectNothingStarted(stage);
  });

  it('with a field missing is a 400 that names the field, and nothing was killed', async () => {
    const { status, body } = await stage.type('kill nightly-etl', { trigger_id: undefined });
    expect([status, body.error_code]).toEqual([400, 'KILL.0400']);
    expect(body.error_msg).toContain('trigger_id');
    expectNothingStarted(stage);
  });
});

describe("Slack's look at the certificate", () => {
  it('is answered 200 and empty without a signature', async () => {
    const reply = await stage.send('/slack/command', 'token=gIkuvaNzQIHg97ATvDxqgjtO&ssl_check=1', { headers: {} });
    expect(reply).toEqual({ status: 200, body: undefined, text: '' });
    expectNothingStarted(stage);
  });

  it.each(['0', 'true', '', '2', '1 '])('is one only with ssl_check=1, not with %j: without a signature that is a 401, and nothing was killed', async (value) => {
    expectUnauthorized(await stage.send('/slack/command', new URLSearchParams({ ssl_check: value }).toString(), { headers: {} }));
    expectNothingStarted(stage);
  });

  it('lets no command slip in beside it, and nothing was killed', async () => {
    stage.simulator.addJob({ job_name: 'nightly-etl' });
    const form = commandForm({ text: 'kill nightly-etl', ssl_check: '1' }).toString();
    expectUnauthorized(await stage.send('/slack/command', form, { headers: {} }));
    await stage.idle();
    expectNothingStarted(stage);
  });
});

describe('a signature', () => {
  const FIVE_MINUTES_SEC = 300;
  const ROUTES = [
    ['/slack/command', () => commandForm({ text: 'kill nightly-etl' }).toString()],
    ['/slack/action', () => blockActionsForm({ user: REQUESTER, messageTs: '1795350000.000100', actionId: 'start', value: '{"do":"start","cluster":"analytics","jobId":"x"}' }).toString()],
  ] as const;

  for (const [path, form] of ROUTES) {
    const nowSec = (): number => Math.floor(stage.now() / 1_000);
    it.each<[string, (body: string) => Record<string, string>]>([
      ['missing', () => ({})],
      ['made with another secret', (body) => slackHeaders('another-secret', nowSec(), body)],
      ['made with an empty secret', (body) => slackHeaders('', nowSec(), body)],
      ['of another body', () => slackHeaders(SIGNING_SECRET, nowSec(), 'token=x')],
      ['too old', (body) => slackHeaders(SIGNING_SECRET, nowSec() - FIVE_MINUTES_SEC - 5, body)],
      ['from the future', (body) => slackHeaders(SIGNING_SECRET, nowSec() + FIVE_MINUTES_SEC + 5, body)],
      ['without its timestamp', (body) => ({ 'X-Slack-Signature': signSlack(SIGNING_SECRET, nowSec(), body) })],
      ['of another timestamp', (body) => ({ ...slackHeaders(SIGNING_SECRET, nowSec(), body), 'X-Slack-Request-Timestamp': String(nowSec() - 1) })],
    ])(`of ${path} that is %s is a 401 in the same words, and nothing was killed`, async (_how, headersFor) => {
      stage.simulator.addJob({ job_name: 'nightly-etl' });
      const body = form();
      expectUnauthorized(await stage.send(path, body, { headers: headersFor(body) }));
      await stage.idle();
      expectNothingStarted(stage);
    });

    it(`of ${path} is never right while no secret is set, and nothing was killed`, async () => {
      await restart({ env: { SLACK_SIGNING_SECRET: undefined } });
      const body = form();
      expectUnauthorized(await stage.send(path, body, { headers: slackHeaders('', nowSec(), body) }));
      expectNothingStarted(stage);
    });
  }

  it('covers the raw bytes of a body that the gateway delivers as base64, in any script', async () => {
    const job = stage.simulator.addJob({ job_name: 'ジョブ ü🦀' });
    const body = commandForm({ text: 'kill “ジョブ ü🦀” because 100% größer', response_url: stage.simulator.slack.newResponseUrl() }).toString();
    const bytes = Buffer.from(body.replace('%F0%9F%A6%80', '🦀')); // not all clients encode all
    const headers = slackHeaders(SIGNING_SECRET, Math.floor(stage.now() / 1_000), bytes);
    const reply = await stage.send('/slack/command', bytes.toString('base64'), { headers, isBase64Encoded: true });
    expect(reply.body.text).toBe('Looking at `ジョブ ü🦀` …');
    await stage.idle();
    expect(stage.card().text).toContain(job.job_id);
    expect(JSON.stringify(stage.card().blocks)).toContain('100% größer');
  });
});

describe('the place of a command', () => {
  const TEAM_REFUSAL = 'Refused: team. This workspace is not the one in slack.team of policy.yml; nothing was done.';
  const refused = async (fields: Record<string, string | undefined>, text: string): Promise<void> => {
    stage.simulator.addJob({ job_name: 'nightly-etl' });
    for (const command of ['kill nightly-etl', 'jobs', 'help', 'klil']) {
      const { status, body } = await stage.type(command, fields);
      expect({ status, body }).toEqual({ status: 200, body: { response_type: 'ephemeral', text } });
    }
    await stage.idle();
    expectNothingStarted(stage);
    expect(stage.tasks).toEqual([]);
  };

  it('in a foreign workspace is refused for every command, and nothing was killed', () => refused({ team_id: 'T0FOREIGN' }, TEAM_REFUSAL));

  it('in a foreign workspace of a foreign organisation is refused, and nothing was killed', () => refused({ team_id: 'T0FOREIGN', enterprise_id: 'E0FOREIGN' }, TEAM_REFUSAL));

  it('is refused everywhere while slack.team is not set, and nothing was killed', async () => {
    stage.deploy(policyOf({ slack: `{ mayKill: [${REQUESTER}], mayApprove: [${APPROVER}] }` }));
    await refused({}, 'Refused: team. No workspace may use this yet: set slack.team in policy.yml to the id of yours; nothing was done.');
  });

  it('may be any workspace of the organisation that slack.team names', async () => {
    stage.deploy(policyOf({ slack: `{ team: E0OURS, mayKill: [${REQUESTER}], mayApprove: [${APPROVER}], channel: C0123456789 }` }));
    expect((await stage.type('kill nightly-etl', { team_id: 'T0ANY', enterprise_id: 'E0OURS' })).body.text).toBe('Looking at `nightly-etl` …');
    await stage.idle();
    expect(stage.backend.list({})).toHaveLength(1);
    expect((await stage.type('help', { team_id: 'T0ANY', enterprise_id: 'E0OTHER' })).body.text).toBe(TEAM_REFUSAL);
    expect((await stage.type('help', { team_id: 'T0ANY' })).body.text).toBe(TEAM_REFUSAL);
  });

  it('in a channel that is not allowed is refused, and nothing was killed', async () => {
    stage.deploy(policyOf({ slack: `{ team: T0123ABCD, mayKill: [${REQUESTER}], mayApprove: [${APPROVER}], channel: C0123456789, channels: [C0ALLOWED] }` }));
    await refused({ channel_id: 'C0OTHER' }, 'Refused: channel. This channel is not in slack.channels of policy.yml; use one that is; nothing was done.');
    // slack.channel is for cards: commands are taken there only if it stands in slack.channels too.
    await refused({ channel_id: 'C0123456789' }, 'Refused: channel. This channel is not in slack.channels of policy.yml; use one that is; nothing was done.');
    expect((await stage.type('help', { channel_id: 'C0ALLOWED' })).body.text).toContain('/mrs kill');
  });
});

it('another path under /slack is a 404', async () => {
  expect((await stage.send('/slack/other', commandForm({ text: 'kill x' }).toString())).status).toBe(404);
  expectNothingStarted(stage);
});
