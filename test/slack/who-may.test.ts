import { describe, expect, it } from '@jest/globals';
import type { Rule } from '../../lib/core/end.ts';
import { keptKey } from '../../lib/ledger/keys.ts';
import { listKept } from '../../lib/slack/kept.ts';
import { refuseConfirmation, refuseDecline, refusedText, refuseKeep, refuseKill, refusePlace, refuseSwitch } from '../../lib/slack/rights.ts';
import { aJob, HOUR_MS, NOON } from '../core/a-job.ts';
import { entryOf } from '../start/a-start.ts';
import { APPROVER, aSlack, KILLER, STRANGER } from './a-slack.ts';

const RIGHTS = { team: 'T1', mayKill: [KILLER], mayApprove: [APPROVER], channel: 'C0OPS', channels: ['C0ASK'], people: { etl: 'C0TEAM', ana: 'U0ANA' } };
const ruleOf = (refusal: { rule: Rule } | undefined): Rule | undefined => refusal?.rule;

describe('from where', () => {
  it.each<['command' | 'click', { teamId?: string; enterpriseId?: string; channelId?: string }, Rule | undefined]>([
    ['command', { channelId: 'C0ASK' }, undefined], ['click', { channelId: 'C0ASK' }, undefined],
    ['command', { channelId: 'C0OPS' }, 'channel'], ['click', { channelId: 'C0OPS' }, undefined],
    ['command', { channelId: 'C0TEAM' }, 'channel'], ['click', { channelId: 'C0TEAM' }, undefined],
    ['command', { channelId: 'D0BOT' }, 'channel'], ['click', { channelId: 'D0BOT' }, undefined],
    ['command', {}, 'channel'], ['click', {}, 'channel'], ['click', { channelId: 'C0OTHER' }, 'channel'],
    ['command', { teamId: 'T2', channelId: 'C0ASK' }, 'team'], ['command', { teamId: 'T2', enterpriseId: 'T1', channelId: 'C0ASK' }, undefined],
  ])('a %s of %j: %s', (what, place, rule) => expect(ruleOf(refusePlace(RIGHTS, { teamId: 'T1', ...place }, what))).toBe(rule));

  it('any channel where none are listed, and no workspace where none is', () => {
    const { channels: _channels, ...open } = RIGHTS;
    expect(refusePlace(open, { teamId: 'T1' }, 'command')).toBeUndefined();
    expect(refusePlace({ mayKill: [KILLER], mayApprove: [] }, { teamId: 'T1' }, 'command')).toEqual({ rule: 'team', why: 'no workspace may use this yet: set slack.team in policy.yml to the id of yours' });
    // A click outside channels is not in the channel that nobody set.
    expect(ruleOf(refusePlace({ ...RIGHTS, channel: undefined as never }, { teamId: 'T1' }, 'click'))).toBe('channel');
  });
});

describe('who', () => {
  it('may kill', () => expect([KILLER, APPROVER, STRANGER].map((user) => ruleOf(refuseKill(RIGHTS, user)))).toEqual([undefined, 'mayKill', 'mayKill']));

  it('may pause and resume', () => {
    expect([KILLER, APPROVER, STRANGER].map((user) => ruleOf(refuseSwitch(RIGHTS, 'pause', user)))).toEqual([undefined, 'mayKill', 'mayKill']);
    expect([KILLER, APPROVER, STRANGER].map((user) => ruleOf(refuseSwitch(RIGHTS, 'resume', user)))).toEqual(['mayApprove', undefined, 'mayApprove']);
    expect([KILLER, STRANGER].map((user) => ruleOf(refuseSwitch({ ...RIGHTS, mayApprove: [] }, 'resume', user)))).toEqual([undefined, 'mayKill']);
  });

  it.each<['requester' | 'approver', string, string, Rule | undefined, Rule | undefined]>([
    // who is asked, who asked for it, who clicks; what a yes is refused by, and a no
    ['requester', KILLER, KILLER, undefined, undefined], ['requester', KILLER, APPROVER, 'ask', undefined], ['requester', STRANGER, STRANGER, 'mayKill', undefined], ['requester', KILLER, STRANGER, 'ask', 'mayKill'],
    ['approver', KILLER, APPROVER, undefined, undefined], ['approver', APPROVER, APPROVER, 'mayApprove', undefined], ['approver', KILLER, KILLER, 'mayApprove', undefined], ['approver', KILLER, STRANGER, 'mayApprove', 'mayKill'],
    ['approver', '', KILLER, 'mayApprove', undefined], ['approver', '', STRANGER, 'mayApprove', 'mayKill'],
  ])('is asked: %s, for %s; %s clicks', (who, requestedBy, user, yes, no) => {
    expect([ruleOf(refuseConfirmation(RIGHTS, { who, requestedBy }, user)), ruleOf(refuseDecline(RIGHTS, { who, requestedBy }, user))]).toEqual([yes, no]);
  });

  it.each<[string, { owner?: string; isUsedUp?: boolean; channelId?: string }, Rule | undefined]>([
    [KILLER, {}, undefined], [APPROVER, {}, undefined], [STRANGER, {}, 'mayKill'], [STRANGER, { owner: STRANGER }, undefined], [STRANGER, { owner: 'C0TEAM', channelId: 'C0TEAM' }, undefined], [STRANGER, { owner: 'C0TEAM', channelId: 'C0OPS' }, 'mayKill'],
    [KILLER, { isUsedUp: true }, 'mayApprove'], [APPROVER, { isUsedUp: true }, undefined], [STRANGER, { owner: STRANGER, isUsedUp: true }, 'mayApprove'],
  ])('%s may keep a job, %j: %s', (userId, { owner, isUsedUp = false, channelId }, rule) => expect(ruleOf(refuseKeep(RIGHTS, { owner, isUsedUp }, { userId, channelId }))).toBe(rule));

  it('may not is told the rule and what did not happen', () => expect(refusedText({ rule: 'mayKill', why: 'you may not' }, 'nothing was killed')).toBe('Refused: mayKill. You may not; nothing was killed.'));
});

it('what is kept in a cluster that is not listed any more is listed by the id of that', async () => {
  const job = { ...aJob(), cluster: 'gone-0001' };
  const { parts } = await aSlack({ stands: [entryOf(keptKey(job.job_id, { name: 'stale' }, 'w', 1), { at: NOON, until: NOON + HOUR_MS, usedMs: HOUR_MS, by: KILLER, rule: 'stale', job })] });
  expect((await listKept(parts)).text.replaceAll(/<!date[^|]*\|([^>]*)>/g, '$1')).toBe(`*1 job is kept*\n• \`nightly-etl (${job.job_id})\` in \`gone-0001\`: kept until 2026-03-01 13:00 UTC by <@${KILLER}>, for 1 h in all; warned by rule \`stale\``);
});
