import { describe, expect, it } from '@jest/globals';
import { inMemory, type SceneEngine } from './engines.ts';
import { type Played, playScene } from './scene.ts';
import { SCENES } from './scenes.ts';

const ENGINES: SceneEngine[] = [inMemory];

describe.each(ENGINES)('on $name', (engine) => {
  const playable = SCENES.filter(({ needs = [] }) => !needs.some((need) => engine.lacks.includes(need)));
  it.each(playable)('$name', async (scene) => {
    const { ends, posts, killed, runs } = scene;
    expect(await playScene(scene, engine)).toEqual({ ends, posts, killed, runs } satisfies Played);
  });
});
