import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ANALYTICS_ID, PROJECT_ID } from '../simulator/client.ts';
import { parsePolicy } from '../support/parse-policy.ts';

export const REQUESTER = 'U012AB3CD';
export const APPROVER = 'U045EF6GH';
export const STRANGER = 'U0STRANGER';
export const CHANNEL = 'C0123456789';
/** The user whose jobs are never killed; nor are those of whom MRS does not say that they are another's. */
export const GUARDED_USER = 'svc-payroll';
export const CROWD_QUEUE = 'crowd';

/** A rule that picks, as it stands in the policy. */
export type PickRule = { alertname: string; order: 'longest-running' | 'newest'; count: number; cooldownMin: number; action: 'kill' | 'ask' | 'notify'; askAgainHours: number };

/** What differs from one seed to the next. */
export type Limits = { perHour: number; percentOfRunning: number; picks: PickRule[] };

const files = new Map<string, string>();

/** The file of a policy that kills for real, under these limits; written once a process. */
export function policyFile(limits: Limits): string {
  const text = policyText(limits);
  const known = files.get(text);
  if (known !== undefined) return known;
  const file = join(mkdtempSync(join(tmpdir(), 'simulation-')), 'policy.json');
  writeFileSync(file, JSON.stringify(parsePolicy(text, { hasBotToken: true, file: 'policy.yml' })));
  files.set(text, file);
  return file;
}

function policyText({ perHour, percentOfRunning, picks }: Limits): string {
  return `
dryRun: false
clusters: { analytics: { id: ${ANALYTICS_ID}, project: ${PROJECT_ID}, region: eu-west-101 } }
protected: [{ user: ${GUARDED_USER} }]
ask: [{ trigger: slack, who: requester }]
limits: { perHour: ${perHour}, percentOfRunning: ${percentOfRunning} }
slack: { team: T0123ABCD, mayKill: [${REQUESTER}], mayApprove: [${APPROVER}], channel: ${CHANNEL} }
alerts:
  - { match: { alertname: Stuck }, action: kill }
  - { match: { alertname: Slow }, action: ask }
${picks.map(pickText).join('\n')}
`;
}

function pickText({ alertname, order, count, cooldownMin, action, askAgainHours }: PickRule): string {
  return `  - { match: { alertname: ${alertname} }, cluster: analytics, pick: { queue: ${CROWD_QUEUE}, order: ${order}, count: ${count}, cooldown: ${cooldownMin}m }, action: ${action}, askAgain: ${askAgainHours}h }`;
}
