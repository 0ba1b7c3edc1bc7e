import { describe, expect, it } from '@jest/globals';
import { startAnswer, startBegan } from '../../lib/ledger/keys.ts';
import type { PutEntry } from '../../lib/ledger/port.ts';
import type { Wish } from '../../lib/slack/ask-for-kill.ts';
import { askFromNotice } from '../../lib/slack/ask-from-notice.ts';
import { NOON } from '../core/a-job.ts';
import { entryOf } from '../start/a-start.ts';
import type { WatchedCall } from '../stage/watched-ledger.ts';
import { APPROVER, aSlack, KILLER, type SlackPlan, STRANGER } from './a-slack.ts';

const OF = { name: 'alerts-live-1', start: 2 };
const BOTH = { policy: { slack: { team: 'T1', mayKill: [KILLER, APPROVER], mayApprove: [APPROVER], channel: 'C0OPS' } } };
const wish = (userId: string): Wish => ({ userId, triggerId: 't-1', channelId: 'C0OPS', reason: '', target: { cluster: 'analytics', job: { by: 'mrs-id', id: 'job-1' } } });
const clicked = (by: string): PutEntry => entryOf(startAnswer(OF.name, OF.start), { at: NOON - 1, what: 'kill', by });

async function ask(user: string, { fails, ...plan }: SlackPlan & { fails?: (call: WatchedCall) => boolean } = {}) {
  const played = await aSlack({ ...BOTH, ...plan });
  played.ledger.script = (call) => (fails?.(call) ? 'fails' : undefined);
  const text = await askFromNotice(played.parts, played.request({}, '/slack/action'), wish(user), OF);
  played.ledger.script = () => undefined;
  return { ...played, text, record: (await played.stands(startAnswer(OF.name, OF.start)))?.value, names: played.started.map(({ name }) => name) };
}
const onCard = ({ partitions }: WatchedCall): boolean => partitions.includes(`start/${OF.name}`);

describe('a click on a card that only tells people', () => {
  it('starts the kill in that person\'s name, named by the card, and is put on record', async () => {
    const { text, started, record } = await ask(KILLER);
    expect([text, record]).toEqual(['Looking at `job-1` …', { at: NOON, what: 'kill', by: KILLER }]);
    expect(started.map(({ payload }) => payload)).toMatchObject([{ request: { trigger: 'slack', requestedBy: KILLER } }]);
    expect((await ask(APPROVER)).names).toEqual(started.map(({ name }) => name));
  });

  it('by somebody who may not is refused, and nothing was started', async () => {
    const { text, names, record } = await ask(STRANGER);
    expect([text, names, record]).toEqual([expect.stringMatching(/^Refused: mayKill\. .*; nothing was killed\.$/), [], undefined]);
  });

  it.each([[KILLER, 'You asked for the kill of `job-1` here already; nothing more was done.'], [APPROVER, `The kill of \`job-1\` was already asked for here by <@${KILLER}>; nothing more was done.`]])('of one that was clicked says so to %s', async (user, words) => {
    expect(await ask(user, { stands: [clicked(KILLER)] })).toMatchObject({ text: words, names: [] });
  });

  it('that another was faster than is told who, and puts that on record where it is missing', async () => {
    const { names: [name = ''] } = await ask(KILLER);
    const began = entryOf(startBegan(name, 1), { at: NOON, since: NOON, person: KILLER });
    expect(await ask(APPROVER, { stands: [began], onStart: () => 'exists' })).toMatchObject({ text: `The kill of \`job-1\` was already asked for here by <@${KILLER}>; nothing more was done.`, record: { at: NOON, what: 'kill', by: KILLER } });
  });
});

describe('where the ledger gives no answer', () => {
  const errors = ({ lines }: { lines: { level: string; message: string }[] }) => lines.filter(({ level, ...line }) => level === 'error' && Object.entries(OF).every(([key, value]) => (line as Record<string, unknown>)[key] === value) && 'error' in line).map(({ message }) => message);

  it('to who clicked: nothing is started, and the person clicks again', async () => {
    const asked = await ask(KILLER, { fails: (call) => onCard(call) && call.on === 'get' });
    expect(asked.text).toBe('The ledger could not be read, so nobody knows whether the kill of `job-1` was asked for before; nothing was started. Please click again.');
    expect([asked.names, errors(asked)]).toEqual([[], ['who clicked on a card could not be read']]);
    await expect(ask(KILLER, { comesAgain: true, fails: (call) => onCard(call) && call.on === 'get' })).rejects.toThrow('gave no answer');
  });

  it('to the record of the click: the kill goes its way', async () => {
    for (const comesAgain of [false, true]) {
      const asked = await ask(KILLER, { comesAgain, fails: (call) => onCard(call) && call.on === 'claim' });
      expect([asked.text, asked.names.length, asked.record]).toEqual(['Looking at `job-1` …', 1, undefined]);
      expect(errors(asked)).toEqual(['a click could not be put on record; its kill was started']);
    }
  });

  it('to who was faster: nobody is named, and nothing put on record', async () => {
    const { names: [name = ''] } = await ask(KILLER);
    const asked = await ask(APPROVER, { onStart: () => 'exists', fails: ({ on, partitions }) => on === 'get' && partitions.length === 1 && partitions[0] === `start/${name}` });
    expect(asked).toMatchObject({ text: 'The kill of `job-1` was already asked for here; nothing more was done.', record: undefined });
  });

  it('a bug is thrown on', async () => {
    for (const on of ['get', 'claim'] as const) {
      await expect(ask(KILLER, { fails: (call) => {
        if (onCard(call) && call.on === on) throw new TypeError('a bug');
        return false;
      } })).rejects.toThrow(TypeError);
    }
  });
});
