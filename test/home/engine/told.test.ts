import { describe, expect, it } from '@jest/globals';
import { createRaw, NOW, PENDING, type Raw, SUCCEEDED } from './raw.ts';
import { never } from './stage.ts';

async function begun(...options: Parameters<typeof createRaw>): Promise<Raw> {
  const raw = createRaw(...options);
  raw.register('ends', () => SUCCEEDED);
  raw.register('fails', () => ({ Status: 'FAILED' }));
  raw.register('hangs', never);
  raw.register('naps', async (take, event) => {
    if (event.InitialExecutionState.Operations.length > 1) return SUCCEEDED;
    return take({ Id: 'w', Type: 'WAIT', Action: 'START', WaitOptions: { WaitSeconds: 9 } }).then(() => PENDING);
  });
  await raw.engine.resume();
  return raw;
}

async function start({ engine }: Raw, functionName: string, name = functionName): Promise<void> {
  await engine.start(functionName, name, '{}').written;
  await new Promise((resolve) => setTimeout(resolve, 5));
}

describe('an execution that is over', () => {
  it('is forgotten where nobody is told of bad ends, and elsewhere once it was told', async () => {
    const alone = await begun();
    await start(alone, 'fails');
    expect(await alone.engine.forgetEnded(NOW + 1, 9)).toBe(1);
    let isHeard = false;
    const told: string[] = [];
    const refusing = async ({ name }: { name: string }): Promise<void> => {
      told.push(name);
      if (!isHeard) throw new Error('not now');
    };
    const first = await begun({ onBadEnd: refusing });
    for (const name of ['fails', 'ends']) await start(first, name);
    expect([await first.engine.forgetEnded(NOW + 1, 9), told]).toEqual([1, ['fails']]);
    first.engine.close();
    isHeard = true;
    const second = await begun({ onBadEnd: refusing }, first.store, first.clock);
    await second.rest();
    expect([await second.engine.forgetEnded(NOW + 1, 9), told]).toEqual([1, ['fails', 'fails']]);
  });

  it('makes room for another one', async () => {
    const raw = await begun({ mostOpen: 1 });
    for (const name of ['a', 'b', 'c']) await start(raw, 'ends', name);
    expect(raw.told).toEqual(['a', 'b', 'c'].flatMap((name) => [`${name} RUNNING`, `${name} SUCCEEDED`]));
  });

  it('is told to nobody where nobody asked', async () => {
    const raw = await begun({ onStatusChange: undefined as never });
    await start(raw, 'ends');
    expect(raw.engine.byName('ends')?.status).toBe('SUCCEEDED');
  });
});

describe('a process', () => {
  it('that closes its engine leaves what waits and what runs to the next one, which goes on with it', async () => {
    const first = await begun();
    for (const name of ['naps', 'hangs']) await start(first, name);
    first.engine.close();
    first.clock.advanceTo(NOW + 60_000);
    expect([first.engine.byName('naps')?.status, first.engine.inFlight(), first.engine.open().map(({ phase }) => phase)]).toEqual(['RUNNING', [], ['running', 'waiting']]);
    const second = await begun({}, first.store, first.clock);
    second.clock.advanceTo(NOW + 60_000);
    await start(second, 'ends');
    expect(second.engine.byName('naps')?.status).toBe('SUCCEEDED');
    second.engine.close();
  });

  it('tells its functions the version that they are of', async () => {
    const raw = await begun({ version: '12' });
    const versions: unknown[] = [];
    raw.register('says', (_, __, { functionVersion }) => {
      versions.push(functionVersion);
      return SUCCEEDED;
    });
    await start(raw, 'says');
    expect(versions).toEqual(['12']);
  });
});

describe('the engine', () => {
  it('runs no more at once than it may, and says when nothing is left to do', async () => {
    let rests = 0;
    const deferred: (() => void)[] = [];
    const raw = await begun({ mostInvocations: 1, onRest: () => void (rests += 1), defer: (run) => void deferred.push(run) });
    expect(deferred).toHaveLength(1);
    deferred.shift()?.();
    expect(rests).toBe(1);
    for (const name of ['a', 'b', 'c']) await start(raw, 'hangs', name);
    expect(deferred).toHaveLength(1); // woken once for all three
    deferred.shift()?.();
    expect(deferred).toEqual([]);
    await start(raw, 'hangs', 'd');
    deferred.shift()?.();
    await new Promise((resolve) => setImmediate(resolve));
    expect(raw.engine.inFlight()).toEqual(['a']);
  });

  it('says once that nothing is left to do, and not while something runs', async () => {
    let rests = 0;
    const raw = await begun({ onRest: () => void (rests += 1) });
    await start(raw, 'ends');
    expect(rests).toBe(2); // as at its begin
    await start(raw, 'hangs');
    await start(raw, 'ends', 'beside');
    expect(rests).toBe(2);
  });

  it.each<[string, (engine: Raw['engine']) => Promise<void> | void]>([['closed', (engine) => engine.close()], ['shut down', async (engine) => engine.shutDown(0)]])('begins nothing once it is %s, and looks for nothing more', async (_, end) => {
    const deferred: (() => void)[] = [];
    const raw = await begun({ defer: (run) => void deferred.push(run) });
    deferred.shift()?.();
    await raw.engine.start('hangs', 'before', '{}').written;
    await end(raw.engine);
    expect(deferred).toHaveLength(1);
    deferred.shift()?.();
    await raw.engine.start('hangs', 'after', '{}').written;
    expect([deferred, raw.engine.inFlight(), raw.engine.open().map(({ name, phase }) => `${name} ${phase}`)]).toEqual([[], [], ['before queued', 'after queued']]);
  });
});
