import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { currentInvocation } from '../../../home/engine/invocation.ts';
import { createPlaces } from '../../../home/engine/places.ts';
import { until } from '../../support/until.ts';
import { startFile } from './stage.ts';

const GOES_ON = new AbortController().signal;

describe('a place among those that run at once', () => {
  it('is free while its owner waits without it, and had again before anybody begins', async () => {
    const places = createPlaces(1, () => undefined);
    const first = places.take();
    const news = Promise.withResolvers<string>();
    const waited = first.waitWithout(news.promise, GOES_ON);
    expect(places.countFree()).toBe(1);
    const second = places.take();
    news.resolve('listed');
    expect(await Promise.race([waited, new Promise((resolve) => setTimeout(resolve, 20))])).toBeUndefined();
    second.leave();
    expect([await waited, places.countFree(), getEventListeners(GOES_ON, 'abort')]).toEqual(['listed', 0, []]);
    first.leave();
    first.leave();
    expect(places.countFree()).toBe(1);
  });

  it('is not waited for by who has to settle, and nobody gets one for it', async () => {
    const places = createPlaces(1, () => undefined);
    const revoked = new AbortController();
    const waited = places.take().waitWithout(Promise.resolve(1), revoked.signal);
    const second = places.take();
    await Promise.resolve();
    revoked.abort();
    expect(await waited).toBe(1);
    second.leave();
    expect(places.countFree()).toBe(1);
  });

  it('of an invocation that ended meanwhile is not taken again', async () => {
    const places = createPlaces(1, () => undefined);
    const first = places.take();
    const news = Promise.withResolvers<void>();
    const waited = first.waitWithout(news.promise, GOES_ON);
    first.leave();
    news.resolve();
    await waited;
    expect(places.countFree()).toBe(1);
  });
});

describe('the engine', () => {
  let file: ReturnType<typeof startFile>;
  beforeEach(() => void (file = startFile()));
  afterEach(() => file.close());

  it('goes on with others while some wait aside, ten times as many as it runs at once', async () => {
    const news = Promise.withResolvers<string>();
    let waiting = 0;
    const life = await file.begin({
      async waits(context) {
        return context.step('wait', async () => {
          waiting += 1;
          return currentInvocation()?.waitAside(news.promise);
        });
      },
    }, { mostInvocations: 2 });
    await Promise.all(Array.from({ length: 25 }, (_, at) => life.engine.start('waits', `e${at}`, '{}').written));
    await until(() => waiting === 20);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(waiting).toBe(20);
    news.resolve('listed');
    await until(() => life.ended.length === 25);
    expect(life.ended.filter((end) => end.endsWith(' SUCCEEDED'))).toHaveLength(25);
  });
});
