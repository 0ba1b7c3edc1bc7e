import { describe, expect, it } from '@jest/globals';
import { helpText } from '../../lib/slack/command.ts';
import { ACTION_PATH, COMMAND_PATH, createSlackRoutes, receiveFromSlack } from '../../lib/slack/receive-command.ts';
import { EngineFailed } from '../../lib/start/engine.ts';
import { NOON } from '../core/a-job.ts';
import { APPROVER, aSlack, CHANNEL, endsAtDoor, KILLER, RESPONSE_URL, RIGHTS, type SlackPlan, STRANGER } from './a-slack.ts';

async function type(text: string, plan: SlackPlan = {}, form: Record<string, string> = {}) {
  const played = await aSlack(plan);
  const reply = await receiveFromSlack(played.parts, played.request({ user_id: KILLER, team_id: 'T1', channel_id: CHANNEL, text, trigger_id: 't-1', response_url: RESPONSE_URL, ...form }, COMMAND_PATH));
  return { ...played, reply, text: reply.body?.['text'], refused: await endsAtDoor(played), names: played.started.map(({ payload }) => payload) };
}

describe('a command', () => {
  it.each([['', helpText()], ['help', helpText()], ['clean', 'There is no such command'], ['kil etl', 'Did you mean `kill`?']])('%j is answered at once, for that person alone', async (text, words) => {
    const { reply, handed } = await type(text);
    expect(reply).toMatchObject({ status: 200, body: { response_type: 'ephemeral' } });
    expect(String(reply.body?.['text']).toLowerCase()).toContain(words.toLowerCase());
    expect(handed).toEqual([]);
  });

  it('that is unknown says what is wrong, and how to go on', async () => {
    expect((await type('zzz')).text).toBe('there is no such command: commands are in lower case and without quotes; nothing was done. Try `/mrs help`.');
    expect((await type('kil etl')).text).toBe('there is no such command: commands are in lower case and without quotes; nothing was done. Did you mean `kill`? Try `/mrs help`.');
  });

  it.each(['jobs', 'status etl', 'why etl', 'history', 'kept', 'clusters', 'cleanup'])('%s is looked up later, by anybody', async (text) => {
    const { text: words, handed } = await type(text, {}, { user_id: STRANGER });
    expect([words, handed]).toEqual(['Looking …', [{ slackTask: 'read', responseUrl: RESPONSE_URL, command: expect.objectContaining({ command: text.split(' ')[0] }) }]]);
  });

  it.each([['pause for 2h because of us', KILLER, 'Pausing …'], ['resume', APPROVER, 'Resuming …']])('%s is done later, once, by who may', async (text, user, words) => {
    const done = await type(text, {}, { user_id: user });
    expect([done.text, done.handed]).toEqual([words, [{ slackTask: 'switch', responseUrl: RESPONSE_URL, command: expect.anything(), userId: user, at: NOON, id: 'switch-id-1' }]]);
  });

  it.each([['pause', STRANGER, 'mayKill'], ['pause', APPROVER, 'mayKill'], ['resume', KILLER, 'mayApprove']])('%s by %s is refused by %s, logged and counted, and nothing was changed', async (text, user, rule) => {
    const { text: words, handed, lines, counted } = await type(text, {}, { user_id: user });
    expect([words, handed]).toEqual([expect.stringMatching(new RegExp(`^Refused: ${rule}\\. .*; nothing was changed\\.$`)), []]);
    expect(lines).toMatchObject([{ level: 'info', message: 'a command was refused', command: text, user, refusal: { rule } }]);
    expect(counted).toMatchObject([{ trigger: 'slack', rule }]);
  });

  it.each([['jobs', 'This could not be looked up now. Please try again.'], ['pause', 'This could not be done now: nothing was changed. Please try again.']])('%s that cannot be handed over says so', async (text, words) => {
    const { text: told, lines } = await type(text, { onHandOver: () => new EngineFailed('no answer') });
    expect(told).toBe(words);
    expect(lines.filter(({ level }) => level === 'error')).toMatchObject([{ message: 'a command could not be handed over', command: text }]);
    await expect(type(text, { onHandOver: () => new TypeError('a bug') })).rejects.toThrow(TypeError);
  });
});

