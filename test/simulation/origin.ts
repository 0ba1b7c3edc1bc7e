import type { Requested } from '../../lib/core/request.ts';
import { executionName } from '../../lib/kill/start-id.ts';
import { type Actor, requestOf } from './actor.ts';
import type { Plot } from './plot.ts';
import { firingName, resolvedName, type SentAlert } from './sender.ts';
import type { World } from './world.ts';

/** Where a start came from. */
export type Origin = {
  /** When it was first there. Epoch ms. */
  startedAt: number;
  /** Whose invocation asked for it: `click`, `command`, `later`. */
  by: string;
  request?: Requested;
  /** The alert behind it, or behind the pick that chose its job. */
  alert?: SentAlert;
  /** The pick that chose its job: an execution. */
  pick?: string;
  /** The round of a warning that it is, or that its kill comes from: its number, and the execution of the first one. */
  warning?: { first: string; round: number };
};

export type Origins = {
  onStarted: (name: string, by: Actor, payload: string) => void;
  /** Of a start, by its execution; undefined for what nobody started. */
  of: (execution: string) => Origin | undefined;
  /** The workflow was upgraded: what is open begins anew. */
  onUpgrade: () => void;
  /** Since when an execution runs as it was deployed then: since it began, or began anew. Epoch ms. */
  runsSince: (execution: string) => number | undefined;
  /** When a start was first made for that alert. */
  firstStartOf: (alert: SentAlert) => number | undefined;
};

/** Keeps where each start came from, by who asked the engine for it and not by what is written there. */
export function keepOrigins(world: World, plot: () => Plot): Origins {
  const origins = new Map<string, Origin>();
  const firstStarts = new Map<SentAlert, number>();
  let upgradedAt = 0;

  function alertOf(by: Actor): SentAlert | undefined {
    const name = by.name.replace(/#\d+$/, '');
    const recovered = plot().alerts.find(({ key }) => resolvedName(key) === name);
    if (recovered !== undefined) world.judge('a start by a recovery', true, () => recovered.key);
    return plot().alerts.find(({ key }) => firingName(key) === name);
  }

  return {
    onStarted(name, by, payload) {
      if (origins.has(name)) return;
      const { request } = JSON.parse(payload) as { request?: Requested };
      const warning = warningOf(name, request);
      const parent = origins.get(by.execution);
      const isChosen = parent?.alert?.by === 'pick' && name.startsWith('alerts-') && requestOf(name) !== requestOf(by.execution);
      const alert = isChosen ? parent.alert : warning !== undefined && warning.first !== name ? origins.get(warning.first)?.alert : alertOf(by);
      origins.set(name, { startedAt: world.now(), by: by.name.replace(/#\d+$/, ''), ...(request && { request }), ...(alert && { alert }), ...(isChosen && { pick: by.execution }), ...(warning && { warning }) });
      if (alert !== undefined && !firstStarts.has(alert)) firstStarts.set(alert, world.now());
    },
    of: (execution) => origins.get(execution),
    onUpgrade: () => void (upgradedAt = world.now()),
    runsSince(execution) {
      const { startedAt } = origins.get(execution) ?? {};
      return startedAt === undefined ? undefined : Math.max(startedAt, upgradedAt);
    },
    firstStartOf: (alert) => firstStarts.get(alert),
  };
}

function warningOf(name: string, request: Requested | undefined): Origin['warning'] {
  if (request?.warning !== undefined) return { first: executionName(request.warning.first), round: request.warning.round };
  return request?.warns ? { first: name, round: 1 } : undefined;
}
