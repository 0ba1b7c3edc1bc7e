import { CallbackError, CallbackTimeoutError, type DurableContext } from '@aws/durable-execution-sdk-js';
import { describe, expect, it } from '@jest/globals';
import type { MessageRef } from '../../lib/core/request.ts';
import type { Known } from '../../lib/kill/remember.ts';
import { keptKey, runJob, startAnswer, startCard, startHeld } from '../../lib/ledger/keys.ts';
import { LedgerFailed, type PutEntry } from '../../lib/ledger/port.ts';
import { durableAsk } from '../../lib/start/durable-ask.ts';
import { aJob, aRequest, HOUR_MS, NOON } from '../core/a-job.ts';
import { aStart, entryOf, ID, MINUTE_MS, type PlayedStart, type StartPlan } from './a-start.ts';

const ASK_MS = 15 * MINUTE_MS;
const QUESTION = { who: 'approver', reason: 'ask: it is a stream' } as const;
const CARD: MessageRef = { channel: 'C1', ts: '1' };
const KEPT_UNTIL = NOON + 14 * 24 * HOUR_MS;
const AGAIN = 'nothing was killed; ask again if you still want it';

type Asking = {
  plan?: StartPlan;
  request?: Parameters<typeof aRequest>[0];
  known?: Partial<Known>;
  prepare?: (played: PlayedStart) => unknown;
  /** What happens while the question stands; what it throws, the callback rejects with. */
  meanwhile?: (played: PlayedStart) => unknown;
};

/** A question that is put at noon. */
async function ask({ plan, request = {}, known = {}, prepare = () => undefined, meanwhile = () => undefined }: Asking = {}) {
  const played = await aStart(plan);
  await prepare(played);
  const callbacks: object[] = [];
  const woken: string[] = [];
  const context = {
    createCallback: async (name: string, config: object) => {
      callbacks.push({ name, ...config });
      // eslint-disable-next-line unicorn/no-thenable
      return [{ then: (done: (result: unknown) => void, fail: (error: unknown) => void) => void Promise.resolve(played).then(meanwhile).then(done, fail) }, 'callback-1'];
    },
  } as unknown as DurableContext;
  const engine = { ...played.engine, answer: async (callback: string, result: string) => (woken.push(`${callback} ${result}`), 'taken' as const) };
  const policy = { ...played.parts.policy, slack: { mayKill: [], mayApprove: ['U1', 'U2'] } };
  const all = aRequest({ trigger: 'alerts', ...request });
  const answered = await durableAsk(context, { ...played.parts, policy, engine, askTimeoutSec: ASK_MS / 1_000 })(all, aJob(), QUESTION, { since: NOON, began: NOON, posts: [], cards: [], choices: [], ...known });
  return { ...played, answered, callbacks, woken };
}
const click = (what: string, by = 'U1') => async ({ ledger, clock }: PlayedStart) => void (await ledger.claim(startAnswer(ID.name, 1), { owner: ID.name, start: 1, until: KEPT_UNTIL, value: { at: clock.now(), what, by } }, { now: clock.now() }));
const timeout = ({ clock }: PlayedStart): void => {
  clock.advanceTo(NOON + ASK_MS);
  throw new CallbackTimeoutError('its time is up');
};
const standing = (ts = '1'): PutEntry => entryOf(startCard(ID.name, 1, 'C1', ts), { channel: 'C1', ts });

