import { afterEach, describe, expect, it } from '@jest/globals';
import { type EndEntry, startEnd, startHandedOn, startTold, warnKey } from '../../lib/ledger/keys.ts';
import type { SimulatedJob, SlackMessage } from '../simulator/simulator.ts';
import { expectNoKill, REQUESTER, wordsOf } from '../stage/slack.ts';
import { HOUR_MS, MINUTE_MS } from '../stage/cleanup.ts';
import { WARN_FUNCTION } from '../stage/stage.ts';
import { LIVE, OWNER, rule, startWarned, startWarnStage, TOLD_AT, UP_AT, type WarnStage, warnPolicy } from '../stage/warn.ts';

let stage: WarnStage;
afterEach(() => stage.close());

const CROWD = '\nalerts:\n  - { name: crowd, match: { alertname: Crowd }, cluster: analytics, pick: { name: "nb-*" }, action: kill }';
const STUCK = '\nalerts:\n  - { name: stuck, match: { alertname: Stuck }, warn: 30m, keep: 2h, keepAtMost: 4h, action: kill }';

async function begin(policy = warnPolicy()): Promise<SimulatedJob> {
  const begun = await startWarned(policy);
  stage = begun.stage;
  return begun.job;
}

const texts = (): string[] => stage.cards().map(({ text }) => text);
const last = (): SlackMessage => stage.cards().at(-1) as SlackMessage;

/** The run breaks off and nobody is told: as at home, where a new version takes over. Returns what starts it anew under its name. */
function breakOff(): () => void {
  const [one] = stage.backend.list({ oldestFirst: true });
  const arn = one?.arn ?? '';
  stage.delayNotices();
  stage.backend.stop(arn, { ErrorType: 'Stopped', ErrorMessage: 'by a test' }, 'STOPPED');
  return () => void stage.backend.start(WARN_FUNCTION, `${one?.name}-again`, stage.backend.get(arn)?.input ?? '');
}

describe('a warning that is taken over', () => {
  it('counts from when its buttons stand, where they did not stand before', async () => {
    stage = await startWarnStage(warnPolicy());
    stage.addRunning('nb-old', 9, { user: 'etl_dev' });
    stage.simulator.fault({ on: 'slack', times: Infinity, when: ({ path }) => path.endsWith('chat.update') && stage.now() < TOLD_AT + 20 * MINUTE_MS, status: 503 });
    await stage.cleanAt(TOLD_AT);
    await stage.goTo(TOLD_AT + 17 * MINUTE_MS);
    expect(stage.buttons()).toEqual([[], []]);
    breakOff()();
    await stage.goTo(TOLD_AT + 22 * MINUTE_MS);
    expect(stage.buttons()).toEqual(LIVE);
    await stage.goTo(TOLD_AT + 49 * MINUTE_MS);
    expectNoKill(stage);
    await stage.goTo(TOLD_AT + 60 * MINUTE_MS);
    expect(stage.simulator.killed()).toHaveLength(1);
    for (const text of texts()) expect(text).toMatch(/^Killed/);
  });

  it('long after its time was up expires, and nothing was killed', async () => {
    await begin();
    await stage.goTo(TOLD_AT + 10 * MINUTE_MS);
    const again = breakOff();
    await stage.goTo(UP_AT + 16 * MINUTE_MS);
    again();
    await stage.goTo(UP_AT + 20 * MINUTE_MS);
    for (const text of texts()) expect(text).toMatch(/^Expired/);
    expectNoKill(stage);
  });

  it('soon after its time was up comes to its kill', async () => {
    await begin();
    const again = breakOff();
    await stage.goTo(UP_AT + 10 * MINUTE_MS);
    again();
    await stage.goTo(UP_AT + 14 * MINUTE_MS);
    expect(stage.simulator.killed()).toHaveLength(1);
  });

  it('long after somebody clicked Kill now expires, and nothing was killed', async () => {
    await begin();
    const again = breakOff();
    await stage.clickAndRead(last(), 'kill-now', REQUESTER);
    await stage.goTo(TOLD_AT + 16 * MINUTE_MS);
    again();
    await stage.goTo(TOLD_AT + 20 * MINUTE_MS);
    for (const text of texts()) expect(text).toMatch(/^Expired/);
    expectNoKill(stage);
  });
});

