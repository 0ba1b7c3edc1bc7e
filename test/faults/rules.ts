import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readFixtures } from '../alerts/fixtures.ts';
import { SENDERS } from '../alerts/senders.ts';
import { ANALYTICS_ID, PROJECT_ID } from '../simulator/client.ts';

export const PERSON = 'U012AB3CD';
export const OWNER = 'U0OWNER01';
const CHANNEL = 'C0123456789';

const CLOUDWATCH = readFileSync(join(import.meta.dirname, '../fixtures/cloudwatch/eventbridge.json'), 'utf8').replaceAll(/20\d\d-\d\d-\d\dT/g, '2026-03-01T');
/** Who sends alerts. Those of CloudWatch come as events. */
export const SOURCES = [...Object.keys(SENDERS), 'cloudwatch'];
/** The body of a source's saved alert. */
export function stuckJobOf(source: string): Buffer {
  return source === 'cloudwatch' ? Buffer.from(CLOUDWATCH) : (readFixtures(source).find(({ name }) => name === 'stuck-job')?.body ?? Buffer.from(''));
}

/** A rule of each kind, and one for the saved alert of each source. */
export const POLICY = `
dryRun: false
clusters:
  analytics: { id: ${ANALYTICS_ID}, project: ${PROJECT_ID}, region: eu-west-101 }
protected: [{ name: "billing-*" }]
limits: { percentOfRunning: 100 }
slack: { team: T0123ABCD, mayKill: [${PERSON}], channel: ${CHANNEL}, people: { etl_dev: ${OWNER} } }
alerts:
  - { match: { alertname: Stuck }, action: kill }
  - { match: { alertname: Crowd }, cluster: analytics, pick: { name: "nb-*", count: 1 }, action: kill }
  - { source: cloudwatch, match: { alarm_name: "*" }, cluster: analytics, pick: { name: etl, count: 1 }, action: kill }
${Object.entries(SENDERS).map(([source, { match }]) => `  - { source: ${source}, match: { ${match} }, cluster: analytics, pick: { name: etl, count: 1 }, action: kill }`).join('\n')}
cleanup:
  - { name: stale, cluster: analytics, match: { name: "old-*" }, olderThan: 6h, action: kill }
  - { name: owned, cluster: analytics, match: { name: "own-*" }, olderThan: 6h, warn: 30m, keep: 2h, action: kill }
`;