describe('a question', () => {
  it('is shown without buttons, put on record with its callback, and gets its buttons then', async () => {
    const onRecord: unknown[] = [];
    const { shown, callbacks, stands, budgets } = await ask({
      request: { person: 'U2' },
      prepare: ({ parts, ledger }) => {
        const { show } = parts;
        parts.show = async (...args) => (onRecord.push((await ledger.get([startHeld(ID.name, 1, 'asked')], { now: NOON }))[0]?.value), show(...args));
      },
      meanwhile: click('yes'),
    });
    const bare = { stage: 'ask', job: aJob(), question: QUESTION, until: NOON + ASK_MS, kept: undefined, mayApprove: ['U1'], dryRun: false };
    expect(shown).toEqual([{ view: bare, card: undefined }, { view: { ...bare, buttons: ID }, card: CARD }]);
    expect(onRecord).toEqual([undefined, { at: NOON, until: NOON + ASK_MS, callback: 'callback-1', who: 'approver', why: 'ask: it is a stream' }]);
    expect(callbacks).toEqual([{ name: 'ask', timeout: { seconds: 900 } }]);
    expect(await stands(startHeld(ID.name, 1, 'asked'))).toMatchObject({ until: KEPT_UNTIL });
    expect(await stands(runJob(ID.name))).toMatchObject({ value: { job_id: aJob().job_id }, until: KEPT_UNTIL });
    expect(budgets).toEqual([['asked', undefined], ['card', 60], ['answer', 900]]);
  });

  it('of a dry run says so', async () => {
    expect((await ask({ request: { dryRun: true } })).shown[0]?.view).toMatchObject({ dryRun: true });
  });

  it("of a person says by whom the job is kept, and a rule's own does not", async () => {
    const kept = entryOf(keptKey(aJob().job_id, { content: 'c' }, 'x', 1), { at: NOON, until: NOON + HOUR_MS, usedMs: 1, by: 'U9', rule: 'r', job: { cluster: 'c', job_id: 'j', job_name: '', job_type: '', user: '', queue: '', app_id: '', launcher_id: '' } });
    expect((await ask({ request: { trigger: 'slack' }, plan: { stands: [kept] } })).shown[0]?.view).toMatchObject({ kept: { by: 'U9' } });
  });

  it('that stands already is gone on with, on its newest card, to the end that it was given', async () => {
    const { shown, callbacks } = await ask({
      plan: { stands: [standing('1'), standing('2')] }, known: { asked: { at: NOON - MINUTE_MS, until: NOON + 500 }, cards: [CARD] }, meanwhile: click('yes'),
    });
    expect(shown).toMatchObject([{ view: { until: NOON + 500, buttons: ID }, card: { ts: '2' } }]);
    expect(callbacks).toEqual([{ name: 'ask', timeout: { seconds: 1 } }]);
  });

  it('whose time was up is over on its newest card, where only the ledger knows of that', async () => {
    const { answered } = await ask({ plan: { stands: ['1', '2', '3'].map(standing) }, known: { asked: { at: NOON - MINUTE_MS, until: NOON } } });
    expect(answered).toMatchObject({ card: { ts: '3' } });
  });

  it('whose time was up before it is taken up is not shown, and is over', async () => {
    for (const until of [NOON, NOON - 1]) {
      const { answered, shown, callbacks, stands } = await ask({ known: { asked: { at: NOON - ASK_MS, until }, cards: [{ channel: 'C1', ts: '7' }] } });
      expect([shown, callbacks]).toEqual([[], []]);
      expect(answered).toMatchObject({ answer: 'end', card: { ts: '7' }, end: { outcome: 'expired' } });
      expect(await stands(startAnswer(ID.name, 1))).toMatchObject({ owner: ID.name, value: { at: NOON, what: 'time' }, until: KEPT_UNTIL });
    }
  });

  it('that was clicked on before this callback was on record wakes itself', async () => {
    const before = await ask({ plan: { stands: [standing()] }, prepare: click('yes') });
    expect([before.woken, before.shown, before.answered.answer]).toEqual([['callback-1 answered'], [], 'kill']);
    const justNow = await ask({ plan: { stands: [standing()] }, prepare: (played) => {
      const { show } = played.parts;
      played.parts.show = async (...args) => (await click('yes')(played), show(...args));
    } });
    expect([justNow.woken, justNow.shown.length]).toEqual([['callback-1 answered'], 1]);
    expect((await ask({ plan: { stands: [standing()] } })).woken).toEqual([]);
    const isNew = await ask({ prepare: (played) => {
      const { show } = played.parts;
      played.parts.show = async (...args) => (await click('yes')(played), show(...args));
    } });
    expect(isNew.woken).toEqual([]);
  });
});

