import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { SIMULATED_USER } from '../simulator/settings.ts';
import { startSimulator, type Simulator } from '../simulator/simulator.ts';
import { LOCAL_PROOFS } from './local-secrets.ts';
import { findStart } from './running-start.ts';
import { type LocalParts, startLocalParts } from './start.ts';

// A backend that is given: none is started, and no handler is loaded into this process.
const GIVEN = { PORT: '61873', LAMBDA_PORT: '61874', AWS_ENDPOINT_URL_LAMBDA: 'http://127.0.0.1:9' };
const NAMES = { killFunction: 'x-kill:durable', warnFunction: 'x-warn:durable', ledgerTable: 'x-ledger' };
const POLICY = `
clusters: { dev: { id: bc134369-294c-42b7-a707-b2036ba38524 } }
slack:
  { team: T0OTHER01, mayKill: [U0KILLER1], mayApprove: [W0APPROVE], channel: C0REPORTS, channels: [C0COMMAND, G0COMMAND],
    people: { etl_dev: U0678IJKL, "svc-*": C0789MNOP } }
`;

let folder: string;
let parts: LocalParts;

beforeAll(() => void (folder = mkdtempSync(join(tmpdir(), 'local-start-'))));
afterAll(() => rmSync(folder, { recursive: true }));

async function start(env: Record<string, string> = {}): Promise<void> {
  const file = join(folder, 'policy.yml');
  writeFileSync(file, POLICY);
  parts = await startLocalParts({ ...GIVEN, POLICY_FILE: file, ...env }, NAMES);
}

describe('the simulated Slack of a local start', () => {
  beforeEach(() => start());
  afterEach(() => parts.stop());

  const call = async (method: string, args: Record<string, string>): Promise<unknown> => {
    const { SLACK_API_URL: url = '', SLACK_BOT_TOKEN: token = '' } = parts.environment;
    const answer = await fetch(url + method, { method: 'POST', headers: { authorization: `Bearer ${token}` }, body: new URLSearchParams(args) });
    return answer.json();
  };

  it.each(['U0678IJKL', 'C0789MNOP', 'C0REPORTS', 'C0COMMAND', 'G0COMMAND', 'C0123456789'])('takes what is told to %s', async (channel) => {
    expect(await call('chat.postMessage', { channel, text: 'hello' })).toMatchObject({ ok: true });
  });

  it.each(['U0KILLER1', 'W0APPROVE', 'U0678IJKL', 'U0STRANGER'])('shows a note to %s alone', async (user) => {
    expect(await call('chat.postEphemeral', { channel: 'C0REPORTS', user, text: 'hello' })).toMatchObject({ ok: true });
  });

  it('takes commands that are signed with the local secret, and leaves word of where it is as long as it runs', async () => {
    expect(parts.environment).toMatchObject(LOCAL_PROOFS);
    expect(findStart(GIVEN.PORT)).toEqual({ simulatorUrl: parts.environment['MRS_ENDPOINT'], policyFile: join(folder, 'policy.yml'), team: 'T0OTHER01', channel: 'C0REPORTS', person: 'U0KILLER1' });
    await parts.stop();
    expect(findStart(GIVEN.PORT)).toBeUndefined();
    await start();
  });

  it('is the workspace of the policy, and knows nobody else', async () => {
    expect(await call('auth.test', {})).toMatchObject({ ok: true, team_id: 'T0OTHER01' });
    expect(await call('chat.postMessage', { channel: 'C0NOWHERE', text: 'hello' })).toMatchObject({ ok: false, error: 'channel_not_found' });
    expect(await call('chat.postMessage', { channel: 'C0000NOBOT', text: 'hello' })).toMatchObject({ ok: false, error: 'not_in_channel' });
  });
});

describe('a local start over a real MRS', () => {
  let mrs: Simulator;
  beforeAll(async () => void (mrs = await startSimulator({ parts: ['mrs', 'iam'] })));
  afterAll(() => mrs.close());
  afterEach(() => parts.stop());

  it('opens it to nobody by a secret that everybody knows, so that nothing is killed: any page in a browser could sign with that', async () => {
    await start({ ...SIMULATED_USER, MRS_ENDPOINT: mrs.url, HW_AUTH_URL: `${mrs.url}/v3` });
    expect(parts.environment).toHaveProperty('SLACK_API_URL');
    for (const name of ['SLACK_SIGNING_SECRET', 'API_TOKENS', 'ALERT_TOKENS']) expect(parts.environment).not.toHaveProperty(name);
  });
});

describe('what a local start says stands behind it', () => {
  let slack: Simulator;
  beforeAll(async () => void (slack = await startSimulator({ parts: ['slack'] })));
  afterAll(() => slack.close());
  afterEach(async () => {
    jest.restoreAllMocks();
    await parts.stop();
  });

  const said = (): string => {
    let text = '';
    jest.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
      text += String(chunk);
      return true;
    });
    parts.printWhatToTry();
    return text;
  };

  it('names the part that a setting names', async () => {
    await start({ SLACK_API_URL: slack.slack.apiUrl, SLACK_BOT_TOKEN: 'xoxb-simulator-token' });
    expect(said()).toContain(`mrs-killswitch is up, with a simulator behind it but for what was named: Slack is ${slack.url}. Try:`);
  });
});