describe('a warning that could not hand on, as people were told,', () => {
  it.each(['end', 'told'] as const)('and is taken over with that on record (%s), keeps its claim: what it handed on to may be there all the same', async (what) => {
    const { job_id } = await begin();
    const again = breakOff();
    const { name = '' } = stage.backend.list({ oldestFirst: true })[0] ?? {};
    const at = stage.now();
    const end: EndEntry = { at, since: at, began: at, trigger: 'cleanup', by: 'x', why: '', outcome: 'failed', code: 'not_started', reason: 'the next step after the warning could not be started' };
    const until = UP_AT + 24 * HOUR_MS;
    await stage.ledger.put([
      { key: startHandedOn(name, 1, 'x'), value: { at, to: 'x', request: {} }, until },
      what === 'end' ? { key: startEnd(name, 1), value: end, until } : { key: startTold(name, 1), value: { at, end }, until },
    ]);
    again();
    await stage.goTo(TOLD_AT + 5 * MINUTE_MS);
    expect(await stage.ledger.get([warnKey({ name: 'long-adhoc' }, job_id)], { now: stage.now() })).toMatchObject([{ owner: name }]);
    expectNoKill(stage);
  });
});

describe('a warning whose cluster has another name by the end of it', () => {
  const renamed = (): string => warnPolicy().replace(/^ {2}analytics:/m, '  prod:').replaceAll('cluster: analytics', 'cluster: prod');

  it('comes to its kill', async () => {
    await begin();
    stage.deploy(renamed());
    await stage.goTo(UP_AT + 5 * MINUTE_MS);
    expect(stage.simulator.killed()).toHaveLength(1);
    for (const text of texts()) expect(text).toMatch(/^Killed: .* in `prod`/);
  });

  it('warns once more after a keep', async () => {
    await begin();
    await stage.clickAndRead(last(), 'keep', OWNER);
    stage.deploy(renamed());
    await stage.goTo(TOLD_AT + 2 * HOUR_MS + 5 * MINUTE_MS);
    expect(stage.buttons()).toEqual([[], [], ...LIVE]);
    expectNoKill(stage);
  });
});

describe('an alert of a rule that warns', () => {
  it('means a job by its name as any other does, and not a later run of it', async () => {
    stage = await startWarnStage(warnPolicy(rule(), STUCK));
    const { job_id } = stage.addRunning('etl', 9, { user: 'etl_dev' });
    await stage.goTo(TOLD_AT);
    expect(await stage.fire({ alertname: 'Stuck', job_name: 'etl' })).toMatchObject({ outcome: 'accepted' });
    expect(stage.buttons()).toEqual(LIVE);
    stage.simulator.endJob(job_id, 'FAILED');
    stage.addRunning('etl', 0, { user: 'etl_dev' });
    await stage.goTo(UP_AT + 5 * MINUTE_MS);
    for (const text of texts()) expect(text).toMatch(/^Already over/);
    expectNoKill(stage);
  });
});

describe('a warning of fourteen days', () => {
  const FAR = 14 * 24 * HOUR_MS;
  /** No test waits for what happens each half minute of it. */
  async function leapTo(atMs: number): Promise<void> {
    stage.clock.stopAt(atMs);
    stage.clock.advanceTo(atMs);
    await stage.goTo(atMs + MINUTE_MS);
  }

  it('ends on its messages', async () => {
    await begin(warnPolicy(rule('warn: 14d')));
    await leapTo(TOLD_AT + FAR + 1_000);
    expect(stage.simulator.killed()).toHaveLength(1);
    for (const text of texts()) expect(text).toMatch(/^Killed/);
    expect(stage.buttons().flat()).toEqual([]);
  });

  it('and a keep as long, taken over at its end, warns once more', async () => {
    await begin(warnPolicy(rule('warn: 1h, keep: 14d')));
    await stage.clickAndRead(last(), 'keep', OWNER);
    await stage.goTo(TOLD_AT + MINUTE_MS);
    const again = breakOff();
    await leapTo(TOLD_AT + FAR + 1_000);
    again();
    await stage.goTo(TOLD_AT + FAR + 5 * MINUTE_MS);
    expectNoKill(stage);
    expect(stage.buttons()).toEqual([[], [], ...LIVE]);
  });
});

