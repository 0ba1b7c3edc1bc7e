import { describe, expect, it } from '@jest/globals';
import { dayKey, dayPartition, type EndEntry, ruleKey, rulePartition, SWITCH_OWNER, switchKey } from '../../lib/ledger/keys.ts';
import type { LaterTask } from '../../lib/slack/later.ts';
import { pauseWords, readPause } from '../../lib/slack/pause-words.ts';
import { turnSwitch } from '../../lib/slack/pause.ts';
import { HOUR_MS, NOON } from '../core/a-job.ts';
import { endAs, entryOf } from '../start/a-start.ts';
import type { WatchedCall } from '../stage/watched-ledger.ts';
import { APPROVER, aSlack, KILLER, type PlayedSlack, type SlackPlan } from './a-slack.ts';

type SwitchTask = Extract<LaterTask, { slackTask: 'switch' }>;
const times = (text: string): string => text.replaceAll(/<!date[^|]*\|([^>]*)>/g, '$1');
const PAUSED = { name: 'paused' };

const pauseTask = (fields: Partial<SwitchTask> = {}, forMs = 2 * HOUR_MS, reason = 'a <!channel> migration'): SwitchTask => ({ slackTask: 'switch', responseUrl: 'https://hooks.slack.com/1', command: { command: 'pause', forMs, reason }, userId: KILLER, at: NOON, id: 'switch-1', ...fields });
const resumeTask = (fields: Partial<SwitchTask> = {}): SwitchTask => ({ ...pauseTask(), command: { command: 'resume' }, userId: APPROVER, id: 'switch-2', ...fields });

async function turn(played: PlayedSlack, ...tasks: SwitchTask[]): Promise<string[]> {
  const answers: string[] = [];
  for (const task of tasks) {
    if (task.at > played.clock.now()) played.clock.advanceTo(task.at);
    answers.push(times((await turnSwitch(played.parts, played.log, task)).text));
  }
  return answers;
}
const until = async ({ stands }: PlayedSlack): Promise<number | undefined> => (await stands(switchKey))?.until;
/** A kill that was refused, `minutes` after noon. */
const refused = (minutes: number, end: Partial<EndEntry> = {}, name = `slack-live-${minutes}`) =>
  entryOf(ruleKey(PAUSED, NOON + minutes * 60_000, name, '1'), endAs({ outcome: 'refused', rule: 'paused', trigger: 'api', by: `ci-${minutes}`, began: NOON + minutes * 60_000, ended: NOON + minutes * 60_000, ...end }));

describe('a pause', () => {
  it('is claimed, put on record, and said in the channel with who and why', async () => {
    const played = await aSlack();
    expect(await turn(played, pauseTask())).toEqual(['Paused until 2026-03-01 14:00 UTC: nothing is killed, whoever asks. `/mrs pause for 3d` makes it longer, `/mrs resume` ends it.']);
    expect(played.said.map(times)).toEqual([`Paused by <@${KILLER}> until 2026-03-01 14:00 UTC, because a &lt;!channel&gt; migration: nothing is killed until then, or until somebody writes \`/mrs resume\`.`]);
    expect(await played.stands(switchKey)).toMatchObject({ owner: SWITCH_OWNER, start: NOON, until: NOON + 2 * HOUR_MS });
    for (const partition of [dayPartition(NOON), rulePartition(PAUSED)]) expect((await played.list(partition)).map(({ value }) => value)).toEqual([{ at: NOON, what: 'paused', by: KILLER, why: 'a <!channel> migration', until: NOON + 2 * HOUR_MS }]);
    expect(played.lines).toContainEqual(expect.objectContaining({ level: 'info', message: 'paused', user: KILLER, reason: 'a <!channel> migration', until: NOON + 2 * HOUR_MS }));
  });

  it('without a reason says none', async () => {
    const played = await aSlack();
    await turn(played, pauseTask({}, HOUR_MS, ''));
    expect(times(played.said[0] ?? '')).toMatch(/13:00 UTC: nothing/);
  });

  it('that comes twice is done once', async () => {
    const played = await aSlack();
    expect(await turn(played, pauseTask(), pauseTask())).toEqual([expect.stringMatching(/^Paused/), 'This was done already.']);
    expect(played.said).toHaveLength(1);
  });

  it('shortens no other, and says so', async () => {
    const played = await aSlack();
    expect(await turn(played, pauseTask(), pauseTask({ id: 'switch-3', at: NOON + 1 }, HOUR_MS))).toEqual([expect.anything(), expect.stringMatching(/^Paused until 2026-03-01 14:00 UTC: .* asks\. A longer pause was set before, and that one stays\. /)]);
    expect(await until(played)).toBe(NOON + 2 * HOUR_MS);
    const exact = await aSlack();
    expect((await turn(exact, pauseTask(), pauseTask({ id: 'switch-3', at: NOON }, 2 * HOUR_MS)))[1]).not.toContain('longer pause was set');
  });
});

