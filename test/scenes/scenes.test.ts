import { LocalDurableTestRunner } from '@aws/durable-execution-sdk-js-testing';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { CrashHook } from '../local/deaths.ts';
import { awsRuntime, inMemory, withFile } from './engines.ts';
import { thinned } from '../support/full-size.ts';
import { type Played, playScene } from './scene.ts';
import { SCENES } from './scenes.ts';

beforeAll(() => LocalDurableTestRunner.setupTestEnvironment());
afterAll(() => LocalDurableTestRunner.teardownTestEnvironment());

describe.each([inMemory, withFile, awsRuntime])('on $name', (engine) => {
  const playable = SCENES.filter(({ needs = [] }) => !needs.some((need) => engine.lacks.includes(need)));
  // In memory all; a file changes when it is on disk, and not what is done.
  it.each(engine === withFile ? thinned(playable, 10) : engine === awsRuntime ? thinned(playable, 3) : playable)('$name', async (scene) => {
    const { ends, posts, killed, runs } = scene;
    expect(await playScene(scene, engine)).toEqual({ ends, posts, killed, runs } satisfies Played);
  });
});

describe('an execution that dies at every other checkpoint call', () => {
  it.each([
    ['an alert kills', 'before-checkpoint'], ['an alert kills', 'after-checkpoint'],
    ['asked, and an approver says yes', 'before-checkpoint'], ['asked, and an approver says yes', 'after-checkpoint'],
  ] as const)('%s: %s, it comes to the same on each engine', async (name, point) => {
    const scene = SCENES.find((one) => one.name === name);
    if (scene === undefined) throw new Error(`no scene is called ${name}`);
    const crash: CrashHook = (at) => at.point === point && at.call % 2 === 0;
    const [own, aws] = [await playScene({ ...scene, durable: { crash } }, inMemory), await playScene({ ...scene, durable: { crash } }, awsRuntime)];
    expect(own).toEqual(aws);
    expect([new Set(own.ends), own.killed]).toEqual([new Set(scene.ends), scene.killed]); // an audit line may stand twice
    expect(own.posts).toBeLessThanOrEqual(1);
  });
});
