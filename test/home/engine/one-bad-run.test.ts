import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { currentInvocation } from '../../../home/engine/invocation.ts';
import { enginePort } from '../../../home/engine/engine-port.ts';
import { createSqliteLedger } from '../../../home/ledger/sqlite.ts';
import { systemClock } from '../../../home/serve/system-clock.ts';
import { until } from '../../support/until.ts';
import { never, startFile } from './stage.ts';

let file: ReturnType<typeof startFile>;
beforeEach(() => {
  file = startFile();
});
afterEach(() => file.close());

const quick = async (): Promise<string> => 'done';

describe('one bad run', () => {
  it('whose step never ends gets its signal, can write nothing more, and is reported as stuck; the others go on', async () => {
    let signal: AbortSignal | undefined;
    let late: Promise<unknown> | undefined;
    const life = await file.begin({
      quick,
      async hang(context) {
        signal = currentInvocation()?.signal;
        const ledger = createSqliteLedger(life.store);
        return context.step('hang', async () => {
          await until(() => signal?.aborted === true);
          late = ledger.put([{ key: { partition: 'test', rest: 'late' }, value: 1, until: 1 }]);
          late.catch(() => undefined);
          return never();
        });
      },
    }, { timeoutSec: 0.05, settlesWithinMs: 50 });
    await life.engine.start('hang', 'bad', '{}').written;
    await until(() => life.stuck.length > 0);
    expect(life.stuck).toEqual(['bad']);
    expect(signal?.aborted).toBe(true);
    await expect(late).rejects.toMatchObject({ code: 'ledger_failed', message: 'the invocation that writes this is over' });
    await life.engine.start('quick', 'good', '{}').written;
    await until(() => life.ended.includes('good SUCCEEDED'));
  });

  it('is none that has ended: it is never stuck', async () => {
    const life = await file.begin({ quick }, { settlesWithinMs: 20 });
    await life.engine.start('quick', 'good', '{}').written;
    await until(() => life.ended.length > 0);
    await new Promise((resolve) => setTimeout(resolve, 60));
    expect([life.ended, life.stuck]).toEqual([['good SUCCEEDED'], []]);
  });

  it('whose time was up settles, and is done again', async () => {
    let tries = 0;
    const life = await file.begin({
      async slow(context) {
        return context.step('slow', async () => {
          tries += 1;
          if (tries === 1) await new Promise((_, reject) => currentInvocation()?.signal.addEventListener('abort', () => reject(new Error('aborted'))));
          return 'done';
        });
      },
    }, { timeoutSec: 0.05 });
    await life.engine.start('slow', 'run', '{}').written;
    await until(() => life.ended.length > 0);
    expect(life.ended).toEqual(['run SUCCEEDED']);
    expect(tries).toBe(2);
    expect(life.stuck).toEqual([]);
  });

  it('whose result is too large is FAILED', async () => {
    const life = await file.begin({ quick, large: async (context) => context.step('large', async () => 'x'.repeat(300_000)) });
    await life.engine.start('large', 'bad', '{}').written;
    await until(() => life.badEnds.length > 0);
    expect(life.badEnds).toEqual(['bad FAILED']);
    await life.engine.start('quick', 'good', '{}').written;
    await until(() => life.ended.includes('good SUCCEEDED'));
  });

  it('whose operations do not fit is FAILED', async () => {
    const life = await file.begin({
      async many(context) {
        const initialState = 0;
        await context.runInChildContext('all', async (child) => Promise.all(Array.from({ length: 3_001 }, (_, index) => child.step(`s-${index}`, async () => index))));
        return initialState;
      },
    });
    await life.engine.start('many', 'bad', '{}').written;
    await until(() => life.badEnds.length > 0);
    expect(life.badEnds).toEqual(['bad FAILED']);
  });

  it('whose record cannot be read is FAILED, whether its turn comes by a timer or by an answer', async () => {
    const ids: string[] = [];
    const life = await file.begin({
      quick,
      nap: async (context) => context.wait('nap', { seconds: 1 }),
      ask: async (context) => context.waitForCallback('ask', async (id) => void ids.push(id)),
    });
    await life.engine.start('nap', 'napper', '{}').written;
    await life.engine.start('ask', 'asker', '{}').written;
    await until(() => ids.length === 1 && life.engine.inFlight().length === 0);
    life.store.database.exec("UPDATE operations SET operation = 'no JSON' WHERE execution = 'napper'");
    life.store.database.exec("INSERT INTO operations (execution, id, operation, isNews) VALUES ('asker', 'bad', 'no JSON', 0)");
    await life.engine.succeedCallback(ids[0] ?? '', '"yes"');
    await until(() => life.badEnds.length === 2);
    expect(life.badEnds.toSorted()).toEqual(['asker FAILED', 'napper FAILED']);
    await life.engine.start('quick', 'good', '{}').written;
    await until(() => life.ended.includes('good SUCCEEDED'));
  });

  it('that is stopped is over on disk before its signal comes', async () => {
    let atSignal: unknown;
    const life = await file.begin({
      async hang() {
        currentInvocation()?.signal.addEventListener('abort', () => {
          atSignal = file.read("SELECT status FROM executions WHERE name = 'bad'");
        });
        return never();
      },
    });
    const { arn, written } = life.engine.start('hang', 'bad', '{}');
    await written;
    await until(() => life.engine.inFlight().length === 1);
    await life.engine.stop(arn);
    await until(() => atSignal !== undefined);
    expect(atSignal).toEqual([{ status: 'STOPPED' }]);
  });
});

