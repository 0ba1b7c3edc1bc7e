import { describe, expect, it } from '@jest/globals';
import type { End } from '../../lib/core/end.ts';
import type { KillRequest } from '../../lib/core/request.ts';
import { noKey } from '../../lib/ledger/keys.ts';
import { aJob, HOUR_MS, NOON } from '../core/a-job.ts';
import { aRun, ID, type PlayedRun, type RunPlan } from './a-run.ts';

// What a run makes of a question; how one is put to people is tested with the whole workflow.

const CARD = { channel: 'C9', ts: '9.9' };
const RULE = { name: 'stale', askAgainMs: 24 * HOUR_MS };
const JOB = aJob();
const yes = { answer: 'kill', card: CARD, user: 'U1', tookMs: 60_000 } as const;
const no: End = { outcome: 'declined', answeredBy: 'U2', reason: 'no', job: JOB };
const asking: Partial<KillRequest> = { trigger: 'cleanup', action: 'ask', rule: RULE };
const holder = async ({ ledger }: PlayedRun): Promise<unknown> => (await ledger.get([noKey(RULE, JOB.job_id, false)], { now: NOON }))[0];

async function played(plan: RunPlan, request: Partial<KillRequest> = asking): Promise<{ run: PlayedRun; end: End }> {
  const run = await aRun(plan);
  return { run, end: await run.play(request) };
}

describe('a question', () => {
  it('that is answered yes is followed by the kill in its message, and the job is given back', async () => {
    let whileAsked: unknown;
    const run: PlayedRun = await aRun({ ask: () => ((whileAsked = run.trail.at(-1)), yes) });
    expect(await run.play(asking)).toMatchObject({ outcome: 'killed', answeredBy: 'U1' });
    expect(whileAsked).toBe('hold');
    expect(run.shown).toMatchObject([{ view: { stage: 'killing' }, card: CARD }, { view: { stage: 'end' }, card: CARD }]);
    expect(run.lines).toMatchObject([{ message: 'killing', answered_by: 'U1' }, { message: 'kill request ended', answered_by: 'U1' }]);
    expect(await holder(run)).toBeUndefined();
  });

  it('that is answered no ends the request in its message, the rule remembers it, and nothing was killed', async () => {
    const { run, end } = await played({ ask: () => ({ answer: 'end', card: CARD, end: no }) });
    expect(end).toEqual(no);
    expect(run.shown.map(({ card }) => card)).toEqual([CARD]);
    expect(await holder(run)).toMatchObject({ owner: ID.name, value: { what: 'declined', by: 'U2' } });
    expect(run.posts).toEqual([]);
  });

  it('whose card never stood is said to nobody in particular', async () => {
    const { run } = await played({ ask: () => ({ answer: 'end', end: { outcome: 'expired', reason: 'x', job: JOB } }) });
    expect(run.shown.map(({ card }) => card)).toEqual([undefined]);
    expect(await holder(run)).toBeUndefined(); // nobody saw it
  });

  it('that nobody answered is remembered by the rule where its card stood, and nothing was killed', async () => {
    const { run } = await played({ ask: () => ({ answer: 'end', card: CARD, end: { outcome: 'expired', reason: 'x', job: JOB } }) });
    expect(await holder(run)).toMatchObject({ owner: ID.name, value: { what: 'nobody answered' } });
    expect(run.posts).toEqual([]);
  });

  it('holds the job for as long as it may stand', async () => {
    let until: number | undefined;
    const run: PlayedRun = await aRun({ pace: { holdsForMs: 900_000 } });
    run.parts.ask = async () => {
      until = (await run.ledger.get([noKey(RULE, JOB.job_id, false)], { now: NOON }))[0]?.until;
      return yes;
    };
    await run.play(asking);
    expect(until).toBe(NOON + 900_000 + HOUR_MS);
  });

  it('is not put where another request asks, and nothing was killed', async () => {
    const run = await aRun({ ask: () => yes });
    await run.ledger.claim(noKey(RULE, JOB.job_id, false), { owner: 'other', start: 1, until: NOON + HOUR_MS }, { now: NOON });
    expect(await run.play(asking)).toMatchObject({ outcome: 'refused', rule: 'repeat' });
    expect([run.posts, run.shown]).toEqual([[], []]);
    expect(await holder(run)).toMatchObject({ owner: 'other' });
  });

  it('that nobody can be asked refuses, and nothing was killed', async () => {
    const { run, end } = await played({});
    expect(end).toMatchObject({ outcome: 'refused', rule: 'ask', reason: 'ask: an approver has to approve the kill of nightly-etl first', job: JOB });
    expect(run.posts).toEqual([]);
  });

  it('is followed by a dry run where there is one, and nothing was killed', async () => {
    const { run, end } = await played({ ask: () => yes, policy: { dryRun: true } });
    expect(end).toMatchObject({ outcome: 'would-kill', answeredBy: 'U1', reason: 'dryRun in policy.yml covers cleanup, so this was a dry run; set it to false to kill' });
    expect([run.posts, run.shown.map(({ card }) => card)]).toEqual([[], [CARD]]);
  });
});

