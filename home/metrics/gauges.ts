import { Gauge, type Registry } from 'prom-client';
import { PREFIX } from './counters.ts';

/** How this home stands at a moment; what is left out is not known, and its gauge is not shown. */
export type HomeState = {
  version: string;
  /** Epoch ms. */
  upSince: number;
  /** By the name of their function. */
  openExecutions?: Record<string, number>;
  invocationsInFlight?: number;
  /** How long ago the oldest timer that has not fired was due, in ms; 0 where none is. */
  timerLateMs?: number;
  mrs?: { inFlight: number; /** By rank. */ waiting: Record<string, number> };
  store?: { bytes: number; /** Whether it takes writes. */ works: boolean };
  clock?: 'right' | 'behind' | 'jumped';
  paused?: boolean | 'unreadable';
  /** When cleanup last ran to its end, epoch ms. */
  cleanupRanAt?: number;
};

/** Makes the gauges in `registry`; what it returns sets them to a state. */
export function createGauges(registry: Registry): (state: HomeState) => void {
  const gauge = (name: string, help: string, label?: string) => {
    const one = new Gauge({ name: `${PREFIX}${name}`, help, labelNames: label === undefined ? [] : [label], registers: [registry] });
    const clear = (): void => {
      one.reset();
      if (label === undefined) one.remove(); // it has been set to 0, which may mean trouble
    };
    clear();
    return (values: Record<string, number> | number | undefined): void => {
      clear();
      if (typeof values === 'number') one.set(values);
      else for (const [value, at] of Object.entries(values ?? {})) one.set({ [label ?? '']: value }, at);
    };
  };
  const set = {
    info: gauge('build_info', 'The version that runs', 'version'),
    upSince: gauge('up_since_timestamp_seconds', 'When this process began to serve'),
    openExecutions: gauge('open_executions', 'Executions that have not ended', 'function'),
    invocationsInFlight: gauge('invocations_in_flight', 'Invocations that run now, or wait together for one list of jobs'),
    timerLate: gauge('timer_lateness_seconds', 'How long ago the oldest timer that has not fired was due'),
    mrsInFlight: gauge('mrs_requests_in_flight', 'Requests to MRS and IAM that wait for their answer'),
    mrsWaiting: gauge('mrs_requests_waiting', 'Requests to MRS that wait for one of the places', 'rank'),
    storeBytes: gauge('store_bytes', 'Size of the store'),
    storeWorks: gauge('store_works', '1 while the store takes writes'),
    clockTrouble: gauge('clock_trouble', '1 while the clock on the wall is behind what the store has seen, or has jumped', 'state'),
    paused: gauge('paused', '1 while the off switch is on, or cannot be read and counts as on'),
    pausedUnreadable: gauge('paused_unreadable', '1 while the off switch cannot be read'),
    cleanupRanAt: gauge('cleanup_last_run_timestamp_seconds', 'When cleanup last ran to its end in this process'),
  };
  return ({ version, upSince, openExecutions, invocationsInFlight, timerLateMs, mrs, store, clock, paused, cleanupRanAt }) => {
    set.info({ [version]: 1 });
    set.upSince(upSince / 1_000);
    set.openExecutions(openExecutions);
    set.invocationsInFlight(invocationsInFlight);
    set.timerLate(inSeconds(timerLateMs));
    set.mrsInFlight(mrs?.inFlight);
    set.mrsWaiting(mrs?.waiting);
    set.storeBytes(store?.bytes);
    set.storeWorks(store && Number(store.works));
    set.clockTrouble(clock && { behind: Number(clock === 'behind'), jumped: Number(clock === 'jumped') });
    set.paused(paused === undefined ? undefined : Number(paused !== false));
    set.pausedUnreadable(paused === undefined ? undefined : Number(paused === 'unreadable'));
    set.cleanupRanAt(inSeconds(cleanupRanAt));
  };
}

function inSeconds(ms: number | undefined): number | undefined {
  return ms === undefined ? undefined : ms / 1_000;
}
