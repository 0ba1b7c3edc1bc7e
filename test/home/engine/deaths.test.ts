import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { never, once, startFile } from './stage.ts';
import { until } from '../../support/until.ts';

let file: ReturnType<typeof startFile>;
beforeEach(() => {
  file = startFile();
});
afterEach(() => file.close());

const answered = async (): Promise<string> => 'done';

describe('after a death', () => {
  it('nothing runs before all that was left is in order, whatever comes in', async () => {
    const first = await file.begin({ run: never });
    await first.engine.start('run', 'of-version-1', '{}').written;
    await until(() => first.engine.inFlight().length === 1);
    const ran: (string | undefined)[] = [];
    const second = await file.begin({ run: async () => void ran.push(...second.engine.all().map(({ version }) => version)) }, {
      version: '2',
      async beforeResume(engine) {
        await engine.start('run', 'new', '{}').written;
        await new Promise((resolve) => setTimeout(resolve, 30));
        expect(engine.inFlight()).toEqual([]);
      },
    });
    await until(() => second.ended.length === 2);
    expect(ran).toEqual(['2', '2', '2', '2']);
  });

  it('what waits goes on where it was, and no step that succeeded is run again', async () => {
    const ran: string[] = [];
    let callback = '';
    const ask = {
      ask: async (context: Parameters<Parameters<typeof file.begin>[0][string]>[0]) => {
        await context.step('look', async () => void ran.push('look'));
        return context.waitForCallback<string>('answer', async (id) => void (callback = id));
      },
    };
    const first = await file.begin(ask);
    await first.engine.start('ask', 'run', '{}').written;
    await until(() => callback !== '');
    await until(() => first.engine.inFlight().length === 0);
    const second = await file.begin(ask);
    await second.engine.succeedCallback(callback, '"yes"');
    await until(() => second.ended.length > 0);
    expect(second.engine.byName('run')).toMatchObject({ status: 'SUCCEEDED', result: expect.stringContaining('yes') as unknown });
    expect(ran).toEqual(['look']);
    expect(() => second.engine.succeedCallback(callback, '"no"')).toThrow(expect.objectContaining({ name: 'CallbackTimeoutException' }));
  });

  it('a body that runs at most once is not run again: the run hears that it was interrupted', async () => {
    let strikes = 0;
    const body = (strike: () => Promise<unknown>) => ({ kill: async (context: Parameters<Parameters<typeof file.begin>[0][string]>[0]) => once(context, 'kill', strike)
        .catch(({ cause }: Error) => (cause as Error).name) });
    const first = await file.begin(body(async () => {
      strikes += 1;
      return never();
    }));
    await first.engine.start('kill', 'run', '{}').written;
    await until(() => strikes === 1);
    const second = await file.begin(body(async () => void (strikes += 1)));
    await until(() => second.ended.length > 0);
    expect(second.engine.byName('run')?.result).toBe('"StepInterruptedError"');
    expect(strikes).toBe(1);
  });

  it('what was in flight goes on last and one at a time', async () => {
    const begun: string[] = [];
    const hang = { run: async () => never() };
    const first = await file.begin(hang, { mostInvocations: 2 });
    for (const name of ['a', 'b', 'c', 'd']) await first.engine.start('run', name, JSON.stringify({ name })).written;
    await until(() => file.read("SELECT name FROM executions WHERE phase = 'running'").length === 2);
    let running: string[] = [];
    const together = new Set<string>();
    const second = await file.begin({
      async run(_context, event) {
        const { name } = event as { name: string };
        begun.push(name);
        running = [...running, name].toSorted();
        together.add(running.filter((one) => one === 'a' || one === 'b').join(' '));
        await new Promise((resolve) => setTimeout(resolve, 20));
        running = running.filter((one) => one !== name);
      },
    });
    await until(() => second.ended.length === 4);
    expect([begun.slice(0, 2), begun.slice(2).toSorted()]).toEqual([['c', 'd'], ['a', 'b']]);
    expect(together).not.toContain('a b');
  });

  it('three in a row end it FAILED, which is told, and the others go on', async () => {
    const bodies = { deadly: async () => never(), quick: answered };
    const first = await file.begin(bodies);
    await first.engine.start('deadly', 'bad', '{}').written;
    const deathsOnDisk = (): unknown => file.read("SELECT deaths FROM executions WHERE name = 'bad'")[0]?.['deaths'];
    await until(() => deathsOnDisk() === 1);
    for (const deaths of [1, 2]) {
      const life = await file.begin(bodies);
      await until(() => deathsOnDisk() === deaths + 1);
      expect(life.engine.byName('bad')).toMatchObject({ status: 'RUNNING' });
    }
    const last = await file.begin(bodies);
    expect(last.engine.byName('bad')).toMatchObject({ status: 'FAILED', error: { ErrorType: 'ProcessDied', ErrorMessage: 'the process died 3 times in a row while this execution ran' } });
    await until(() => last.badEnds.length > 0);
    expect(last.badEnds).toEqual(['bad FAILED']);
    await last.engine.start('quick', 'good', '{}').written;
    await until(() => last.ended.includes('good SUCCEEDED'));
  });

  it('a checkpoint that gets further forgets them', async () => {
    let steps = 0;
    const bodies = {
      async run(context: Parameters<Parameters<typeof file.begin>[0][string]>[0]) {
        for (const number of [1, 2, 3, 4, 5, 6]) await context.step(`step-${number}`, async () => void (steps = number));
        return never();
      },
    };
    const first = await file.begin(bodies);
    await first.engine.start('run', 'run', '{}').written;
    await until(() => steps === 6 && first.engine.byName('run')?.deaths === 0);
    expect(first.engine.byName('run')).toMatchObject({ status: 'RUNNING', deaths: 0 });
  });

  it('a bad end that could not be told is told by the next process', async () => {
    const bodies = { run: async () => never() };
    const first = await file.begin(bodies, { onBadEnd: async () => Promise.reject(new Error('not now')) });
    const { arn, written } = first.engine.start('run', 'run', '{}');
    await written;
    await first.engine.stop(arn);
    const second = await file.begin(bodies);
    await until(() => second.badEnds.length > 0);
    expect(second.badEnds).toEqual(['run STOPPED']);
    await until(() => file.read('SELECT isTold FROM executions')[0]?.['isTold'] === 1);
    const third = await file.begin(bodies);
    await new Promise((resolve) => setTimeout(resolve, 30));
    expect(third.badEnds).toEqual([]);
  });
});

