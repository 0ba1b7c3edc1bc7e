/** The secrets of a local start that is given none: they open a simulator, and are known to everybody. */
export const LOCAL_API_TOKEN = 'local-token-not-for-production';
export const LOCAL_ALERT_TOKEN = 'local-alert-token-not-for-production';
export const LOCAL_BOT_TOKEN = 'xoxb-local-not-for-production';
const LOCAL_SIGNING_SECRET = 'local-signing-secret-not-for-production';

/** The same as settings, for whoever has to sign as their senders do. */
export const LOCAL_PROOFS = { ALERT_TOKENS: `local:${LOCAL_ALERT_TOKEN}`, SLACK_SIGNING_SECRET: LOCAL_SIGNING_SECRET };
