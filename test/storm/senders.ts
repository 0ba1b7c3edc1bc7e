import { ALERT_TOKEN } from '../simulation/doors.ts';
import { MINUTE_MS, SECOND_MS, type World } from '../simulation/world.ts';
import { makeAgenda } from './agenda.ts';

/** One alert of the storm, and when it first came, epoch ms. */
export type Alert = { number: number; jobId: string; firstAt: number };
/** What a door said; undefined where nothing came. */
export type Told = { status: number; outcome?: string | undefined; retryAfterSec?: number | undefined } | undefined;

/** Every third delivery is of an alert that came before. */
const EVERY = 3;
/** Alertmanager does not send again what was answered with 429; its next group_interval does. https://prometheus.io/docs/alerting/latest/configuration/#route */
const AFTER_429_MS = 5 * MINUTE_MS;
const AFTER_NOTHING_MS = 10 * SECOND_MS;

export type Senders = {
  alerts: Alert[];
  /** How often an answer came: `202 accepted`, `429`, `503`. */
  answers: Map<string, number>;
  /** From the first try of a delivery until it was taken, ms. */
  waitedMs: number[];
  /** How many were not taken yet. */
  left: () => number;
};

/** `count` deliveries within `stormMs`, evenly; each is sent until it is taken. */
export function beginStorm(world: World, { count, stormMs }: { count: number; stormMs: number }, { knock, addJob }: { knock: (line: string, request: { headers: Record<string, string>; body: string }) => Promise<Told>; addJob: (number: number) => string }): Senders {
  const { chance } = world;
  const alerts: Alert[] = [];
  const answers = new Map<string, number>();
  const waitedMs: number[] = [];
  let left = count;
  let begun = 0;

  const first = makeAgenda<undefined>(world, () => {
    begun += 1;
    const earlier = begun % EVERY === 0 ? alerts[chance.whole(0, alerts.length - 1)] : undefined;
    const alert = earlier ?? { number: alerts.length + 1, jobId: addJob(alerts.length + 1), firstAt: world.now() };
    if (earlier === undefined) alerts.push(alert);
    void deliver(alert, world.now());
    if (begun < count) first.add(world.startMs + Math.round((begun * stormMs) / count), undefined);
  });
  const again = makeAgenda<{ alert: Alert; firstAt: number }>(world, ({ alert, firstAt }) => void deliver(alert, firstAt));
  first.add(world.startMs, undefined);

  async function deliver(alert: Alert, firstAt: number): Promise<void> {
    const told = await knock('POST /alerts/generic', { headers: { authorization: `Bearer ${ALERT_TOKEN}` }, body: bodyOf(alert) });
    const seen = told === undefined ? 'no answer' : told.status === 202 ? `202 ${told.outcome}` : String(told.status);
    answers.set(seen, (answers.get(seen) ?? 0) + 1);
    if (told?.status === 202) {
      left -= 1;
      return void waitedMs.push(world.now() - firstAt);
    }
    const pauseMs = told === undefined ? AFTER_NOTHING_MS : told.status === 429 ? AFTER_429_MS : (told.retryAfterSec ?? 30) * SECOND_MS;
    again.add(world.now() + pauseMs + chance.whole(0, SECOND_MS), { alert, firstAt });
  }

  return { alerts, answers, waitedMs, left: () => left };
}

function bodyOf({ number, jobId }: Alert): string {
  return JSON.stringify({ id: `storm-${number}`, labels: { alertname: 'Stuck', cluster: 'analytics', mrs_job_id: jobId } });
}
