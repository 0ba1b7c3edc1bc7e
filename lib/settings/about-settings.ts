import type { Home } from './references.ts';
import type { Variables } from './variables.ts';

/** What is told of a setting. What it may be and what it is when left out is told by its definition, as far as that can. */
export type AboutSetting = {
  /** What it is for, in a sentence or two of Markdown. */
  meaning: string;
  /** What it may be, where its definition does not refuse anything else. */
  values?: string;
  /** What holds where it is left out. */
  leftOut?: string;
  /** A secret: it is never shown, and should be a reference (`ssm:/name`, `file:/path`). */
  isSecret?: true;
  /** The one home that reads it; left out: both. */
  home?: Home;
};

const ONE_OF_THREE = '**required**: AK/SK, an IAM user or `HW_CREDENTIALS`';
const OFF = 'the trigger is off';

/** The words for each setting of variables.ts. A file of its own, since no function needs them. */
export const ABOUT_SETTINGS = {
  HW_REGION_NAME: { meaning: 'Region of the clusters. It says which hosts are called.' },
  HW_PROJECT_ID: { meaning: "Id of the project of clusters that name none in `policy.yml`. It wins over `HW_PROJECT_NAME`.", leftOut: '`HW_PROJECT_NAME`' },
  HW_PROJECT_NAME: { meaning: 'The same by its name.', leftOut: "the region's own project" },
  HW_ACCESS_KEY: { meaning: 'AK/SK: access key of the IAM user. Each call is signed, and no IAM token is needed. AK/SK wins over all others.', leftOut: ONE_OF_THREE },
  HW_SECRET_KEY: { meaning: 'AK/SK: secret key. Both keys or none.', leftOut: ONE_OF_THREE, isSecret: true },
  HW_SECURITY_TOKEN: { meaning: 'AK/SK: only where the keys are temporary ones.', isSecret: true },
  HW_CREDENTIALS: {
    meaning: "On a Huawei Cloud server: the temporary keys of the server's agency, which are renewed by themselves. The security group has to let TCP 80 out to 169.254.0.0/16.",
    values: '`ecs`',
    leftOut: ONE_OF_THREE,
    home: 'own',
  },
  HW_USER_NAME: { meaning: 'IAM user with programmatic access, synchronised to the clusters.', leftOut: ONE_OF_THREE },
  HW_USER_PASSWORD: { meaning: 'Password of the IAM user.', leftOut: ONE_OF_THREE, isSecret: true },
  HW_DOMAIN_NAME: { meaning: 'Account that the IAM user belongs to.', leftOut: ONE_OF_THREE },
  MRS_ENDPOINT: { meaning: "Another host for MRS than the region's own. https, except on this machine.", leftOut: 'by region' },
  HW_AUTH_URL: { meaning: "Another host for IAM than the region's own. https, except on this machine.", leftOut: 'by region' },
  HW_LANGUAGE: { meaning: "Language of MRS's own messages." },
  SLACK_SIGNING_SECRET: { meaning: 'Signing secret of the Slack app; two while you rotate.', leftOut: OFF, isSecret: true },
  SLACK_BOT_TOKEN: { meaning: 'Bot token of the Slack app. Cards and reports need it.', values: 'text, begins with `xoxb-`', leftOut: 'nothing is posted', isSecret: true },
  SLACK_API_URL: { meaning: 'For tests and local starts: where the Web API is. Ends in `/api/`.' },
  API_TOKENS: { meaning: 'Tokens of REST clients, under names that the records show. Two of one name while you rotate.', leftOut: 'only own IAM tokens of callers', isSecret: true },
  API_PASS_THROUGH: { meaning: 'Whether REST clients may bring their own IAM token (`X-Auth-Token`).' },
  ALERT_TOKENS: { meaning: 'Tokens of alert senders, under names that the records show. `name@source:token` binds a token to one source.', leftOut: OFF, isSecret: true },
  GRAFANA_HMAC_SECRET: { meaning: "Secret of Grafana's signature; two while you rotate.", leftOut: 'Grafana sends a bearer token', isSecret: true },
  GRAFANA_TIMESTAMP_HEADER: { meaning: 'Header in which Grafana sends the signed time. Where it is set, the time has to be right within 5 minutes.', leftOut: 'no time is asked for' },
  PAGERDUTY_SECRET: { meaning: "Secret of PagerDuty's signature; two while you rotate.", leftOut: OFF, isSecret: true },
  SMN_TOPICS: { meaning: 'The SMN topics that are listened to, separated by commas.', leftOut: OFF },
  SMN_ENDPOINT: { meaning: "Another host for SMN's certificates than the region's own. https, except on this machine.", leftOut: 'by region' },
  PAUSED: { meaning: 'The off switch: with `true` nothing is killed. Read anew before each kill, behind a reference too. `/mrs pause` is the other switch; either one is enough.', values: '`true`, `false`, or a reference to one of them', leftOut: '`false`' },
  KILL_FUNCTION: { meaning: 'Name of the durable function that kills. `serverless.yml` sets it.', leftOut: 'set by the deployment', home: 'aws' },
  WARN_FUNCTION: { meaning: 'Name of the durable function that warns. `serverless.yml` sets it.', leftOut: 'set by the deployment', home: 'aws' },
  LEDGER_TABLE: { meaning: 'DynamoDB table of the ledger. Given at packaging, that table is used and none is made.', leftOut: '`mrs-killswitch-<stage>-ledger`, made by the deployment', home: 'aws' },
  ASK_TIMEOUT_SEC: { meaning: 'How long a question waits for its answer.' },
  FOLLOW_INTERVAL_SEC: { meaning: 'The first pause between two looks at a dying job. The pauses grow to 30 s.' },
  FOLLOW_TIMEOUT_SEC: { meaning: 'How long a dying job is looked at, before the end is `still-running`.' },
  LOG_LEVEL: { meaning: 'The least level that is logged. Audit lines are always written.', leftOut: '`info`' },
} as const satisfies Record<keyof typeof Variables.shape, AboutSetting>;