describe('resume', () => {
  it('ends the pause, says in the channel who did, and what was refused meanwhile, the newest first', async () => {
    const played = await aSlack({ stands: [refused(-1), refused(1), refused(2), refused(3, { rule: 'protected' }), refused(4, { outcome: 'killed', rule: undefined })] });
    const [, answer] = await turn(played, pauseTask(), resumeTask({ at: NOON + HOUR_MS }));
    expect(answer).toBe(['*The pause is over; 2 kills were refused meanwhile.*', '• *Refused: paused*, 58 min ago, asked for by `ci-2`', '• *Refused: paused*, 59 min ago, asked for by `ci-1`'].join('\n'));
    expect(played.said[1]).toBe(`The pause was ended by <@${APPROVER}>; 2 kills were refused meanwhile.`);
    expect(await until(played)).toBeUndefined();
    expect((await played.stands(dayKey(NOON + HOUR_MS, 'switch-2', 'resumed')))?.value).toEqual({ at: NOON + HOUR_MS, what: 'resumed', by: APPROVER, why: '' });
    expect(played.lines).toContainEqual(expect.objectContaining({ level: 'info', message: 'resumed', user: APPROVER }));
  });

  it.each([[0, '0 kills were refused meanwhile'], [1, '1 kill was refused meanwhile'], [7, '7 kills were refused meanwhile']])('says of %d kills how many, and names five at most', async (count, words) => {
    const played = await aSlack({ stands: Array.from({ length: count }, (_, number) => refused(number + 1)) });
    const [, answer = ''] = await turn(played, pauseTask(), resumeTask({ at: NOON + HOUR_MS }));
    expect(answer.split('\n')[0]).toBe(`*The pause is over; ${words}.*`);
    expect(answer.split('\n').slice(1)).toHaveLength(Math.min(count, 5));
  });

  it('counts from the pause that was lengthened, and not from one before the last resume', async () => {
    const played = await aSlack({ stands: [refused(5), refused(65), refused(130)] });
    const tasks = [pauseTask({}, HOUR_MS), resumeTask({ at: NOON + 30 * 60_000 }), pauseTask({ id: 's-3', at: NOON + HOUR_MS }, HOUR_MS), pauseTask({ id: 's-4', at: NOON + 2 * HOUR_MS }, HOUR_MS), resumeTask({ id: 's-5', at: NOON + 2.5 * HOUR_MS })];
    expect((await turn(played, ...tasks)).at(-1)?.split('\n')[0]).toBe('*The pause is over; 2 kills were refused meanwhile.*');
    const over = await aSlack({ stands: [refused(5), refused(130)] });
    const [, , last] = await turn(over, pauseTask({}, HOUR_MS), pauseTask({ id: 's-3', at: NOON + 2 * HOUR_MS }, HOUR_MS), resumeTask({ id: 's-5', at: NOON + 2.5 * HOUR_MS }));
    expect(last?.split('\n')[0]).toBe('*The pause is over; 1 kill was refused meanwhile.*');
  });

  it.each([[false, 'There is no pause.'], [true, 'There is no pause that `/mrs resume` could end. PAUSED is on or cannot be read, so nothing is killed: set it to `false` in the deployment, or in the parameter or file that it names.']])('without one, with PAUSED %s, says so', async (isPaused, words) => {
    const played = await aSlack({ isPaused });
    expect([await turn(played, resumeTask()), played.said]).toEqual([[words], []]);
  });

  it('of one while PAUSED is on says that that stays', async () => {
    const played = await aSlack({ isPaused: true });
    const [, answer] = await turn(played, pauseTask(), resumeTask({ at: NOON + 1 }));
    expect(answer).toMatch(/^\*The pause is over; 0 kills were refused meanwhile\. PAUSED is on or cannot be read/);
    expect(played.said[1]).toMatch(/; 0 kills were refused meanwhile\. PAUSED is on/);
  });

  it('ends no pause of somebody who paused after it was asked for', async () => {
    const played = await aSlack();
    const [, answer] = await turn(played, pauseTask({ at: NOON + 2 }), resumeTask({ at: NOON + 1 }));
    expect([answer, await until(played)]).toEqual(['Somebody paused again meanwhile, until 2026-03-01 14:00 UTC.', NOON + 2 + 2 * HOUR_MS]);
    expect(played.said).toHaveLength(1);
  });
});