describe('after the answer', () => {
  const asOf = (run: PlayedRun, change: () => void): void => {
    run.parts.ask = async () => (change(), yes);
  };

  it('an approver\'s yes counts whatever is asked by then', async () => {
    const run = await aRun({ policy: { ask: [{ who: 'approver' }] } });
    asOf(run, () => void (run.parts.policy = { ...run.parts.policy, ask: [] }));
    expect(await run.play({ trigger: 'slack', person: 'U3' })).toMatchObject({ outcome: 'killed', answeredBy: 'U1' });
  });

  it('a requester\'s yes counts for what asks the requester', async () => {
    const run = await aRun({ ask: () => yes });
    expect(await run.play({ trigger: 'slack', person: 'U1' })).toMatchObject({ outcome: 'killed', answeredBy: 'U1' });
  });

  it('the job is looked at by its id in its cluster, whatever was asked for', async () => {
    const { run } = await played({ ask: () => yes }, { ...asking, target: { job: { by: 'name', name: 'nightly-etl' } } });
    expect(run.targets).toEqual([{ job: { by: 'name', name: 'nightly-etl' } }, { cluster: 'analytics', job: { by: 'mrs-id', id: JOB.job_id } }]);
  });

  it('what refuses by then refuses, with who answered, and nothing was killed', async () => {
    const run = await aRun();
    asOf(run, () => run.parts.policy.protected.push({ queue: 'adhoc' }));
    expect(await run.play(asking)).toMatchObject({ outcome: 'refused', rule: 'protected', answeredBy: 'U1' });
    expect(run.posts).toEqual([]);
  });
});

describe('without a question', () => {
  it('what has to be asked only by the second look is refused, and nothing was killed', async () => {
    const run = await aRun({ ask: () => yes });
    const { look } = run.parts;
    run.parts.look = async (target) => {
      const looked = await look(target);
      if (run.targets.length === 1) run.parts.policy = { ...run.parts.policy, ask: [] };
      else run.parts.policy.ask.push({ who: 'approver' });
      return looked;
    };
    expect(await run.play()).toMatchObject({ outcome: 'refused', rule: 'ask', reason: 'ask: an approver has to approve the kill of nightly-etl first; this was not so when it was looked at first; ask again', job: JOB });
    expect(run.posts).toEqual([]);
  });

  it('the click that asked is the requester\'s answer, and no approver\'s', async () => {
    const clicked: Partial<KillRequest> = { trigger: 'slack', person: 'U3', confirmedBy: 'U3' };
    const { run, end } = await played({ ask: () => yes }, clicked);
    expect(end).toMatchObject({ outcome: 'killed', answeredBy: 'U3' });
    expect(run.trail).not.toContain('hold');
    const other = await played({ ask: () => yes, policy: { ask: [{ who: 'approver' }] } }, clicked);
    expect(other.end).toMatchObject({ outcome: 'killed', answeredBy: 'U1' });
  });

  it('nobody is said to have answered', async () => {
    expect((await played({}, {})).end).toStrictEqual({ outcome: 'killed', reason: 'MRS says that the job was killed', job: { ...JOB, job_state: 'KILLED', job_result: 'KILLED' } });
    expect((await played({ policy: { dryRun: true } }, {})).end).toStrictEqual({ outcome: 'would-kill', reason: 'dryRun in policy.yml covers alerts, so this was a dry run; set it to false to kill', job: JOB });
  });

  it('the kill takes its 15 minutes, to the ms', async () => {
    expect((await played({}, { receivedAt: NOON - 900_000 })).end).toMatchObject({ outcome: 'killed' });
    const late = await played({}, { receivedAt: NOON - 900_001 });
    expect([late.end.outcome, late.run.posts, late.run.targets]).toEqual(['expired', [], []]);
  });

  it('a ledger that cannot be used at its beginning ends it, which is said, and nothing was killed', async () => {
    const run = await aRun();
    run.ledger.script = ({ on }) => (on === 'list' ? 'fails' : undefined);
    expect(await run.play()).toMatchObject({ outcome: 'failed', code: 'ledger' });
    expect([run.posts, run.targets, run.shown.length]).toEqual([[], [], 1]);
  });
});
