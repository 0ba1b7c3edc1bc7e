import { buttonsOf } from '../simulator/slack-client.ts';
import type { World } from './world.ts';

/** What asks for the kill. */
export const TRIGGERS = ['Slack', 'alert', 'cleanup', 'REST', 'pick', 'warn'] as const;
export type Trigger = (typeof TRIGGERS)[number];

/** The victim of each: what its rule means, or its person names. */
export const VICTIM: Readonly<Record<Trigger, string>> = { Slack: 'etl', alert: 'etl', cleanup: 'old-etl', REST: 'etl', pick: 'nb-old', warn: 'own-etl' };

/** By whoever brings a token of IAM of their own, in place of ours. */
export const OWN_TOKEN = 'own token';

/** Asks for it as its sender does, who comes again where they are told to. `source`: whose alert it is, where it is not Alertmanager's; for REST OWN_TOKEN. */
export const ASK: Readonly<Record<Trigger, (world: World, source?: string) => Promise<void>>> = {
  async Slack(world) {
    await world.type('kill etl');
    await world.stage.backend.idle();
    const card = world.stage.simulator.slack.messages().find((message) => buttonsOf(message).length > 0);
    if (card === undefined) return;
    const told = world.stage.simulator.slack.responses().length;
    await world.click(card, 'kill');
    await world.stage.backend.idle();
    // Who is told that a click could not be taken clicks again.
    if (world.stage.simulator.slack.responses().length > told) await world.click(card, 'kill');
  },
  alert: (world, source) => repeat(world, () => (source === undefined ? world.fire({ alertname: 'Stuck', cluster: 'analytics', job_id: world.job.job_id }) : world.deliver(source))),
  pick: (world) => repeat(world, () => world.fire({ alertname: 'Crowd' })),
  cleanup: (world) => world.clean(),
  warn: (world) => world.clean(),
  REST: (world, source) => world.kill(source === OWN_TOKEN),
};

const REPEATS_AFTER_MS = 300_000;

/** As all who send alerts: what could not be taken is sent again. */
async function repeat(world: World, send: () => Promise<number>): Promise<void> {
  for (let tries = 1; (await send()) >= 500 && tries < 3; tries++) {
    await world.stage.backend.idle();
    world.clock.advanceTo(world.clock.now() + REPEATS_AFTER_MS);
  }
}