describe('where something cannot be done', () => {
  const failing = async (fails: (call: WatchedCall) => boolean, plan: SlackPlan = {}): Promise<PlayedSlack> => {
    const played = await aSlack(plan);
    played.ledger.script = (call) => (fails(call) ? 'fails' : undefined);
    return played;
  };
  const errors = ({ lines }: PlayedSlack): object[] => lines.filter(({ level }) => level === 'error');

  it('the switch: the person is told what else there is', async () => {
    const played = await failing(({ on }) => on === 'claim' || on === 'get');
    expect(await turn(played, pauseTask(), resumeTask())).toEqual(['', ''].map((_, place) => `The ledger could not be used (DynamoDB gave no answer: timeout after 1000 ms), so nobody knows whether this was done. Please try again${place === 0 ? ', or set PAUSED to true' : ''}.`));
    expect([errors(played), played.said]).toMatchObject([[{ message: 'the switch could not be turned', command: 'pause', user: KILLER }, { message: 'the switch could not be turned', command: 'resume', user: APPROVER }], []]);
  });

  it('its record: it is turned, and people are told', async () => {
    const played = await failing(({ on }) => on === 'put');
    expect((await turn(played, pauseTask()))[0]).toMatch(/^Paused until/);
    expect([errors(played), played.said.length, await until(played)]).toMatchObject([[{ message: 'a pause could not be put on record' }], 1, NOON + 2 * HOUR_MS]);
  });

  it('what was refused meanwhile: it is over all the same', async () => {
    const played = await failing(({ on }) => on === 'list');
    const [, answer] = await turn(played, pauseTask(), resumeTask({ at: NOON + 1 }));
    expect([answer, played.said[1]]).toEqual(['*The pause is over; what was refused meanwhile could not be read.*', `The pause was ended by <@${APPROVER}>; what was refused meanwhile could not be read.`]);
    expect(errors(played)).toMatchObject([{ message: 'what was refused meanwhile could not be read' }]);
  });

  it('the channel: the person is told to tell people', async () => {
    const played = await aSlack();
    const parts = { ...played.parts, reporter: { ...played.parts.reporter, say: () => Promise.reject(new Error('Slack is away')) } };
    expect((await turnSwitch(parts, played.log, pauseTask())).text).toMatch(/ends it\. The channel could not be told: please tell people yourself\.$/);
    expect(errors(played)).toMatchObject([{ message: 'the channel could not be told of a pause', text: expect.stringMatching(/^Paused by/) }]);
  });

  it('reading it: nobody knows whether there is a pause; a bug is thrown on', async () => {
    const played = await failing(({ on }) => on === 'get', { isPaused: false });
    expect(await readPause(played.parts)).toEqual({ setting: false, until: 'unreadable' });
    expect(pauseWords({ setting: false, until: 'unreadable' })).toBe('the ledger does not answer, so nobody knows whether there is a pause: nothing is killed until it answers again');
    expect([pauseWords({ setting: true, until: undefined }), pauseWords({ setting: false, until: undefined })]).toEqual([expect.stringMatching(/^PAUSED is on/), undefined]);
    const broken = await failing(() => {
      throw new TypeError('a bug');
    });
    await expect(readPause(broken.parts)).rejects.toThrow(TypeError);
  });

  it('a bug is thrown on', async () => {
    for (const on of ['claim', 'put'] as const) {
      const played = await failing((call) => {
        if (call.on === on) throw new TypeError('a bug');
        return false;
      });
      await expect(turn(played, pauseTask())).rejects.toThrow(TypeError);
    }
  });
});
