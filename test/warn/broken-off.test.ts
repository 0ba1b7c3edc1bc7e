import { afterEach, describe, expect, it } from '@jest/globals';
import { type EndEntry, startEnd, startTold } from '../../lib/ledger/keys.ts';
import type { SlackMessage } from '../simulator/simulator.ts';
import { expectNoKill, REQUESTER } from '../stage/slack.ts';
import { HOUR_MS, MINUTE_MS } from '../stage/cleanup.ts';
import { WARN_FUNCTION } from '../stage/stage.ts';
import { LIVE, OWNER, startWarned, TOLD_AT, UP_AT, type WarnStage } from '../stage/warn.ts';

let stage: WarnStage;
afterEach(() => stage.close());


async function begin(): Promise<void> {
  ({ stage } = await startWarned());
  expect(stage.buttons()).toEqual(LIVE);
}

const executions = () => stage.backend.list({ oldestFirst: true });
const texts = (): string[] => stage.cards().map(({ text }) => text);
const last = (): SlackMessage => stage.cards().at(-1) as SlackMessage;

/** An operator stops the newest warning, or it breaks off. */
function stop(status: 'STOPPED' | 'FAILED' | 'TIMED_OUT'): void {
  stage.delayNotices();
  stage.backend.stop(executions().findLast((one) => one.status === 'RUNNING')?.arn ?? '', { ErrorType: 'Stopped', ErrorMessage: 'by a test' }, status);
}

/** EventBridge tells of the newest end. */
async function tell(): Promise<void> {
  await stage.event(stage.statusEvents.findLast(({ detail: { status } }) => status !== 'RUNNING' && status !== 'SUCCEEDED'));
  await stage.goTo(stage.now() + 5 * MINUTE_MS);
}

describe('a warning that broke off', () => {
  it.each(['STOPPED', 'FAILED', 'TIMED_OUT'] as const)('%s is closed on all its messages, and the next run warns anew; nothing was killed', async (status) => {
    await begin();
    await stage.goTo(TOLD_AT + 10 * MINUTE_MS);
    stop(status);
    await tell();
    for (const text of texts()) expect(text).toMatch(/^Failed/);
    expect(stage.buttons()).toEqual([[], []]);
    expect(stage.ends()).toMatchObject([{ outcome: 'failed', code: status }]);
    await stage.goTo(UP_AT + 5 * MINUTE_MS);
    expectNoKill(stage);
    await stage.cleanAt(TOLD_AT + HOUR_MS);
    expect(stage.buttons().slice(2)).toEqual(LIVE);
  });

  it('while it was kept is closed, and the keep holds', async () => {
    await begin();
    await stage.clickAndRead(last(), 'keep', OWNER);
    await stage.idle();
    stop('FAILED');
    await tell();
    for (const text of texts()) expect(text).toMatch(/^Failed/);
    await stage.cleanAt(TOLD_AT + HOUR_MS);
    expect(stage.cards()).toHaveLength(2);
    expect(stage.reports().at(-1)?.text).toMatch(/left alone: `nb-old` \(kept/);
    await stage.cleanAt(TOLD_AT + 3 * HOUR_MS);
    expect(stage.buttons().slice(2)).toEqual(LIVE);
    expectNoKill(stage);
  });

  it('after what comes next was on record has that started in its place, once', async () => {
    await begin();
    stage.lambda.script = ({ on, executionName }) => (on === 'start' && executionName.startsWith('cleanup-live-') ? { status: 500, type: 'ServiceException' } : undefined);
    await stage.goTo(UP_AT + MINUTE_MS);
    expectNoKill(stage);
    stop('TIMED_OUT');
    stage.lambda.script = () => undefined;
    await tell();
    await tell();
    expect(stage.simulator.killed()).toHaveLength(1);
    for (const text of texts()) expect(text).toMatch(/^Killed/);
    expect(stage.ends()).toMatchObject([{ outcome: 'killed' }]);
  });

  it('after people were told that what comes next could not be started ends as that, though it was on record, and nothing was killed', async () => {
    await begin();
    stage.lambda.script = ({ on, executionName }) => (on === 'start' && executionName.startsWith('cleanup-live-') ? { status: 500, type: 'ServiceException' } : undefined);
    await stage.goTo(UP_AT + MINUTE_MS);
    const { name = '' } = executions()[0] ?? {};
    const at = stage.now();
    const end: EndEntry = { at, since: at, began: at, trigger: 'cleanup', by: 'x', why: '', outcome: 'failed', code: 'not_started', reason: 'the next step after the warning could not be started' };
    await stage.ledger.put([{ key: startTold(name, 1), value: { at, end }, until: UP_AT + 24 * HOUR_MS }]);
    stop('TIMED_OUT');
    stage.lambda.script = () => undefined;
    await tell();
    for (const text of texts()) expect(text).toMatch(/^Failed/);
    expect(await stage.ledger.get([startEnd(name, 1)], { now: stage.now() })).toMatchObject([{ value: { outcome: 'failed', code: 'not_started' } }]);
    expectNoKill(stage);
  });

  it('and is started anew under its name goes on with its messages, its time and its buttons', async () => {
    await begin();
    const [first] = executions();
    await stage.goTo(TOLD_AT + 10 * MINUTE_MS);
    stop('STOPPED'); // and nobody is told: as at home, where a new version takes over
    stage.backend.start(WARN_FUNCTION, `${first?.name}-again`, stage.backend.get(first?.arn ?? '')?.input ?? '');
    await stage.goTo(TOLD_AT + 12 * MINUTE_MS);
    expect(stage.buttons()).toEqual(LIVE);
    await stage.goTo(UP_AT - MINUTE_MS);
    expectNoKill(stage);
    await stage.goTo(UP_AT + 5 * MINUTE_MS);
    expect(stage.simulator.killed()).toHaveLength(1);
    for (const text of texts()) expect(text).toMatch(/^Killed/);
  });

  it('and is started anew does what was clicked while nobody ran it', async () => {
    await begin();
    const [first] = executions();
    stop('STOPPED');
    await stage.clickAndRead(last(), 'kill-now', REQUESTER);
    stage.backend.start(WARN_FUNCTION, `${first?.name}-again`, stage.backend.get(first?.arn ?? '')?.input ?? '');
    await stage.goTo(TOLD_AT + 5 * MINUTE_MS);
    expect(stage.simulator.killed()).toHaveLength(1);
    expect(stage.ends()).toMatchObject([{ outcome: 'killed', trigger: 'slack', requested_by: REQUESTER }]);
  });

  it('and is started anew while it is kept keeps it as long as before, and warns once more', async () => {
    await begin();
    const [first] = executions();
    await stage.clickAndRead(last(), 'keep', OWNER);
    await stage.goTo(TOLD_AT + HOUR_MS);
    stop('STOPPED');
    stage.backend.start(WARN_FUNCTION, `${first?.name}-again`, stage.backend.get(first?.arn ?? '')?.input ?? '');
    await stage.goTo(TOLD_AT + 2 * HOUR_MS - MINUTE_MS);
    expect(stage.cards()).toHaveLength(2);
    await stage.goTo(TOLD_AT + 2 * HOUR_MS + MINUTE_MS);
    expect(stage.buttons()).toEqual([[], [], ...LIVE]);
    expectNoKill(stage);
  });
});