describe('a click that comes before the run waits for it', () => {
  it('wakes the run once that waits: Kill now kills at once', async () => {
    stage = await startWarnStage(warnPolicy());
    stage.addRunning('nb-old', 9, { user: 'etl_dev' });
    let left = 1;
    stage.ledger.script = ({ by, on }) => (by === 'warn' && on === 'put' && stage.buttons().flat().length > 0 && left-- > 0 ? 'fails' : undefined);
    await stage.cleanAt(TOLD_AT);
    expect(left).toBe(0);
    expect(await stage.clickAndRead(last(), 'kill-now', REQUESTER)).toEqual([]);
    await stage.goTo(TOLD_AT + MINUTE_MS);
    expect(stage.simulator.killed()).toHaveLength(1);
    for (const text of texts()) expect(text).toMatch(/^Killed/);
  });
});

describe('a warning on which somebody clicked a forged button of a question', () => {
  it.each(['kill', 'decline'])('(%s) is not answered by it: its owner can keep the job, and nothing was killed', async (action) => {
    await begin();
    const [one] = stage.backend.list({ oldestFirst: true });
    const value = JSON.stringify({ do: 'decide', name: one?.name, start: 1, who: 'requester', requestedBy: action === 'kill' ? REQUESTER : 'U0STRANGER' });
    expect(await stage.clickAndRead(last(), action, action === 'kill' ? REQUESTER : 'U0STRANGER', { value })).toEqual(['This was already decided, or has expired.']);
    expect(await stage.clickAndRead(last(), 'keep', OWNER)).toEqual([]);
    await stage.goTo(UP_AT + 5 * MINUTE_MS);
    expectNoKill(stage);
    for (const card of stage.cards()) expect(wordsOf(card)).toMatch(/kept until/i);
  });
});

describe('a keep', () => {
  it('that its run did not come to before it broke off holds all the same, and the messages say so', async () => {
    await begin(warnPolicy(rule(), CROWD));
    const { arn = '' } = stage.backend.list({ oldestFirst: true })[0] ?? {};
    stage.delayNotices();
    stage.backend.stop(arn, { ErrorType: 'Stopped', ErrorMessage: 'by a test' }, 'FAILED');
    expect(await stage.clickAndRead(last(), 'keep', OWNER)).toEqual([]);
    await stage.event(stage.statusEvents.findLast(({ detail: { status } }) => status === 'FAILED'));
    await stage.goTo(TOLD_AT + 5 * MINUTE_MS);
    for (const card of stage.cards()) expect(wordsOf(card)).toMatch(/^Failed.*kept until <!date.*2026-11-22 14:01 UTC> by <@U0OWNER01>/s);
    await stage.fire({ alertname: 'Crowd' }, { fingerprint: 'f-9' });
    await stage.goTo(TOLD_AT + 10 * MINUTE_MS);
    expectNoKill(stage);
    await stage.cleanAt(TOLD_AT + HOUR_MS);
    expect(stage.reports().at(-1)?.text).toMatch(/left alone: `nb-old` \(kept/);
  });

  it('holds at once, also where its run could not be woken', async () => {
    await begin(warnPolicy(rule(), CROWD));
    stage.lambda.script = ({ path }) => (/callback/i.test(path) ? { status: 500, type: 'ServiceException' } : undefined);
    await stage.clickAndRead(last(), 'keep', OWNER);
    await stage.fire({ alertname: 'Crowd' }, { fingerprint: 'f-9' });
    await stage.goTo(TOLD_AT + 5 * MINUTE_MS);
    expectNoKill(stage);
  });
});
