import * as z from 'zod';
import type { World } from './world.ts';

type Action = (world: World, body: unknown) => void | Promise<void>;

function action<Body>(shape: z.ZodType<Body>, run: (world: World, body: Body) => void | Promise<void>): Action {
  return (world, body) => run(world, shape.parse(body));
}

const MOST_PUSH_MS = 7 * 86_400_000;

/** What the page can do, by the name of its route; each throws where its body is wrong, or where it cannot be done. */
export const ACTIONS: Record<string, Action> = {
  type: action(z.strictObject({ as: z.string(), text: z.string().trim().max(2_000) }), ({ chat }, { as, text }) => chat.type(as, text)),
  click: action(z.strictObject({ as: z.string(), entry: z.string(), nth: z.int().min(0) }), ({ chat }, { as, entry, nth }) => chat.click(as, entry, nth)),
  job: action(z.strictObject({ kind: z.string() }), (world, { kind }) => world.addJob(kind)),
  alert: action(z.strictObject({ source: z.string(), jobId: z.string(), alertname: z.string().trim().min(1).max(200) }), ({ deliveries }, asked) => deliveries.alert(asked)),
  'alert-again': action(z.strictObject({ resolved: z.boolean() }), ({ deliveries }, { resolved }) => deliveries.alertAgain(resolved)),
  cleanup: action(z.strictObject({}), ({ deliveries }) => deliveries.cleanup()),
  switch: action(z.strictObject({ dryRun: z.boolean(), paused: z.boolean(), outage: z.boolean() }).partial(), (world, { dryRun, paused, outage }) =>
    world.switchTo({ ...(dryRun !== undefined && { dryRun }), ...(paused !== undefined && { paused }), ...(outage !== undefined && { outage }) })),
  clock: action(z.strictObject({ ms: z.int().min(1).max(MOST_PUSH_MS) }), (world, { ms }) => world.push(ms)),
};
