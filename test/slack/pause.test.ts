import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SWITCH_OWNER, switchKey } from '../../lib/ledger/keys.ts';
import { type DoorStage, FOREIGN_TEAM, type House, RIGHTS, startDoorStage } from '../stage/doors.ts';
import { APPROVER, CHANNEL, expectNoKill, NOON, REQUESTER, STRANGER } from '../stage/slack.ts';

const HOUR_MS = 3_600_000;
const CONFIRMED = 'ask: [{ trigger: slack, who: none }]';

let stage: DoorStage;
beforeEach(() => begin());
afterEach(() => stage.close());

async function begin(house: House = {}): Promise<void> {
  if (stage !== undefined) await stage.close();
  stage = await startDoorStage({ more: `${CONFIRMED}\n`, ...house });
}

/** What the person gets after the first short note; '' where that note was all. */
async function say(text: string, user = REQUESTER): Promise<string> {
  const responseUrl = stage.simulator.slack.newResponseUrl();
  const { body } = await stage.type(text, { user_id: user, response_url: responseUrl });
  await stage.idle();
  const notes = stage.simulator.slack.responses().filter(({ url }) => url === responseUrl);
  return notes.length === 0 ? String(body.text) : String(notes[0]?.body['text']);
}

async function untilMs(): Promise<number | undefined> {
  const [entry] = await stage.ledger.get([switchKey], { now: stage.now() });
  return entry?.until;
}

const channelSaid = (): string[] => stage.simulator.slack.messages().filter(({ channel }) => channel === CHANNEL).map(({ text }) => text);
const wait = (ms: number): void => stage.clock.advanceTo(stage.now() + ms);

describe('/mrs pause', () => {
  it('claims the switch, says until when in the channel, and keeps who and why', async () => {
    const answer = await say('pause for 2h because the <!channel> migration runs');
    expect(answer).toMatch(/^Paused until <!date\^1795356000\^\{date_short_pretty\}, \{time\}\|2026-11-22 14:00 UTC>: nothing is killed/);
    expect(answer).toContain('/mrs resume');
    expect(await untilMs()).toBe(NOON + 2 * HOUR_MS);
    expect(channelSaid()).toEqual([expect.stringMatching(new RegExp(`^Paused by <@${REQUESTER}> until <!date.*>, because the channel migration runs: `))]);
    for (const partition of ['day/2026-11-22', 'rule/paused']) {
      const { entries } = await stage.ledger.list(partition, { now: stage.now(), most: 10 });
      expect(entries.map(({ value }) => value)).toEqual([{ at: NOON, what: 'paused', by: REQUESTER, why: 'the channel migration runs', until: NOON + 2 * HOUR_MS }]);
    }
  });

  it('lasts 24 hours where nothing else is said, and ends by itself', async () => {
    await say('pause');
    expect(await untilMs()).toBe(NOON + 24 * HOUR_MS);
    wait(24 * HOUR_MS + 1);
    expect(await untilMs()).toBeUndefined();
  });

  it('never shortens another, whoever says it, and makes it longer', async () => {
    await say('pause for 3h');
    wait(60_000);
    expect(await say('pause for 1h')).toMatch(/15:00 UTC>.*A longer pause was set before, and that one stays\./);
    expect(await untilMs()).toBe(NOON + 3 * HOUR_MS);
    await say('pause for 5h');
    expect(await untilMs()).toBe(NOON + 5 * HOUR_MS + 60_000);
  });

  it.each([
    ['a stranger', STRANGER, {}, 'mayKill'],
    ['who may only approve', APPROVER, {}, 'mayKill'],
    ['somebody of another workspace', REQUESTER, { team_id: FOREIGN_TEAM }, undefined],
  ])('is refused to %s', async (_who, user_id, fields, rule) => {
    const { body } = await stage.type('pause for 2h', { user_id, ...fields });
    await stage.idle();
    expect(body.text).toMatch(rule === undefined ? /^Refused: team\. This workspace/ : new RegExp(`^Refused: ${rule}\\. .*nothing was changed`));
    expect([await untilMs(), channelSaid()]).toEqual([undefined, []]);
  });

  it('that comes twice is done and said once', async () => {
    await say('pause for 2h');
    const task = stage.tasks[0];
    wait(60_000);
    await say('resume', APPROVER);
    const { answerLater } = await import('../../lib/slack/answer-later.ts');
    if (task === undefined) throw new Error('no task');
    await stage.ledger.calledBy('slack', () => answerLater(stage.load, stage.outside.log, task));
    expect(await untilMs()).toBeUndefined();
    expect(channelSaid()).toHaveLength(2);
  });

  it('says so where the ledger cannot be used', async () => {
    stage.ledger.script = ({ on }) => (on === 'claim' ? 'fails' : undefined);
    expect(await say('pause for 2h')).toMatch(/^The ledger could not be used .*nobody knows whether this was done\. Please try again/);
    stage.ledger.script = ({ on }) => (on === 'put' ? 'fails' : undefined);
    expect(await say('pause for 2h')).toMatch(/^Paused until/);
    stage.ledger.script = () => undefined;
    expect(await untilMs()).toBe(NOON + 2 * HOUR_MS);
  });

  it('holds where the channel cannot be told, and says that', async () => {
    stage.simulator.fault({ on: 'slack', when: ({ path }) => path === '/api/chat.postMessage', body: { ok: false, error: 'channel_not_found' }, times: Infinity });
    expect(await say('pause for 2h')).toMatch(/The channel could not be told: please tell people yourself\.$/);
    expect(await untilMs()).toBe(NOON + 2 * HOUR_MS);
  });

  it('works without a bot', async () => {
    await begin({ env: { SLACK_BOT_TOKEN: undefined } });
    expect(await say('pause for 2h')).toMatch(/^Paused until/);
    expect(await untilMs()).toBe(NOON + 2 * HOUR_MS);
  });
});