describe('more than it can do at once', () => {
  it('takes answers before new starts', async () => {
    const order: string[] = [];
    const ids = new Map<string, string>();
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const life = await file.begin({
      async run(context, event) {
        const { name, kind } = event as { name: string; kind: string };
        if (kind === 'hold') return held;
        if (kind === 'ask') await context.waitForCallback(`ask-${name}`, async (id) => void ids.set(name, id));
        order.push(name);
      },
    }, { mostInvocations: 1 });
    const start = (name: string, kind: string) => life.engine.start('run', name, JSON.stringify({ name, kind })).written;
    await start('asked', 'ask');
    await until(() => ids.size === 1 && life.engine.inFlight().length === 0);
    await start('holder', 'hold');
    await until(() => life.engine.inFlight().includes('holder'));
    await start('new-1', 'plain');
    await start('new-2', 'plain');
    await life.engine.succeedCallback(ids.get('asked') ?? '', '"yes"');
    release();
    await until(() => order.length === 3);
    expect(order).toEqual(['asked', 'new-1', 'new-2']);
  });

  it('takes no new start over its limit, but one that closes another', async () => {
    const life = await file.begin({ kill: async () => never() }, { mostOpen: 2 });
    const port = enginePort(life.engine, 'kill', systemClock);
    expect(await port.start('a', '{}')).toBe('started');
    expect(await port.start('b', '{}')).toBe('started');
    await expect(port.start('c', '{}')).rejects.toMatchObject({ code: 'engine_failed', retryable: true });
    expect(await port.start('a', '{"other":1}')).toBe('exists');
    expect(await port.start('end-a', '{}')).toBe('started');
    await life.engine.stop(life.engine.arnOf(life.engine.byName('a') ?? (undefined as never)));
    await life.engine.stop(life.engine.arnOf(life.engine.byName('b') ?? (undefined as never)));
    expect(await port.start('c', '{}')).toBe('started');
  });
});