describe('/mrs kill', () => {
  it('starts a kill in that person\'s name', async () => {
    const { text, names, refused } = await type('kill etl on analytics because it hangs');
    expect([text, refused]).toEqual(['Looking at `etl` …', []]);
    expect(names).toMatchObject([{ request: { trigger: 'slack', requestedBy: KILLER, person: KILLER, reason: 'it hangs', channel: CHANNEL, action: 'kill', dryRun: false, target: { cluster: 'analytics', job: { by: 'name', name: 'etl' } } } }]);
  });

  it.each<[string, string, SlackPlan, Record<string, string>, string, string]>([
    ['of a cluster that is not listed', 'kill etl on prod', {}, {}, 'refused clusters', 'Refused: clusters. `prod` is not listed in policy.yml; `/mrs clusters` shows those that are; nothing was killed.'],
    ['of a cluster that is nearly listed', 'kill etl on Analytic', {}, {}, 'refused clusters', 'Refused: clusters. `Analytic` is not listed in policy.yml; did you mean `analytics`? `/mrs clusters` shows those that are; nothing was killed.'],
    ['by somebody who may not', 'kill etl', {}, { user_id: STRANGER }, 'refused mayKill', 'Refused: mayKill. You are not in slack.mayKill of policy.yml; ask somebody who is; nothing was killed.'],
    ['by somebody who may not, of a cluster that is not listed', 'kill etl on prod', {}, { user_id: STRANGER }, 'refused mayKill', 'Refused: mayKill. You are not in slack.mayKill of policy.yml; ask somebody who is; nothing was killed.'],
    ['from another workspace', 'kill etl', {}, { team_id: 'T2' }, 'refused team', 'Refused: team. This workspace is not the one in slack.team of policy.yml; nothing was done.'],
    ['in another channel', 'kill etl', { policy: { slack: { ...RIGHTS, channels: ['C9'] } } }, {}, 'refused channel', 'Refused: channel. This channel is not in slack.channels of policy.yml; use one that is; nothing was done.'],
  ])('%s is refused, on record, and nothing was started', async (_what, text, plan, form, refusal, words) => {
    const done = await type(text, plan, form);
    expect([done.text, done.refused, done.names]).toEqual([words, [refusal], []]);
  });

  it('without a bot is refused, since nobody could be asked', async () => {
    const played = await aSlack();
    const parts = { ...played.parts, settings: { slack: { ...played.parts.settings.slack, botToken: undefined } } };
    const reply = await receiveFromSlack(parts as never, played.request({ user_id: KILLER, team_id: 'T1', channel_id: CHANNEL, text: 'kill etl', trigger_id: 't-1', response_url: RESPONSE_URL }, COMMAND_PATH));
    expect(reply.body?.['text']).toBe('Refused: ask. SLACK_BOT_TOKEN is not set, so nobody could be asked or told; set it; nothing was killed.');
    expect([await endsAtDoor(played), played.started]).toEqual([['refused ask'], []]);
  });

  it('from a place that may not asks for nothing, whatever was typed', async () => {
    const { text, refused, lines } = await type('pause', {}, { team_id: 'T2' });
    expect([text, refused]).toEqual(['Refused: team. This workspace is not the one in slack.team of policy.yml; nothing was done.', []]);
    expect(lines).toMatchObject([{ message: 'a command was refused', command: 'pause', user: KILLER, refusal: { rule: 'team' } }]);
  });

  it('that the engine does not take has an end, and says so', async () => {
    const { text, refused } = await type('kill etl', { onStart: () => new EngineFailed('no answer') });
    expect([text, refused]).toEqual(['The request for `etl` could not be started. Please try again, unless a card for it appears.', ['failed not_started']]);
    await expect(type('kill etl', { comesAgain: true, onStart: () => new EngineFailed('no answer') })).rejects.toThrow('the kill could not be started');
    expect((await type('kill etl', { comesAgain: true, onStart: () => new EngineFailed('full', { isFull: true }) })).refused).toEqual(['failed not_started']);
  });

  it('that came before says so', async () => {
    expect((await type('kill etl', { onStart: () => 'exists' })).text).toBe('This request for `etl` is being handled already.');
  });
});

describe('the routes of Slack', () => {
  it('know two paths, look at the signature, and answer its look at the certificate', async () => {
    const played = await aSlack();
    const routes = createSlackRoutes(() => played.parts);
    expect(await routes(played.request({}, '/slack/other'))).toMatchObject({ status: 404, body: { error_msg: 'no such route' } });
    expect(await routes(played.request({ ssl_check: '1' }, COMMAND_PATH))).toEqual({ status: 200 });
    await expect(routes(played.request({ ssl_check: '1' }, ACTION_PATH))).rejects.toThrow('authentication failed');
    await expect(routes(played.request({ text: 'help' }, COMMAND_PATH))).rejects.toThrow('authentication failed');
  });
});

