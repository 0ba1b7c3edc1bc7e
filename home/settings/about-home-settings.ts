import type { AboutSetting } from '../../lib/settings/about-settings.ts';
import type { HomeVariables } from './home-variables.ts';

/** The words for each setting of home-variables.ts. */
export const ABOUT_HOME_SETTINGS = {
  HOST: { meaning: 'Where it listens. A host that is not loopback needs `TLS_CERT_FILE` and `TLS_KEY_FILE`, or `BEHIND_PROXY`.' },
  PORT: { meaning: 'The port of the routes; 0 takes a free one.' },
  STORE_FILE: { meaning: 'The SQLite file in which everything is remembered, from the folder where the process is started.' },
  TLS_CERT_FILE: { meaning: 'Certificate in PEM; read again when it changes. With its key or not at all.', leftOut: 'plain HTTP' },
  TLS_KEY_FILE: { meaning: 'Key of the certificate, in PEM.', leftOut: 'plain HTTP' },
  BEHIND_PROXY: { meaning: '`true` where a proxy in front of it has TLS.' },
  CLEANUP_SCHEDULE: { meaning: 'When the cleanup rules run.', leftOut: 'by hand only: `npm run serve -- cleanup`' },
  SLACK_APP_TOKEN: { meaning: 'Slack by Socket Mode, so that no public address is needed.', leftOut: 'Slack calls the routes', isSecret: true },
  METRICS_PORT: { meaning: "Where Prometheus reads the metrics, on this machine only; 0 takes a free port.", leftOut: 'no metrics' },
  HW_METADATA_URL: { meaning: "For tests: where the agency's keys are. On this machine only.", leftOut: "the server's own" },
} as const satisfies Record<keyof typeof HomeVariables.shape, AboutSetting>;