describe('the answer', () => {
  const END = { job: aJob() };

  it.each<[string, Asking, object]>([
    ['yes kills', { meanwhile: click('yes') }, { answer: 'kill', card: CARD, user: 'U1', tookMs: 0 }],
    ['no declines', { meanwhile: click('no', 'U2') }, { answer: 'end', card: CARD, end: { ...END, outcome: 'declined', answeredBy: 'U2', reason: 'the kill was declined; nothing was killed' } }],
    ['nobody gave expires', { meanwhile: timeout }, { answer: 'end', card: CARD, end: { ...END, outcome: 'expired', reason: 'nobody answered within 15 min, so nothing was killed; ask again if you still want it' } }],
    ['that came just as the time was up counts', { meanwhile: async (played) => (await click('yes')(played), timeout(played)) }, { answer: 'kill', card: CARD, user: 'U1', tookMs: ASK_MS }],
    ['of another kind is none', { meanwhile: click('keep') }, { answer: 'end', card: CARD, end: { ...END, outcome: 'failed', code: 'question_lost', reason: `the question was lost: the ledger has no answer to it; ${AGAIN}` } }],
    ['kill now of another kind is none', { meanwhile: click('kill') }, { answer: 'end', card: CARD, end: { ...END, outcome: 'failed', code: 'question_lost', reason: `the question was lost: the ledger has no answer to it; ${AGAIN}` } }],
    ['is lost where the callback broke', { meanwhile: () => { throw new CallbackError('broken'); } }, { answer: 'end', card: CARD, end: { ...END, outcome: 'failed', code: 'question_lost', reason: `the question was lost: broken; ${AGAIN}` } }],
    ['that stands counts where the callback broke', { meanwhile: async (played) => { await click('no')(played); throw new CallbackError('broken'); } }, { answer: 'end', card: CARD, end: { outcome: 'declined' } }],
  ])('%s', async (_, asking, answered) => expect((await ask(asking)).answered).toMatchObject(answered));

  it('that a run learned of late counts up to the end of the question', async () => {
    const late = (ms: number) => ask({ meanwhile: async (played) => (await click('yes')(played), played.clock.advanceTo(NOON + ms)) });
    expect((await late(5 * MINUTE_MS)).answered).toMatchObject({ tookMs: 5 * MINUTE_MS });
    expect((await late(5 * HOUR_MS)).answered).toMatchObject({ tookMs: ASK_MS });
  });

  it('of somebody without a name has none', async () => {
    const { answered } = await ask({ meanwhile: async ({ ledger }) => ledger.claim(startAnswer(ID.name, 1), { owner: ID.name, start: 1, until: KEPT_UNTIL, value: { at: NOON, what: 'yes' } }, { now: NOON }) });
    expect(answered).toMatchObject({ answer: 'kill', user: '' });
  });

  it('cannot be had where the ledger is away', async () => {
    const { answered } = await ask({ meanwhile: ({ ledger }) => void (ledger.script = () => new LedgerFailed('refused', 'no rights')) });
    expect(answered).toEqual({ answer: 'end', card: CARD, end: { outcome: 'failed', code: 'question_lost', reason: `the question was lost: no rights; ${AGAIN}`, job: aJob() } });
  });
});

describe('a question that nobody gets', () => {
  it('for want of a channel is refused', async () => {
    const { answered } = await ask({ prepare: ({ parts }) => void (parts.show = async () => undefined) });
    expect(answered).toEqual({ answer: 'end', end: { outcome: 'refused', rule: 'ask', reason: 'ask: it is a stream; nobody can be asked: set slack.channel in policy.yml and SLACK_BOT_TOKEN', job: aJob() } });
  });

  it('for want of Slack has failed', async () => {
    const { answered } = await ask({ prepare: ({ parts }) => void (parts.show = async () => { throw new Error('channel_not_found'); }) });
    expect(answered).toEqual({ answer: 'end', end: { outcome: 'failed', code: 'question_lost', reason: `the question could not be posted: channel_not_found; ${AGAIN}`, job: aJob() } });
  });

  it('since its callback was called with no card on record has failed', async () => {
    const { answered } = await ask({ known: { asked: { at: NOON - 1, until: NOON } }, prepare: ({ ledger }) => ledger.claim(startAnswer(ID.name, 1), { owner: ID.name, start: 1, until: KEPT_UNTIL, value: { at: NOON, what: 'keep' } }, { now: NOON }) });
    expect(answered).toMatchObject({ end: { code: 'question_lost', reason: `the question could not be posted: the ledger has no card of it; ${AGAIN}` } });
  });

  it('but stands on record, is known by that card', async () => {
    const { answered } = await ask({ known: { asked: { at: NOON - 1, until: NOON } }, plan: { stands: [standing('3'), standing('4')] } });
    expect(answered).toMatchObject({ card: { channel: 'C1', ts: '4' }, end: { outcome: 'expired' } });
  });

  it('is answered with yes all the same where somebody clicked', async () => {
    const { answered } = await ask({ known: { asked: { at: NOON - 1, until: NOON } }, prepare: click('yes') });
    expect(answered).toEqual({ answer: 'kill', card: { channel: '', ts: '' }, user: 'U1', tookMs: 1 });
  });
});
