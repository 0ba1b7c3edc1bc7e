import { createAlertRoute } from '../../lib/alerts/receive.ts';
import { http } from '../../functions/aws/http.ts';
import { createLog } from '../../lib/log/log.ts';
import { SENDERS } from '../alerts/senders.ts';
import { type AlertStage, policyOf, startAlertStage } from '../stage/alerts.ts';
import { NOON } from '../core/a-job.ts';
import { signSmn, type SmnMessage, smnHeaders, unsubscribeConfirmation } from '../simulator/smn-client.ts';
import { type Answer, ask, HANGING } from './answer.ts';

const METHODS = ['POST', 'PUT'];
const ROUTE = '/alerts/{source}';

const SOURCES = Object.keys(SENDERS);

const MIB = 1024 * 1024;

/** Every outcome in one delivery. The first two are the same alert. */
const GROUP = {
  alerts: [
    anAlert('5f1d3c2b4a596877', { alertname: 'MrsJobStuck', cluster: 'analytics', mrs_job_id: '431b135e-c090-489f-b1db-0abe3822b855' }),
    anAlert('5f1d3c2b4a596877', { alertname: 'MrsJobStuck', cluster: 'analytics', mrs_job_id: '431b135e-c090-489f-b1db-0abe3822b855' }),
    anAlert('0c5e8a9b1d2f3a47', { alertname: 'MrsJobStuck', cluster: 'elsewhere', application_id: 'application_1564622673393_0007' }),
    anAlert('1a2b3c4d5e6f7a81', { alertname: 'DiskFull' }),
    anAlert('77aa0b1c2d3e4f55', { alertname: 'MrsJobSlow', job_name: 'etl-daily' }),
    { ...anAlert('9d4e6a0f1c2b3a45', { alertname: 'MrsJobStuck' }), status: 'resolved' },
    { ...anAlert('6e7f8a9b0c1d2e3f', { alertname: 'MrsJobStuck' }), annotations: { grafana_state_reason: 'NoData' } },
    { ...anAlert('2b4a5968775f1d3c', { alertname: 'MrsJobStuck' }), startsAt: undefined },
  ],
  truncatedAlerts: 2,
};

function anAlert(fingerprint: string, labels: Record<string, string>): Record<string, unknown> {
  return { fingerprint, status: 'firing', startsAt: '2026-03-01T11:20:00Z', labels };
}

function startStage(env: Record<string, string> = {}): Promise<AlertStage> {
  const senders = Object.values(SENDERS);
  const rules = senders.map(({ match }) => `  - { match: { ${match} }, action: kill }`);
  const policy = policyOf([...rules, '  - { match: { alertname: MrsJobSlow }, action: notify }'].join('\n'), 'dryRun: false\nslack: { channel: C0123456789 }');
  return startAlertStage(policy, { ...Object.assign({}, ...senders.map((sender) => sender.env)), ...env });
}

/** Real answers of POST and PUT of every source. `examples` are the bodies of the document, by source; the first answers are theirs, in their order. */
export async function collectAlertAnswers(examples: Record<string, unknown>): Promise<Answer[]> {
  const answers: Answer[] = [];
  for (const method of METHODS) {
    const stage = await startStage();
    const unset = await startStage({ HW_REGION_NAME: '' });
    const deliver = async (body: unknown, source: string, { isProven = true, to = stage } = {}): Promise<void> => {
      const bytes = Buffer.from(typeof body === 'string' ? body : JSON.stringify(body));
      const headers = (isProven && SENDERS[source]?.prove(bytes, NOON / 1_000)) || {};
      const reply = await to.deliver(bytes, { line: `${method} /alerts/${source}`, headers, base64: true });
      answers.push({ route: `${method} ${ROUTE}`, ...reply });
    };
    try {
      for (const [source, body] of Object.entries(examples)) await deliver(source === 'smn' ? signSmn(body as SmnMessage) : body, source);
      for (const source of SOURCES) {
        await deliver('{}', source); // 400
        await deliver('a=b', source);
        await deliver(examples[source], source, { isProven: false }); // 401
        await deliver(' '.repeat(MIB + 1), source); // 413
        await deliver(examples[source], source, { to: unset }); // 500
      }
      await deliver('{}', 'unknown'); // 404
    } finally {
      await stage.close();
      await unset.close();
    }
    answers.push(...(await collectOutcomes(method)), ...(await collectSubscriptions(method)), await tooLate(method));
  }
  return answers;
}

/** The answers to GROUP; then, where Lambda starts nothing, the same and to its first alert alone. */
async function collectOutcomes(method: string): Promise<Answer[]> {
  const answers: Answer[] = [];
  const alone = { alerts: GROUP.alerts.slice(0, 1) };
  for (const { isLambdaDown, body } of [{ isLambdaDown: false, body: GROUP }, { isLambdaDown: true, body: GROUP }, { isLambdaDown: true, body: alone }]) {
    const stage = await startStage();
    if (isLambdaDown) stage.lambda.script = ({ on }) => (on === 'start' ? { status: 500, type: 'ServiceException' } : undefined);
    const sent = { line: `${method} /alerts/alertmanager`, headers: SENDERS['alertmanager']?.prove(Buffer.from(''), NOON / 1_000) ?? {} };
    answers.push({ route: `${method} ${ROUTE}`, ...(await stage.deliver(body, sent)) });
    await stage.close();
  }
  return answers;
}

/** The answers to what SMN says of its subscription; first of all while it cannot be called back. */
async function collectSubscriptions(method: string): Promise<Answer[]> {
  const stage = await startStage();
  const answers: Answer[] = [];
  stage.simulator.fault({ on: 'smn-certificate', status: 503 });
  const asked = stage.simulator.smn.subscribe();
  for (const message of [asked, asked, unsubscribeConfirmation('token-of-this-test', NOON)]) {
    const reply = await stage.deliver(message, { line: `${method} /alerts/smn`, headers: smnHeaders(message) });
    answers.push({ route: `${method} ${ROUTE}`, ...reply });
  }
  await stage.close();
  return answers;
}

async function tooLate(method: string): Promise<Answer> {
  const now = () => NOON;
  const route = createAlertRoute(() => {
    throw new Error('is not reached');
  });
  return ask(http({ log: createLog({ level: 'error', now, write: () => undefined }), clock: { now } }, route, HANGING), `${method} ${ROUTE}`, `${method} /alerts/generic`, { remainingMs: 1_050 });
}