describe('/mrs resume', () => {
  it('gives the switch back, and says what was refused since the pause began, the newest five', async () => {
    const kill = async (name: string): Promise<void> => {
      stage.simulator.addJob({ job_name: name });
      await stage.type(`kill ${name}`);
      await stage.idle();
      wait(1_000);
    };
    await say('pause for 1h');
    stage.env['PAUSED'] = 'true';
    await kill('of-another-pause');
    wait(2 * HOUR_MS);
    await say('pause for 1h because of the migration');
    wait(30 * 60_000);
    await kill('job-1');
    await say('pause for 1h');
    for (let number = 2; number <= 7; number++) await kill(`job-${number}`);
    await kill('of-mail');
    stage.env['PAUSED'] = '';
    const lines = (await say('resume', APPROVER)).split('\n');
    expect(lines[0]).toBe('*The pause is over; 8 kills were refused meanwhile.*');
    expect(lines.slice(1).map((line) => /^• \*Refused: paused\* `([\w-]+) /.exec(line)?.[1])).toEqual(['of-mail', 'job-7', 'job-6', 'job-5', 'job-4']);
    expect(await untilMs()).toBeUndefined();
    expect(channelSaid().at(-1)).toBe(`The pause was ended by <@${APPROVER}>; 8 kills were refused meanwhile.`);
    expectNoKill(stage);
  });

  it.each([
    ['who may kill, where somebody may approve', RIGHTS, REQUESTER, 'mayApprove'],
    ['a stranger', RIGHTS, STRANGER, 'mayApprove'],
    ['a stranger, where nobody may approve', RIGHTS.replace(/mayApprove: \[\w+\]/, 'mayApprove: []'), STRANGER, 'mayKill'],
  ])('is refused to %s', async (_who, slack, user, rule) => {
    await begin({ slack, more: 'ask: []\n' });
    await say('pause for 1h');
    expect(await say('resume', user)).toMatch(new RegExp(`^Refused: ${rule}\\. .*nothing was changed`));
    expect(await untilMs()).toBe(NOON + HOUR_MS);
  });

  it('is up to those who may kill where nobody may approve', async () => {
    await begin({ slack: RIGHTS.replace(/mayApprove: \[\w+\]/, 'mayApprove: []'), more: 'ask: []\n' });
    await say('pause for 1h');
    expect(await say('resume')).toBe('*The pause is over; 0 kills were refused meanwhile.*');
  });

  it('says that there is none', async () => {
    expect(await say('resume', APPROVER)).toBe('There is no pause.');
    expect(channelSaid()).toEqual([]);
  });

  it('says what to change where PAUSED itself holds', async () => {
    stage.env['PAUSED'] = 'true';
    expect(await say('resume', APPROVER)).toMatch(/^There is no pause that `\/mrs resume` could end\. PAUSED is on or cannot be read, so nothing is killed: set it to `false`/);
    await say('pause for 1h');
    expect(await say('resume', APPROVER)).toMatch(/^\*The pause is over; 0 kills were refused meanwhile\. PAUSED is on/);
    expect(await untilMs()).toBeUndefined();
    expect(channelSaid().at(-1)).toContain('PAUSED is on');
  });

  it('leaves a pause alone that somebody said after it', async () => {
    await say('pause for 1h');
    wait(1_000);
    stage.ledger.script = ({ on }) => {
      if (on !== 'release') return undefined;
      stage.ledger.script = () => undefined;
      void stage.ledger.claim(switchKey, { owner: SWITCH_OWNER, start: stage.now() + 1, until: NOON + 4 * HOUR_MS }, { now: stage.now() });
      return undefined;
    };
    expect(await say('resume', APPROVER)).toMatch(/^Somebody paused again meanwhile, until .*16:00 UTC/);
    expect(await untilMs()).toBe(NOON + 4 * HOUR_MS);
  });

  it('ends a pause also where what was refused cannot be read', async () => {
    await say('pause for 1h');
    stage.ledger.script = ({ on }) => (on === 'list' ? 'fails' : undefined);
    expect(await say('resume', APPROVER)).toBe('*The pause is over; what was refused meanwhile could not be read.*');
    stage.ledger.script = () => undefined;
    expect(await untilMs()).toBeUndefined();
  });
});

describe('a pause', () => {
  it('is told by clusters', async () => {
    expect(await say('clusters')).not.toContain('aused');
    await say('pause for 1h');
    expect(await say('clusters')).toContain('• paused until <!date^1795352400^');
    stage.ledger.script = ({ partitions }) => (partitions.includes('switch') ? 'fails' : undefined);
    expect(await say('clusters')).toContain('nobody knows whether there is a pause');
    stage.env['PAUSED'] = 'true';
    expect(await say('clusters')).toContain('PAUSED is on');
  });

  it('is told by /health, as is PAUSED; many polls at once are one read', async () => {
    const health = async (): Promise<unknown> => (await stage.call('GET /health', { headers: {} })).body.paused;
    await say('pause for 1h');
    const reads = (): number => stage.ledger.calls.filter(({ by }) => by === 'api').length;
    expect(await Promise.all(Array.from({ length: 20 }, health))).toEqual(Array.from({ length: 20 }, () => true));
    expect(reads()).toBe(1);
    await say('resume', APPROVER);
    wait(10_000);
    expect(await health()).toBe(false);
    stage.env['PAUSED'] = 'true';
    wait(10_000);
    expect(await health()).toBe(true);
  });
});
