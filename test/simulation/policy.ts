import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ANALYTICS_ID, PROJECT_ID } from '../simulator/client.ts';
import { parsePolicy } from '../support/parse-policy.ts';

export const REQUESTER = 'U012AB3CD';
export const APPROVER = 'U045EF6GH';
export const STRANGER = 'U0STRANGER';
export const CHANNEL = 'C0123456789';

const files = new Map<number, string>();

/** The file of a policy that kills for real and lets so many kills an hour pass; written once a process. */
export function policyFile(perHour: number): string {
  const known = files.get(perHour);
  if (known !== undefined) return known;
  const file = join(mkdtempSync(join(tmpdir(), 'simulation-')), 'policy.json');
  writeFileSync(file, JSON.stringify(parsePolicy(policyText(perHour), { hasBotToken: true, file: 'policy.yml' })));
  files.set(perHour, file);
  return file;
}

function policyText(perHour: number): string {
  return `
dryRun: false
clusters: { analytics: { id: ${ANALYTICS_ID}, project: ${PROJECT_ID}, region: eu-west-101 } }
ask: [{ trigger: slack, who: requester }]
limits: { perHour: ${perHour} }
slack: { team: T0123ABCD, mayKill: [${REQUESTER}], mayApprove: [${APPROVER}], channel: ${CHANNEL} }
alerts:
  - { match: { alertname: Stuck }, action: kill }
  - { match: { alertname: Slow }, action: ask }
`;
}