describe('another version of the workflow', () => {
  it('is never replayed: the execution begins anew under its old name, with its old input and the end of its life', async () => {
    const seen: unknown[] = [];
    let callback = '';
    const asking = {
      async ask(context: Parameters<Parameters<typeof file.begin>[0][string]>[0]) {
        return context.waitForCallback<string>('old-name', async (id) => void (callback = id));
      },
    };
    const first = await file.begin(asking);
    const { arn, written } = first.engine.start('ask', 'run', '{"n":1}');
    await written;
    await until(() => callback !== '' && first.engine.inFlight().length === 0);
    const [timer] = file.read("SELECT atMs FROM timers WHERE purpose = 'execution'");
    const second = await file.begin({
      async ask(context, event) {
        return context.step('new-name', async () => void seen.push(event));
      },
    }, { version: '2' });
    await until(() => second.ended.length > 0);
    expect(seen).toEqual([{ n: 1 }]);
    expect(second.engine.byName('run')).toMatchObject({ status: 'SUCCEEDED', version: '2' });
    expect(() => second.engine.get(arn)).toThrow(expect.objectContaining({ name: 'ResourceNotFoundException' }));
    expect(() => second.engine.succeedCallback(callback, '"yes"')).toThrow(expect.objectContaining({ name: 'CallbackTimeoutException' }));
    expect(timer?.['atMs']).toBeGreaterThan(0);
    expect(() => second.engine.start('ask', 'run', '{"n":2}')).toThrow(expect.objectContaining({ name: 'DurableExecutionAlreadyStartedException' }));
  });
});
