import { describe, expect, it } from '@jest/globals';
import { warningLifeSec } from '../../lib/policy/warning-life.ts';
import { parsePolicy } from '../support/parse-policy.ts';

const DAY_SEC = 86_400;

/** How long an execution of functions/warn lives under a policy with these times, one rule of each kind for each. */
function lifeSec(alerts: string[], cleanup: string[] = []): number {
  const rules = {
    alerts: alerts.map((times) => `{ match: { alertname: Stuck }, action: kill, ${times} }`),
    cleanup: cleanup.map((times, index) => `{ name: rule-${index}, cluster: dev, match: { queue: adhoc }, olderThan: 6h, action: kill, ${times} }`),
  };
  const text = `{ clusters: { dev: { id: x } }, slack: { channel: C1, mayKill: [U1] }, alerts: [${rules.alerts.join()}], cleanup: [${rules.cleanup.join()}] }`;
  return warningLifeSec(parsePolicy(text, { hasBotToken: true, file: 'policy.yml' }));
}

describe('how long a warning may live', () => {
  it.each<[string, string[], string[], number]>([
    ['a day where no rule warns', ['dryRun: true'], [], DAY_SEC],
    ['the warn and a day where nobody can keep', ['warn: 30m'], [], DAY_SEC + 1_800],
    ['a keep stands for a keepAtMost that is left out', [], ['warn: 30m, keep: 2h'], DAY_SEC + 1_800 + 7_200],
    ['the longest of each, of whatever rule', ['warn: 3h, keep: 1h', 'warn: 5m'], ['warn: 30m, keep: 2h, keepAtMost: 24h'], DAY_SEC + 10_800 + DAY_SEC],
    ['the longest that a policy may say', ['warn: 14d, keep: 1d, keepAtMost: 14d'], [], 29 * DAY_SEC],
  ])('%s', (_case, alerts, cleanup, sec) => {
    expect(lifeSec(alerts, cleanup)).toBe(sec);
  });
});
