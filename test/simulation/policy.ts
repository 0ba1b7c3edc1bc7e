import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
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

/** A rule that warns before it kills, as it stands in the policy; without `keepMin` nobody can keep a job. */
export type WarnRule = { name: string; by: 'cleanup' | 'alert'; warnMin: number; keepMin?: number; keepAtMostMin?: number };

/** Rules that warn, and whose kills an approver has to agree to. */
export type Warned = { rules: WarnRule[]; asksFor?: string };

/** What a deployment makes of the policy: names of jobs that are protected now, and of rules that are gone. `at` is epoch ms. */
export type Deployed = { at: number; protects: readonly string[]; drops: readonly string[]; isDry: boolean };

/** What differs from one seed to the next. */
export type Limits = { perHour: number; percentOfRunning: number; picks: PickRule[]; warned?: Warned };

export const LONG_QUEUE = 'long';
export const NOTEBOOKS = 'nb-*';
export const DOOMED = 'Doomed';
/** How old a job has to be for each rule of cleanup, in minutes: the first one kills without a warning. */
export const OLDER_THAN_MIN = { ancient: 300, long: 30, notebooks: 60 } as const;
export type CleanupName = keyof typeof OLDER_THAN_MIN;

/** Who is told of whose jobs: one by herself, one in the channel of her team, one by nobody. */
export const OWNER = 'U0OWNER01';
export const TEAM_CHANNEL = 'C0TEAM0001';
export const PEOPLE: Readonly<Record<string, string>> = { ana: OWNER, kim: TEAM_CHANNEL };

const files = new Map<string, string>();
let folder: string | undefined;

/** The file of a policy that kills for real, unless a deployment says otherwise; there until all are removed. */
export function policyFile(limits: Limits, deployed?: Deployed): string {
  const text = policyText(limits, deployed);
  const known = files.get(text);
  if (known !== undefined) return known;
  folder ??= mkdtempSync(join(tmpdir(), 'simulation-'));
  const file = join(folder, `policy-${files.size}.json`);
  writeFileSync(file, JSON.stringify(parsePolicy(text, { hasBotToken: true, file: 'policy.yml' })));
  files.set(text, file);
  return file;
}

/** Of a world that is over. */
export function removePolicyFiles(): void {
  if (folder !== undefined) rmSync(folder, { recursive: true, force: true });
  folder = undefined;
  files.clear();
}

/** The deployment that holds at a moment. */
export function deployedAt(deployments: readonly Deployed[], at: number): Deployed | undefined {
  return deployments.findLast((deployed) => deployed.at <= at);
}

function policyText({ perHour, percentOfRunning, picks, warned }: Limits, { protects, drops, isDry }: Omit<Deployed, 'at'> = { protects: [], drops: [], isDry: false }): string {
  const guarded = [`{ user: ${GUARDED_USER} }`, ...protects.map((name) => `{ name: ${name} }`)];
  const asks = [...(warned?.asksFor === undefined ? [] : [`{ match: { user: ${warned.asksFor} }, who: approver }`]), '{ trigger: slack, who: requester }'];
  const people = warned ? `, people: { ${Object.entries(PEOPLE).map(([user, id]) => `${user}: ${id}`).join(', ')} }` : '';
  const rulesBy = (by: WarnRule['by']): WarnRule[] => (warned?.rules ?? []).filter((rule) => rule.by === by && !drops.includes(rule.name));
  return `
dryRun: ${isDry}
clusters: { analytics: { id: ${ANALYTICS_ID}, project: ${PROJECT_ID}, region: eu-west-101 } }
protected: [${guarded.join(', ')}]
ask: [${asks.join(', ')}]
limits: { perHour: ${perHour}, percentOfRunning: ${percentOfRunning} }
slack: { team: T0123ABCD, mayKill: [${REQUESTER}], mayApprove: [${APPROVER}], channel: ${CHANNEL}${people} }
alerts:
  - { match: { alertname: Stuck }, action: kill }
  - { match: { alertname: Slow }, action: ask }
${picks.map(pickText).join('\n')}
${rulesBy('alert').map((rule) => `  - { name: ${rule.name}, match: { alertname: ${DOOMED} }, action: kill, ${warnText(rule)} }`).join('\n')}
${warned ? cleanupText(rulesBy('cleanup'), drops) : ''}
`;
}

function cleanupText(rules: readonly WarnRule[], drops: readonly string[]): string {
  const matchOf = (name: string): string => `cluster: analytics, match: { ${name === 'notebooks' ? `name: "${NOTEBOOKS}"` : `queue: ${LONG_QUEUE}`} }, olderThan: ${OLDER_THAN_MIN[name as CleanupName]}m, action: kill`;
  const lines = [...(drops.includes('ancient') ? [] : [`{ name: ancient, ${matchOf('ancient')} }`]), ...rules.map((rule) => `{ name: ${rule.name}, ${matchOf(rule.name)}, ${warnText(rule)} }`)];
  return lines.length === 0 ? '' : `cleanup:\n${lines.map((line) => `  - ${line}`).join('\n')}`;
}

function warnText({ warnMin, keepMin, keepAtMostMin }: WarnRule): string {
  return [`warn: ${warnMin}m`, ...(keepMin === undefined ? [] : [`keep: ${keepMin}m`]), ...(keepAtMostMin === undefined ? [] : [`keepAtMost: ${keepAtMostMin}m`])].join(', ');
}

function pickText({ alertname, order, count, cooldownMin, action, askAgainHours }: PickRule): string {
  return `  - { match: { alertname: ${alertname} }, cluster: analytics, pick: { queue: ${CROWD_QUEUE}, order: ${order}, count: ${count}, cooldown: ${cooldownMin}m }, action: ${action}, askAgain: ${askAgainHours}h }`;
}
