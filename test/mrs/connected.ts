import type { Clock } from '../../lib/core/time.ts';
import type { CallBudget } from '../../lib/http/retry.ts';
import { openSend } from '../../lib/http/send.ts';
import type { Cluster } from '../../lib/mrs/cluster.ts';
import { connectMrs, type MrsConnection } from '../../lib/mrs/connect.ts';
import type { Mrs } from '../../lib/mrs/mrs.ts';
import { readSettings } from '../../lib/settings/settings.ts';
import { ANALYTICS_ID, PROJECT_ID } from '../simulator/client.ts';

/** The simulator's first cluster, its project known by name only, as by default settings. */
export const ANALYTICS: Cluster = { name: 'analytics', id: ANALYTICS_ID, region: 'eu-west-101', project: { name: 'eu-west-101' } };
export const DEV: Cluster = { ...ANALYTICS, name: 'dev', id: 'bc134369-294c-42b7-a707-b2036ba38524', project: { id: PROJECT_ID } };

/** A minute of retries: nothing to wait for on a fake clock. */
export const A_MINUTE: CallBudget = { retryForMs: 60_000 };
/** One try. */
export const ONCE: CallBudget = { retryForMs: 0 };

/** The simulator's key pair, as settings. */
export const KEYS = { HW_ACCESS_KEY: 'SIMULATORACCESSKEY', HW_SECRET_KEY: 'simulator-secret-key' };

/** The keys of the server's agency, as settings. */
export const AGENCY = { HW_CREDENTIALS: 'ecs' };

export type Keys = { HW_CREDENTIALS?: string; HW_ACCESS_KEY?: string; HW_SECRET_KEY?: string; HW_SECURITY_TOKEN?: string };

/** MRS and IAM at the given addresses, connected as the functions do it. */
export function connect(
  { mrs, iam = mrs, metadata = mrs }: { mrs: string; iam?: string; metadata?: string },
  clock: Clock,
  { password = 'simulator-password', language = 'en-us', keys = {}, ...more }: { password?: string; language?: string; keys?: Keys } & Partial<Pick<Parameters<typeof connectMrs>[0], 'openSend' | 'forMany'>> = {},
): MrsConnection & { mrs: Mrs } {
  const settings = readSettings({
    HW_REGION_NAME: 'eu-west-101',
    HW_USER_NAME: 'killswitch',
    HW_USER_PASSWORD: password,
    HW_DOMAIN_NAME: 'simulator',
    ...keys,
    HW_LANGUAGE: language,
    MRS_ENDPOINT: mrs,
    HW_AUTH_URL: iam,
  }, 'own');
  const connection = connectMrs({ settings, clusters: [ANALYTICS, DEV], clock, openSend, ...more, metadataUrl: metadata });
  return { ...connection, mrs: connection.mrsAs(connection.credentials) };
}
