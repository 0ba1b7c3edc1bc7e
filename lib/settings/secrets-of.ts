import type { FunctionName } from './calls-mrs.ts';

/** Who we are to MRS: one of three ways, each with a secret. */
const MRS = ['HW_ACCESS_KEY', 'HW_SECRET_KEY', 'HW_SECURITY_TOKEN', 'HW_USER_NAME', 'HW_USER_PASSWORD', 'HW_DOMAIN_NAME'] as const;
const SENDERS = ['ALERT_TOKENS', 'GRAFANA_HMAC_SECRET', 'PAGERDUTY_SECRET'] as const;

/** A setting that holds a secret, or belongs to one. */
export type SecretSetting = (typeof MRS)[number] | (typeof SENDERS)[number] | 'SLACK_SIGNING_SECRET' | 'SLACK_BOT_TOKEN' | 'API_TOKENS';

/**
 * Which of the settings that hold a secret each function of the AWS home reads. It gets no other one: serverless.yml makes its
 * environment of this table and its right to read parameters, and of what it does not get nothing is required. The own home is one
 * process and reads all.
 */
export const SECRETS_OF: Readonly<Record<FunctionName, readonly SecretSetting[]>> = {
  // GET /health checks every setting, and says which triggers are on.
  api: [...MRS, 'SLACK_SIGNING_SECRET', 'SLACK_BOT_TOKEN', 'API_TOKENS', ...SENDERS],
  slack: [...MRS, 'SLACK_SIGNING_SECRET', 'SLACK_BOT_TOKEN'],
  // The door asks MRS nothing: it starts kill and warn, which do.
  alerts: ['SLACK_BOT_TOKEN', ...SENDERS],
  events: ['SLACK_BOT_TOKEN'],
  cleanup: [...MRS, 'SLACK_BOT_TOKEN'],
  kill: [...MRS, 'SLACK_BOT_TOKEN'],
  warn: [...MRS, 'SLACK_BOT_TOKEN'],
};
