import { afterEach, describe, expect, it } from '@jest/globals';
import { referenceTo } from '../stage/home-of-stage.ts';
import { onlyOnAws } from '../stage/only-on-aws.ts';
import { APPROVER, MINUTE_MS, POLICY, START_MS, startWorkflowStage, type WorkflowOptions, type WorkflowStage } from '../stage/workflow.ts';

const SECOND_MS = 1_000;
const SECRETS: Record<string, string> = { '/test/password': 'simulator-password', '/test/tokens': 'ci:a-token-of-the-store-0123' };

let stage: WorkflowStage;
/** From when until when the parameter store answers nobody, epoch ms. */
let outage: { from: number; until: number };
let parameters: Record<string, string>;
let asked: number;
afterEach(() => stage.close());

/** The workflow with secrets behind references, in a store that fails as told from the start. */
async function begin(outageMs: number, options: WorkflowOptions = {}): Promise<void> {
  outage = { from: START_MS, until: START_MS + outageMs };
  parameters = { ...SECRETS };
  asked = 0;
  stage = await startWorkflowStage({
    env: { HW_USER_PASSWORD: referenceTo('/test/password'), API_TOKENS: referenceTo('/test/tokens') },
    async readParameters(names) {
      asked++;
      const now = stage.clock.now();
      if (now >= outage.from && now < outage.until) throw new Error('ThrottlingException');
      return new Map(names.flatMap((name) => (parameters[name] === undefined ? [] : [[name, parameters[name]]])));
    },
    ...options,
  });
}
const failFor = (ms: number): void => void (outage = { from: stage.clock.now(), until: stage.clock.now() + ms });
/** As when Lambda takes a new instance. */
const startCold = (): void => stage.deploy(POLICY);
const waits = () => stage.lines.filter(({ message }) => message.endsWith('the run waits'));

describe('settings that cannot be read when a run begins', () => {
  it.each([
    ['for 20 s', 20 * SECOND_MS, 1],
    ['for two minutes', 2 * MINUTE_MS, 4],
    ['for ten minutes', 10 * MINUTE_MS, 12],
  ])('%s: it waits, and kills once', async (_, outageMs, mostInvocations) => {
    await begin(outageMs);
    const job = stage.simulator.addJob();
    expect(await stage.play()).toMatchObject({ status: 'SUCCEEDED' });
    expect(stage.ends()).toMatchObject([{ outcome: 'killed' }]);
    expect([stage.simulator.killed(), stage.simulator.kills().length]).toEqual([[job.job_id], 1]);
    expect(waits().length).toBeGreaterThan(0);
    expect(waits().length).toBeLessThan(mostInvocations * 6 + 1);
    expect(JSON.stringify([stage.lines, stage.backend.list({})[0]?.operations])).not.toMatch(/simulator-password|a-token-of-the-store/);
  });

  it('for twenty minutes: it has expired by then, says so, and nothing was killed', async () => {
    await begin(20 * MINUTE_MS);
    stage.simulator.addJob();
    expect(await stage.play()).toMatchObject({ status: 'SUCCEEDED' });
    expect(stage.ends()).toMatchObject([{ outcome: 'expired' }]);
    expect([stage.simulator.kills(), stage.simulator.killed()]).toEqual([[], []]);
  });

  it('because one is missing: it waits until that is mended', async () => {
    await begin(0);
    stage.simulator.addJob();
    delete parameters['/test/password'];
    stage.clock.setTimer(START_MS + 6 * MINUTE_MS, () => void Object.assign(parameters, SECRETS));
    expect(await stage.play()).toMatchObject({ status: 'SUCCEEDED' });
    expect(waits()[0]).toMatchObject({ level: 'error', error: { message: expect.stringMatching(/^settings: HW_USER_PASSWORD: refers to/) } });
    expect(stage.ends()).toMatchObject([{ outcome: 'killed' }]);
  });
});

describe('settings that cannot be read in the middle of a run', () => {
  async function ask(): Promise<void> {
    await begin(0);
    await stage.refresh();
    stage.simulator.addJob({ job_type: 'Flink' });
    stage.start();
    await stage.backend.idle();
    stage.clock.advanceTo(START_MS + 6 * MINUTE_MS);
  }

  it('on a warm instance: those of before serve', async () => {
    await ask();
    failFor(5 * MINUTE_MS);
    const before = asked;
    expect(await stage.click('yes', APPROVER)).toBeUndefined();
    expect(await stage.settled()).toMatchObject({ status: 'SUCCEEDED' });
    expect(asked).toBeGreaterThan(before);
    expect(waits()).toEqual([]);
    expect(stage.ends()).toMatchObject([{ outcome: 'killed' }]);
  });

  onlyOnAws('at home the run has what the door has read').it('on a cold instance: it waits, and the answer counts', async () => {
    await ask();
    startCold();
    await stage.refresh(); // functions/slack, which takes the click
    failFor(3 * MINUTE_MS);
    expect(await stage.click('yes', APPROVER)).toBeUndefined();
    expect(await stage.settled()).toMatchObject({ status: 'SUCCEEDED' });
    expect(waits().length).toBeGreaterThan(0);
    expect(stage.ends()).toMatchObject([{ outcome: 'killed' }]);
    expect(stage.simulator.kills()).toHaveLength(1);
  });

  it('because somebody has put a wrong one there: those of before serve, and the log says it', async () => {
    await ask();
    parameters['/test/password'] = ' ';
    expect(await stage.click('yes', APPROVER)).toBeUndefined();
    expect(await stage.settled()).toMatchObject({ status: 'SUCCEEDED' });
    expect(stage.lines).toContainEqual(expect.objectContaining({ level: 'error', message: expect.stringMatching(/goes on by those of before$/) }));
    expect(stage.ends()).toMatchObject([{ outcome: 'killed' }]);
  });

  it('after a bad end: the card says it all the same, when they can be read again, and nothing was killed', async () => {
    await ask();
    const card = stage.shown.at(-1);
    const release = stage.hold();
    stage.backend.stop(stage.backend.list({})[0]?.arn ?? '');
    await stage.event(stage.statusEvents.at(-1));
    startCold();
    failFor(20 * MINUTE_MS);
    release();
    await stage.backend.idle();
    expect(waits().length).toBeGreaterThan(0);
    expect(stage.shown.find(({ view }) => view.stage === 'end')).toMatchObject({ view: { end: { outcome: 'failed', code: 'STOPPED' } }, previous: card?.previous });
    expect(stage.backend.list({}).map(({ status }) => status).toSorted()).toEqual(['STOPPED', 'SUCCEEDED']);
    expect(stage.simulator.killed()).toEqual([]);
  });
});

describe('PAUSED behind a reference', () => {
  it('that could not be read twice is read a third time: the kill goes on', async () => {
    let failures = 0;
    await begin(0, {
      env: { PAUSED: referenceTo('/test/paused') },
      async readParameters() {
        if (++failures % 3 !== 0) throw new Error('ThrottlingException');
        return new Map([['/test/paused', 'false']]);
      },
    });
    stage.simulator.addJob();
    await stage.play();
    expect(stage.simulator.kills()).toHaveLength(1);
  });
});
