import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { NOON } from '../core/a-job.ts';
import { type AlertStage, nothingHappened, policyOf, type Reply, startAlertStage } from '../stage/alerts.ts';

const RULES = policyOf(`
  - { source: datadog, match: { team: data, transition: "*Triggered" }, action: kill }
  - { source: datadog, match: { alert_id: "4711", yarn_cluster: "*" }, action: kill }`);

let stage: AlertStage;
beforeEach(async () => {
  stage = await startAlertStage(RULES);
  stage.simulator.addJob({ job_name: 'nightly-etl', submitted_time: NOON - 7_200_000 });
});
afterEach(() => stage.close());

/** What the payload of docs/triggers/datadog.md becomes. */
const payload = (over: Record<string, unknown> = {}): Record<string, unknown> => ({
  source: 'datadog',
  alert_id: '1234',
  alert_cycle_key: '7615320982365218735',
  aggreg_key: '9bd4ac313a4d1e8fae2482df7b77628',
  transition: 'Triggered',
  event_id: '7615320985123456789',
  date: String(NOON - 60_000),
  title: '[Triggered] nightly-etl is stuck',
  link: 'https://app.datadoghq.com/event/event?id=7615320985123456789',
  tags: 'team:data,yarn_cluster:analytics,app_name:nightly-etl',
  cluster: 'analytics',
  job_name: 'nightly-etl',
  ...over,
});
const deliver = (body: unknown): Promise<Reply> => stage.deliver(body, { line: 'POST /alerts/datadog' });
const outcomeOf = ({ body }: Reply): string | undefined => body.results?.map(({ outcome, rule }) => (rule === undefined ? outcome : `${outcome} ${rule}`)).join();

describe('an alert of Datadog', () => {
  it('is one delivery by its cycle and its transition', async () => {
    expect(outcomeOf(await deliver(payload()))).toBe('accepted');
    expect(outcomeOf(await deliver(payload({ event_id: 'another', date: String(NOON) })))).toBe('duplicate');
    expect(await stage.outcomes()).toEqual(['killed']);
    expect(outcomeOf(await deliver(payload({ alert_cycle_key: 'the next' })))).toBe('accepted');
    await stage.outcomes();
    expect(stage.simulator.kills()).toHaveLength(1);
  });

  it('that is sent again while it lasts finds its job over', async () => {
    await deliver(payload());
    expect(await stage.outcomes()).toEqual(['killed']);
    expect(outcomeOf(await deliver(payload({ transition: 'Re-Triggered' })))).toBe('accepted');
    await stage.outcomes();
    expect(stage.simulator.kills()).toHaveLength(1);
  });

  it.each(['Recovered', 'No Data Recovered', 'recovered'])('%s is ignored, and nothing was killed', async (transition) => {
    expect(outcomeOf(await deliver(payload({ transition })))).toBe('ignored');
    nothingHappened(stage);
  });

  it.each(['No Data', 'Warn'])('%s kills nothing where the rule wants it triggered', async (transition) => {
    expect(outcomeOf(await deliver(payload({ transition })))).toBe('refused alerts');
    nothingHappened(stage);
  });

  it('does not kill a job by name that was submitted after it began', async () => {
    stage.simulator.addJob({ job_name: 'newer', submitted_time: NOON - 30_000 });
    expect(outcomeOf(await deliver(payload({ job_name: 'newer' })))).toBe('accepted');
    expect(await stage.outcomes()).toEqual(['not-found']);
    expect(stage.simulator.killed()).toEqual([]);
  });

  it.each([
    ['has a tag twice with different values', 'team:data,team:web'],
    ['has its variables not filled in', '$TAGS'],
    ['has a tag without a value', 'team'],
  ])('fits no rule by a tag where it %s, and nothing was killed', async (_, tags) => {
    expect(outcomeOf(await deliver(payload({ tags })))).toBe('refused alerts');
    nothingHappened(stage);
  });

  it.each(['', ' ', '$TAGS[yarn_cluster]'])('does not fit even * by a value that is %j', async (value) => {
    expect(outcomeOf(await deliver(payload({ alert_id: '4711', tags: '', yarn_cluster: value })))).toBe('refused alerts');
    expect(outcomeOf(await deliver(payload({ alert_id: '4711', tags: `yarn_cluster:${value}` })))).toBe('refused alerts');
    nothingHappened(stage);
  });

  it('looks for its job in all clusters where the cluster was not filled in, not in one of that name', async () => {
    const { status, body } = await deliver(payload({ cluster: '$TAGS[yarn_cluster]', job_name: '$TAGS[app_name]', tags: 'team:data', application_id: 'application_1564622673393_0002' }));
    expect([status, body.results]).toEqual([202, [expect.objectContaining({ outcome: 'accepted', target: { job: 'application_1564622673393_0002' } })]]);
    expect(await stage.outcomes()).toEqual(['killed']);
  });

  it.each([
    ['alert_cycle_key', ''],
    ['alert_cycle_key', '$ALERT_CYCLE_KEY'],
    ['transition', ' '],
    ['transition', '$ALERT_TRANSITION'],
    ['transition', undefined],
  ])('with %s %j is a 400 that names it and not its value, and nothing was killed', async (field, value) => {
    const { status, body } = await deliver(payload({ [field]: value }));
    expect([status, body.error_msg]).toEqual([400, expect.stringMatching(`^${field}: `)]);
    expect(body.error_msg).not.toContain('$');
    nothingHappened(stage);
  });
});
