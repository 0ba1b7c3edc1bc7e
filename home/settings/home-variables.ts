import * as z from 'zod/mini';
import { isSafeProtocol } from '../../lib/http/guard.ts';
import { Secret } from '../../lib/settings/secret.ts';
import { fitting, flag } from '../../lib/settings/variables.ts';
import { isCron } from '../schedule/cron.ts';

const ipv4 = z.ipv4();
const ipv6 = z.ipv6();
const isIpv4 = (value: string): boolean => ipv4.safeParse(value).success;

const path = fitting((value) => (/\S/.test(value) && !value.includes('\0') ? value : undefined), 'has to be the path of a file');
const tlsFile = z.optional(z.pipe(path, fitting((value) => (value.trimStart().startsWith('file:') ? undefined : value), 'has to be the path itself, without file:')));
const port = fitting((value) => (/^\d{1,5}$/.test(value) && Number(value) <= 65_535 ? Number(value) : undefined), 'has to be a port: 0 to 65535');
const host = fitting((value) => (isIpv4(value) || ipv6.safeParse(value).success || isHostName(value) ? value : undefined), 'has to be an IP address or a host name of this machine, without a port');

const schedule = z.pipe(z.string(), z.transform((value, { issues }) => {
  const problem = scheduleProblem(value.trim());
  if (problem === undefined) return value.trim();
  issues.push({ code: 'custom', input: undefined, message: problem });
  return z.NEVER;
}));

// https://docs.slack.dev/authentication/tokens#app-level
const appToken = fitting((value) => (/^xapp-[\x21-\x7e]{8,}$/.test(value.trim()) ? new Secret(value.trim()) : undefined), 'has to be the app-level token of the Slack app as a whole, which begins with xapp-');

/** From the folder in which the process is started; who asks the owner of the store looks there too. */
export const DEFAULT_STORE_FILE = 'data/killswitch.sqlite';

/** Each environment variable that only the own home reads. */
export const HomeVariables = z.object({
  HOST: z._default(host, '127.0.0.1'),
  PORT: z._default(port, 3_000),
  STORE_FILE: z._default(path, DEFAULT_STORE_FILE),
  TLS_CERT_FILE: tlsFile,
  TLS_KEY_FILE: tlsFile,
  BEHIND_PROXY: z._default(flag, 'false'),
  CLEANUP_SCHEDULE: z.optional(schedule),
  SLACK_APP_TOKEN: z.optional(appToken),
  METRICS_PORT: z.optional(port),
  // Loopback only: whoever could point it elsewhere would choose in whose name we call MRS.
  HW_METADATA_URL: z.optional(fitting(loopbackOrigin, 'is for tests: has to be http:// and a port of this machine, such as http://127.0.0.1:4010')),
});

/** Whether what listens on `host` is reached from this machine only. */
export function isLoopbackHost(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIpv4(host) && host.startsWith('127.'));
}

// Not what looks like an IPv4 address and is none.
function isHostName(value: string): boolean {
  return /^(?=.{1,253}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/i.test(value) && !/^[\d.]+$/.test(value);
}

/** EventBridge's words serve on AWS; here it is cron's five fields, in UTC. */
function scheduleProblem(value: string): string | undefined {
  const [, kind] = /^(rate|cron)\s*\(/i.exec(value) ?? [];
  if (kind?.toLowerCase() === 'rate') return 'rate(…) is for AWS; here write five fields of cron in UTC, such as "0 * * * *" for each hour or "*/15 * * * *" for every 15 minutes';
  if (kind !== undefined) return 'cron(…) with six fields is for AWS; here write five fields of cron in UTC without brackets: minute, hour, day, month, weekday, such as "30 6 * * 1-5"';
  return isCron(value) ? undefined : 'has to be five fields of cron in UTC: minute, hour, day, month, weekday, such as "0 * * * *"';
}

function loopbackOrigin(value: string): string | undefined {
  const url = URL.parse(value);
  return url !== null && url.protocol === 'http:' && isSafeProtocol(url) && url.href === `${url.origin}/` ? url.origin : undefined;
}
