import { afterEach, describe, expect, it } from '@jest/globals';
import { expectNoKill } from '../stage/slack.ts';
import { HOUR_MS, MINUTE_MS, NOON } from '../stage/cleanup.ts';
import { OWNER, rule, startWarnStage, type WarnStage, warnPolicy } from '../stage/warn.ts';

let stage: WarnStage;
afterEach(() => stage.close());

const TOLD_AT = NOON + MINUTE_MS;
/** The longest `warn`, the longest `keepAtMost`, a day; and 10 min more until it counts as dead. */
const DEAD_AT = TOLD_AT + 30 * MINUTE_MS + 4 * HOUR_MS + 24 * HOUR_MS + 10 * MINUTE_MS;

async function begin(policy = warnPolicy()): Promise<void> {
  stage = await startWarnStage(policy);
  stage.addRunning('nb-old', 9, { user: 'etl_dev' });
  await stage.cleanAt(TOLD_AT);
  expect(stage.buttons()).toEqual([['keep', 'kill-now'], ['keep', 'kill-now']]);
}

/** Its execution ends badly, and the notice of that is lost. */
function breakOff(): void {
  stage.delayNotices();
  const [warning] = stage.backend.list({ oldestFirst: true });
  stage.backend.stop(warning?.arn ?? '', { ErrorType: 'Lost', ErrorMessage: 'by a test' }, 'TIMED_OUT');
}

const closings = (): string[] => stage.backend.list({}).flatMap(({ name }) => (name.startsWith('end-') ? [name] : []));
const texts = (): string[] => stage.cards().map(({ text }) => text);

describe('a warning that left no End and handed nothing on', () => {
  it('is closed on all its messages by the run of cleanup that finds it dead, once; nothing was killed', async () => {
    await begin();
    breakOff();
    await stage.cleanAt(DEAD_AT);
    expect(closings()).toEqual([]);
    await stage.cleanAt(DEAD_AT + MINUTE_MS);
    await stage.cleanAt(DEAD_AT + 2 * MINUTE_MS);
    expect(closings()).toEqual([expect.stringMatching(/^end-cleanup-live-/)]);
    expect(stage.ends()).toMatchObject([{ outcome: 'failed', code: 'TIMED_OUT', trigger: 'cleanup', policy_rule: 'long-adhoc' }]);
    expect(texts().slice(0, 2)).toEqual([expect.stringMatching(/^Failed/), expect.stringMatching(/^Failed/)]);
    expect(stage.buttons().slice(0, 2)).toEqual([[], []]);
    expectNoKill(stage);
  });

  it('is closed also where its rule is gone by then, and nothing was killed', async () => {
    await begin(warnPolicy(rule('warn: 7d, keep: 2h')));
    breakOff();
    stage.deploy(warnPolicy('  - { name: other, cluster: analytics, match: { name: "x-*" }, action: kill }'));
    await stage.cleanAt(TOLD_AT + 8 * 24 * HOUR_MS + 2 * HOUR_MS + 12 * MINUTE_MS);
    expect(closings()).toEqual([expect.stringMatching(/^end-cleanup-live-/)]);
    expect(stage.buttons()).toEqual([[], []]);
    expectNoKill(stage);
  });

  it('has its job warned of anew long before that, by the first run after its claim', async () => {
    await begin();
    breakOff();
    await stage.cleanAt(TOLD_AT + HOUR_MS);
    expect(stage.cards()).toHaveLength(2);
    await stage.cleanAt(TOLD_AT + 2 * HOUR_MS);
    expect(stage.buttons().slice(2)).toEqual([['keep', 'kill-now'], ['keep', 'kill-now']]);
    expectNoKill(stage);
  });
});

describe('a warning that lives', () => {
  it('for days is left alone, and kills when its time is up', async () => {
    await begin(warnPolicy(rule('warn: 3d, keep: 2h')));
    for (let hours = 6; hours < 72; hours += 6) await stage.cleanAt(TOLD_AT + hours * HOUR_MS);
    expectNoKill(stage);
    await stage.cleanAt(TOLD_AT + 72 * HOUR_MS + 5 * MINUTE_MS);
    expect(closings()).toEqual([]);
    expect(stage.simulator.killed()).toHaveLength(1);
    expect(texts()).toEqual([expect.stringMatching(/^Killed/), expect.stringMatching(/^Killed/)]);
  });

  it('and handed on after a keep of days is left alone in each of its rounds', async () => {
    await begin(warnPolicy(rule('warn: 30m, keep: 2d, keepAtMost: 4d')));
    await stage.clickAndRead(stage.cards().at(-1)!, 'keep', OWNER);
    for (let hours = 6; hours <= 48; hours += 6) await stage.cleanAt(TOLD_AT + hours * HOUR_MS + MINUTE_MS);
    await stage.clickAndRead(stage.cards().at(-1)!, 'keep', OWNER);
    for (let hours = 54; hours <= 96; hours += 6) await stage.cleanAt(TOLD_AT + hours * HOUR_MS);
    expect(closings()).toEqual([]);
    expect(stage.ends()).toEqual([]);
    expectNoKill(stage);
    await stage.cleanAt(TOLD_AT + 97 * HOUR_MS);
    expect(closings()).toEqual([]);
    expect(stage.simulator.killed()).toHaveLength(1);
  });
});
