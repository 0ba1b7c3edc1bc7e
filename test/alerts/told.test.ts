import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { type AlertStage, nothingHappened, policyOf, type Reply, startAlertStage } from '../stage/alerts.ts';
import { startSlackStage } from '../stage/slack.ts';

const HOUR_MS = 3_600_000;
const RULES = '  - { match: { alertname: MrsJobStuck }, action: kill }\n  - { match: { alertname: Picks }, pick: { queue: adhoc, order: newest, count: 1 }, action: kill }';
const SLACK = 'dryRun: false\nslack: { channel: C0123456789 }';

let stage: AlertStage;
beforeEach(async () => {
  stage = await startAlertStage(policyOf(RULES, SLACK), { SLACK_BOT_TOKEN: 'xoxb-token-of-this-test' });
});
afterEach(() => stage.close());

let ids = 0;
const deliver = async (labels: Record<string, string>, id = `alert-${++ids}`): Promise<Reply> => {
  const reply = await stage.deliver({ id, labels });
  await stage.backend.idle();
  return reply;
};
const notices = (): number => stage.lambda.of('start').filter(({ executionName }) => executionName.startsWith('notice-')).length;

describe('what was refused at the door is said in the channel', () => {
  it('once an hour for each source and rule, with an example; how many there were stands in the log', async () => {
    const alerts = Array.from({ length: 12 }, (_, index) => ({ status: 'firing', labels: { alertname: `Other${index}` }, startsAt: '2026-03-01T11:50:00Z', fingerprint: `f${index}` }));
    await stage.deliver({ alerts }, { line: 'POST /alerts/alertmanager' });
    await stage.backend.idle();
    expect(stage.said).toEqual([
      'Refused: alerts. alertmanager alert Other0: no rule fits; add one under alerts: in policy.yml. More like it in the next hour are only in the log',
    ]);
    expect(stage.log()).toContainEqual(expect.objectContaining({ level: 'warn', message: 'alerts were refused', source: 'alertmanager', rule: 'alerts', alerts: 12 }));
    expect(notices()).toBe(1);

    await deliver({ alertname: 'Other' }); // another source
    await deliver({ alertname: 'MrsJobStuck' }); // another rule
    await deliver({ alertname: 'Picks' }); // the same
    await deliver({ alertname: 'MrsJobStuck', job_name: 'etl', cluster: '<!channel>' });
    await deliver({ alertname: 'YetAnother' });
    expect(stage.said.slice(1)).toEqual([
      expect.stringMatching(/^Refused: alerts\. generic alert Other: /),
      expect.stringMatching(/^Refused: target\. generic alert MrsJobStuck: the alert names no job/),
      expect.stringMatching(/^Refused: clusters\. generic alert MrsJobStuck: <!channel> is not listed/),
    ]);
    stage.clock.advanceTo(stage.clock.now() + HOUR_MS);
    await deliver({ alertname: 'OfTheNextHour' });
    expect(stage.said.at(-1)).toMatch(/^Refused: alerts\. generic alert OfTheNextHour: /);
    nothingHappened(stage);
  });

  it('and not again for a repeat: it leaves nothing new, hours later too', async () => {
    for (let hour = 0; hour < 3; hour++) {
      await deliver({ alertname: 'Other' }, 'the-same');
      stage.clock.advanceTo(stage.clock.now() + HOUR_MS);
    }
    expect([stage.said.length, notices()]).toEqual([1, 1]);
    nothingHappened(stage);
  });

  it('of a group, also what cannot be read', async () => {
    const alerts = [{ status: 'firing' }, { status: 'resolved', labels: {}, startsAt: '2026-03-01T11:50:00Z' }];
    await stage.deliver({ alerts }, { line: 'POST /alerts/alertmanager' });
    await stage.backend.idle();
    expect(stage.said).toEqual([expect.stringMatching(/^Refused: unreadable\. alertmanager alert alerts\[0\]: alerts\[0\]\.startsAt: /)]);
    nothingHappened(stage);
  });

  it('but nothing of what is accepted, resolved, ignored or repeated: no start but the kill', async () => {
    const { job_id } = stage.simulator.addJob();
    await deliver({ alertname: 'MrsJobStuck', job_id }, 'a');
    await deliver({ alertname: 'MrsJobStuck', job_id }, 'a');
    await stage.deliver({ id: 'a', status: 'resolved', labels: { alertname: 'MrsJobStuck', job_id } });
    await stage.deliver({ alert_cycle_key: '1', transition: 'No Data', tags: 'alertname:MrsJobStuck' }, { line: 'POST /alerts/datadog' });
    await stage.backend.idle();
    expect([stage.said, notices()]).toEqual([[], 0]);
  });

  it('and where that cannot be started the answer is the same, with a line in the log', async () => {
    stage.lambda.script = ({ on }) => (on === 'start' ? { status: 500, type: 'ServiceException' } : undefined);
    expect((await deliver({ alertname: 'Other' })).body.results).toMatchObject([{ outcome: 'refused', rule: 'alerts' }]);
    expect(stage.log()).toContainEqual(expect.objectContaining({ level: 'error', message: 'the channel could not be told of a refusal' }));
    stage.lambda.script = () => undefined;
    nothingHappened({ ...stage, lambda: { ...stage.lambda, of: () => [] } });
  });
});

it('without a channel nobody is told, and nothing is started for it', async () => {
  await stage.close();
  stage = await startAlertStage(policyOf(RULES));
  await deliver({ alertname: 'Other' });
  expect([stage.said, stage.lambda.of('start')]).toEqual([[], []]);
  nothingHappened(stage);
});

it('in Slack no name of a stranger calls anybody, and nothing was killed', async () => {
  const inSlack = await startSlackStage();
  try {
    expect((await inSlack.alert({ alertname: '<!channel> & <https://evil.example|here>' })).outcome).toBe('refused');
    await inSlack.idle();
    expect(inSlack.card().text).toMatch(/^Refused: alerts\. generic alert &lt;!channel&gt; &amp; &lt;https:/);
    expect(inSlack.simulator.killed()).toEqual([]);
  } finally {
    await inSlack.close();
  }
});
