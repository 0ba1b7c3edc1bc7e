import { type DurableContext, type DurableExecutionConfig, retryPresets, StepSemantics, withDurableExecution } from '@aws/durable-execution-sdk-js';

/** What the sample asks of its surroundings. */
export type SampleOutside = {
  /** Gets the callback's id, as the card with the buttons would. */
  submit(callbackId: string): Promise<void>;
  /** The body that must run at most once. */
  strike(): Promise<void>;
};

type SampleState = { polls: number };

/** A durable function with one of each: step, wait, callback, at-most-once step, waitForCondition (5 polls, 60 s apart). Runs about half an hour. */
export function sampleWorkflow(outside: SampleOutside, config?: DurableExecutionConfig): (event: never, context: never) => Promise<unknown> {
  return withDurableExecution(async (event: { job: string }, context: DurableContext) => {
    const looked = await context.step('look', async () => ({ job: event.job }), { retryStrategy: retryPresets.noRetry });
    await context.wait('pause', { minutes: 25 });
    const answer = await context.waitForCallback('ask', (id) => outside.submit(id), { timeout: { seconds: 900 } }).catch(nameOf);
    const struck = await context
      .step('strike', () => outside.strike().then(() => 'struck'), {
        semantics: StepSemantics.AtMostOncePerRetry,
        retryStrategy: retryPresets.noRetry,
      })
      .catch(() => 'interrupted');
    const followed = await context.waitForCondition('follow', async ({ polls }: SampleState) => ({ polls: polls + 1 }), {
      initialState: { polls: 0 },
      waitStrategy: ({ polls }) => (polls < 5 ? { shouldContinue: true, delay: { seconds: 60 } } : { shouldContinue: false }),
    });
    return { ...looked, answer, struck, ...followed };
  }, config) as (event: never, context: never) => Promise<unknown>;
}

function nameOf(error: unknown): string {
  return error instanceof Error ? error.name : String(error);
}