describe('what hands on to another run', () => {
  it('is not held up by the limit of what is open: it ends by that, and all of them would wait for each other', async () => {
    const life = await file.begin({
      quick,
      async warn(context, event) {
        return context.step('hand-on', () => enginePort(life.engine, 'quick', systemClock).start(`after-${(event as { name: string }).name}`, '{}'));
      },
    }, { mostOpen: 2 });
    const started = ['a', 'b'].map((name) => life.engine.start('warn', name, JSON.stringify({ name })).written);
    expect(() => life.engine.start('warn', 'c', '{}')).toThrow(expect.objectContaining({ name: 'TooManyRequestsException' }));
    await Promise.all(started);
    await until(() => life.ended.length === 4);
    expect(life.ended.toSorted()).toEqual(['a SUCCEEDED', 'after-a SUCCEEDED', 'after-b SUCCEEDED', 'b SUCCEEDED']);
  });
});

describe('the end of the process', () => {
  it('lets the step in flight end and be put on record, begins nothing more, and the next start goes on from there', async () => {
    const ran: string[] = [];
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    const bodies = {
      async run(context: Parameters<Parameters<typeof file.begin>[0][string]>[0]) {
        await context.step('one', async () => {
          ran.push('one');
          await held;
        });
        await context.step('two', async () => void ran.push('two'));
      },
    };
    const first = await file.begin(bodies);
    await first.engine.start('run', 'run', '{}').written;
    await until(() => ran.length === 1);
    const gone = first.engine.shutDown(2_000);
    release();
    await gone;
    expect(ran).toEqual(['one']);
    expect(file.read('SELECT phase, deaths FROM executions')).toEqual([{ phase: 'queued', deaths: 0 }]);
    const second = await file.begin(bodies);
    await until(() => second.ended.length > 0);
    expect(ran).toEqual(['one', 'two']);
  });

  it('leaves what does not end in time, and that is no death', async () => {
    const first = await file.begin({ run: async () => never() });
    await first.engine.start('run', 'run', '{}').written;
    await until(() => first.engine.inFlight().length === 1);
    await first.engine.shutDown(30);
    expect(file.read('SELECT phase, deaths FROM executions')).toEqual([{ phase: 'queued', deaths: 0 }]);
  });
});

describe('what the disk has taken', () => {
  it('is what is answered: another process sees it by then', async () => {
    const life = await file.begin({ quick });
    const port = enginePort(life.engine, 'quick', systemClock);
    const names = Array.from({ length: 50 }, (_, index) => `run-${index}`);
    const seen = await Promise.all(names.map(async (name) => {
      await port.start(name, '{}');
      return file.read(`SELECT name FROM executions WHERE name = '${name}'`).length;
    }));
    expect(seen).toEqual(names.map(() => 1));
  });

  it('a full one takes no start, and goes on when there is room again', async () => {
    const life = await file.begin({ quick });
    const port = enginePort(life.engine, 'quick', systemClock);
    await port.start('before', '{}');
    await until(() => life.ended.length === 1);
    life.store.database.exec('PRAGMA max_page_count = 1');
    const large = JSON.stringify('x'.repeat(500_000));
    await expect(port.start('full', large)).rejects.toMatchObject({ code: 'engine_failed' });
    life.store.database.exec('PRAGMA max_page_count = 100000');
    expect(await port.start('full', large)).toBe('started');
    await until(() => life.ended.length === 2);
  });

  it('a start that finds it full is asked for again for as long as it may be, and what is too much at once', async () => {
    const life = await file.begin({ quick, kill: async () => never() }, { mostOpen: 1 });
    const port = enginePort(life.engine, 'quick', systemClock);
    life.store.database.exec('PRAGMA max_page_count = 1');
    const large = JSON.stringify('x'.repeat(500_000));
    const started = port.start('full', large, Date.now() + 8_000);
    await new Promise((resolve) => setTimeout(resolve, 300));
    life.store.database.exec('PRAGMA max_page_count = 100000');
    expect(await started).toBe('started');
    await until(() => life.ended.length === 1);
    await enginePort(life.engine, 'kill', systemClock).start('open', '{}');
    const askedAt = performance.now();
    await expect(port.start('too-many', '{}', Date.now() + 60_000)).rejects.toMatchObject({ isFull: true });
    expect(performance.now() - askedAt).toBeLessThan(1_000);
  });
});
