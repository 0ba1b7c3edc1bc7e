import { CallbackError, type DurableContext } from '@aws/durable-execution-sdk-js';
import type { KillPayload } from '../../lib/start/engine.ts';
import { type KillParts, runPayload } from '../../lib/start/run-payload.ts';
import { aStart, type PlayedStart, type StartPlan } from './a-start.ts';

/** A durable context that does each step at once. */
function aContext(played: PlayedStart, onClick: NonNullable<Given['onClick']>) {
  const steps: string[] = [];
  const callbacks: unknown[] = [];
  const retries: Record<string, (error: Error, attempt: number) => object> = {};
  const context = {
    async step(name: string, move: () => Promise<unknown>, config: { retryStrategy: (typeof retries)[string] }) {
      steps.push(name);
      retries[name] = config.retryStrategy;
      return move();
    },
    wait: async (_name: string, { seconds }: { seconds: number }) => played.clock.sleep(seconds * 1_000),
    async waitForCondition(_name: string, move: (state: unknown) => Promise<unknown>, { initialState, waitStrategy }: { initialState: unknown; waitStrategy: (state: unknown) => { shouldContinue: boolean; delay?: { seconds: number } } }) {
      let state = await move(initialState);
      for (let next = waitStrategy(state); next.shouldContinue; next = waitStrategy(state)) {
        await played.clock.sleep((next.delay?.seconds ?? 0) * 1_000);
        state = await move(state);
      }
      return state;
    },
    async createCallback(name: string, config: object) {
      callbacks.push({ name, ...config });
      // eslint-disable-next-line unicorn/no-thenable
      return [{ then: (done: (result: unknown) => void, fail: (error: unknown) => void) => void Promise.resolve(played).then(onClick).then(done, fail) }, 'callback-1'];
    },
  } as unknown as DurableContext;
  return { context, steps, retries, callbacks };
}

type Given = { plan?: StartPlan; payload: KillPayload; parts?: (played: PlayedStart) => Partial<KillParts>; run?: typeof runPayload; /** What happens while a click is waited for; what it throws, the callback rejects with. */ onClick?: (played: PlayedStart) => unknown };

/** An execution with this payload: its result, its steps, and the ids that its lines have. */
export async function play({ plan = {}, payload, parts = () => ({}), run = runPayload, onClick = () => { throw new CallbackError('its time is up'); } }: Given) {
  const played = await aStart(plan);
  const { context, ...asked } = aContext(played, onClick);
  const said: unknown[] = [];
  const reporter = { show: played.parts.show, say: async (...args: unknown[]) => void said.push(args) };
  const ids: unknown[] = [];
  const answers: string[] = [];
  const { log } = played.parts;
  const noting = { ...log, with: (fields: { kill_id?: string }) => (ids.push(fields.kill_id), log.with(fields)) };
  const engine = { ...played.engine, answer: async (callback: string, result: string) => (answers.push(`${callback} ${result}`), 'taken' as const) };
  const given = { ...played.parts, log: noting, reporter, engine, askTimeoutSec: 900, followIntervalSec: 2, followTimeoutSec: 60, ...parts(played) } as unknown as KillParts;
  const result = await run(given, payload, context);
  return { ...played, ...asked, result, said, ids, answers };
}
