import type { Plot } from './plot.ts';
import type { PickRule } from './policy.ts';
import { keepSending, type SentAlert, type Stage } from './sender.ts';
import { HOUR_MS, MINUTE_MS, SECOND_MS } from './world.ts';

/** So long what was picked for an occurrence holds. */
const HOLDS_FOR_MS = 14 * 24 * HOUR_MS;

/**
 * One cycle of a monitor of Datadog that speaks again and again, under another name each time: minutes later, hours later, or when
 * nobody thinks of it any more. https://docs.datadoghq.com/monitors/notify/#renotify
 */
export function cycle(stage: Stage, plot: Plot, rule: PickRule): void {
  const { world } = stage;
  const { chance } = world;
  const occurrence = `${rule.alertname}-cycle`;
  const from = world.now() + chance.whole(0, 120) * MINUTE_MS;
  let at = from;
  for (const transition of ['Triggered', ...chance.one([['Renotify'], ['Re-Triggered'], ['Re-Triggered', 'Renotify'], ['Renotify', 'Re-Triggered']])]) {
    const endsAt = at + chance.one([2 * MINUTE_MS, chance.whole(2, 60) * MINUTE_MS]);
    const alert: SentAlert = { key: `${occurrence}-${transition}`, id: occurrence, occurrence, transition, alertname: rule.alertname, by: 'pick', rule, startsAt: at, endsAt };
    plot.alerts.push(alert);
    void keepSending(stage, alert, at + chance.whole(1, 60) * SECOND_MS);
    at = endsAt + chance.one([chance.whole(1, 30) * MINUTE_MS, chance.whole(20, 300) * MINUTE_MS, chance.whole(1, 160) * 2 * HOUR_MS]);
    if (at > from + HOLDS_FOR_MS - 2 * HOUR_MS) return;
  }
}
