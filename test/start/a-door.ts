import type { KillRequest } from '../../lib/core/request.ts';
import { type EndEntry, startBegan, startEnd } from '../../lib/ledger/keys.ts';
import { nameExecution } from '../../lib/start/names.ts';
import { startAll, type Wish } from '../../lib/start/start-all.ts';
import { aRequest, NOON } from '../core/a-job.ts';
import { aStart, endAs, entryOf, type PlayedStart, type StartPlan } from './a-start.ts';

export const ROOMY = { limits: { perDelivery: 100, perHour: 100, percentOfRunning: 50 } };
export const TIGHT = { limits: { perDelivery: 2, perHour: 100, percentOfRunning: 50 } };
export const alert = (key: string, fields: Partial<KillRequest> = {}): Wish => ({ deliveryKey: key, request: aRequest({ trigger: 'alerts', killId: `kill-${key}`, target: { cluster: 'analytics', job: { by: 'name', name: key } }, ...fields }) });
export const nameOf = ({ parts: { starter } }: PlayedStart, { request, deliveryKey }: Wish): string => nameExecution(starter.policy, starter.killFunction, request, deliveryKey);

export type Door = { plan?: StartPlan; prepare?: (played: PlayedStart) => unknown; more?: object };
/** A delivery of these wishes, after `prepare`. */
export async function start(wishes: Wish[], { plan = {}, prepare = () => undefined, more = {} }: Door = {}) {
  const played = await aStart({ ...plan, policy: { ...ROOMY, ...plan.policy } });
  await prepare(played);
  const answers = await startAll({ ...played.parts.starter, ...more }, wishes);
  return { ...played, played, answers };
}
/** The ledger knows these wishes: each began at noon and ended so. */
export const known = (wishes: Wish[], end?: Partial<EndEntry>) => async (played: PlayedStart) => {
  for (const wish of wishes) await played.ledger.put([entryOf(startBegan(nameOf(played, wish), 1), { at: NOON, since: NOON }), ...(end ? [entryOf(startEnd(nameOf(played, wish), 1), endAs(end))] : [])]);
};
export const at = (ms: number) => ({ clock }: PlayedStart): void => clock.advanceTo(NOON + ms);
export const both = (...steps: ((played: PlayedStart) => unknown)[]) => async (played: PlayedStart) => { for (const step of steps) await step(played); };
