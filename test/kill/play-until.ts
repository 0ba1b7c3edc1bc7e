import type { KillRequest } from '../../lib/core/request.ts';
import { startWorkflowStage, type WorkflowStage } from '../stage/workflow.ts';

/** The moments of a kill at which something can come between: how many POSTs have left by then, and whether one of them may still work. */
const MOMENTS = {
  'before it is looked at': { posts: 0 },
  'after the first decision': { posts: 0 },
  'when all but the POST is done': { posts: 0 },
  'before the POST after one that was put off': { posts: 1, fault: { status: 503 } },
  'before the POST after one without an answer': { posts: 1, fault: { hangUp: true }, mayTakeEffect: true },
} as const;
export type Moment = keyof typeof MOMENTS;
type Plan = { posts: number; fault?: object; mayTakeEffect?: true };
export const ALL_MOMENTS = Object.entries(MOMENTS) as [Moment, Plan][];

/** A kill of the only job, on a stage of its own, to its end; `happen` once, at that moment. */
export async function playUntil(moment: Moment, request: Partial<KillRequest>, happen: (stage: WorkflowStage, jobId: string) => void): Promise<{ stage: WorkflowStage; jobId: string; status: string }> {
  let left = 1;
  const at = (now: Moment): false => {
    if (now === moment && left-- > 0) happen(stage, jobId);
    return false;
  };
  const plan: Plan = MOMENTS[moment];
  const stage: WorkflowStage = await startWorkflowStage({
    crash: ({ point, operations }) => point === 'after-checkpoint' && operations.some(({ name, action }) => name === 'look' && action === 'SUCCEED') && at('after the first decision'),
    onLine: ({ message }) => void (message === 'killing' && at('when all but the POST is done')),
    onRequest: ({ path }) => void (plan.fault && path.endsWith('/kill') && at(moment)),
  });
  const jobId = stage.simulator.addJob().job_id;
  if (plan.fault) stage.simulator.fault({ on: 'kill', ...plan.fault });
  at('before it is looked at');
  const { status } = await stage.play(request);
  return { stage, jobId, status };
}
