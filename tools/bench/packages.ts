import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { packageCopy } from '../../test/deploy/package-copy.ts';
import { propertiesOf } from '../../test/deploy/template.ts';
import { ANALYTICS_ID, PROJECT_ID } from '../../test/simulator/client.ts';

export const FUNCTIONS = ['slack', 'alerts', 'api', 'cleanup', 'events', 'kill'] as const;
export type FunctionName = (typeof FUNCTIONS)[number];

export const REQUESTER = 'U012AB3CD';
export const SIGNING_SECRET = 'signing-secret-of-the-bench';
export const API_TOKEN = 'api-token-of-the-bench-0123456789';
export const ALERT_TOKEN = 'alert-token-of-the-bench-0123456789';
export const BOT_TOKEN = 'xoxb-simulator-token';
/** A job of this name is stale for the cleanup rule, once it has run for six hours. */
export const STALE = 'nb-left-open';

const POLICY = `
dryRun: false
clusters: { analytics: { id: ${ANALYTICS_ID}, project: ${PROJECT_ID}, region: eu-west-101 } }
protected: [{ user: svc-payroll }]
limits: { perDelivery: 200, perHour: 1000, percentOfRunning: 100 }
slack: { team: T0123ABCD, mayKill: [${REQUESTER}], channel: C0123456789 }
alerts: [{ match: { alertname: MrsJobStuck }, action: kill }]
cleanup: [{ name: stale-notebooks, cluster: analytics, match: { name: "nb-*" }, olderThan: 6h, action: kill }]
`;

/** The functions as they are deployed, unpacked. */
export type Packages = {
  /** The file that exports the handler, and where the package was unpacked: far from any node_modules, as in Lambda. */
  fileOf(name: FunctionName): string;
  /** What Lambda would give it, as the template says. */
  environmentOf(name: FunctionName): Record<string, string>;
  /** Of the zip that is uploaded. */
  zippedBytes(name: FunctionName): number;
  remove(): void;
};

/** Packages the checkout, or an older one, as `npm run deploy` would, with the bench's own policy, and unpacks it. Rejects with what `serverless` said. */
export async function packageFunctions(root?: string): Promise<Packages> {
  const folder = mkdtempSync(join(tmpdir(), 'mrs-killswitch-bench-'));
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const policy = join(folder, 'policy.yml');
    writeFileSync(policy, POLICY);
    const packaged = await packageCopy('bench', {
      POLICY_FILE: policy,
      SLACK_SIGNING_SECRET: SIGNING_SECRET,
      SLACK_BOT_TOKEN: BOT_TOKEN,
      API_TOKENS: `bench:${API_TOKEN}`,
      ALERT_TOKENS: `bench:${ALERT_TOKEN}`,
    }, root);
    const zipped = new Map<FunctionName, number>();
    const environments = new Map<FunctionName, Record<string, string>>();
    for (const name of FUNCTIONS) {
      for (const [path, content] of packaged.filesOf(name)) {
        const file = join(folder, name, path);
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, content);
      }
      zipped.set(name, packaged.sizeOf(name));
      const { Variables } = propertiesOf(packaged.template, `${name.charAt(0).toUpperCase()}${name.slice(1)}LambdaFunction`)['Environment'] as { Variables: Record<string, string> };
      environments.set(name, Variables);
    }
    packaged.remove();
    return {
      fileOf: (name) => join(folder, name, 'functions', `${name}.mjs`),
      environmentOf: (name) => ({ ...environments.get(name) }),
      zippedBytes: (name) => zipped.get(name) ?? Number.NaN,
      remove,
    };
  } catch (error) {
    remove();
    throw error;
  }
}
