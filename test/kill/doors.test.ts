import { afterEach, describe, expect, it } from '@jest/globals';
import { countedAs } from '../stage/counted.ts';
import { type DoorStage, FOREIGN_TEAM, type House, NOBODYS, RIGHTS, startDoorStage } from '../stage/doors.ts';
import { CHANNEL, expectNoKill, REQUESTER, STRANGER } from '../stage/slack.ts';
import { ANALYTICS_ID, PROJECT_ID } from '../simulator/client.ts';

const ELSEWHERE = RIGHTS.replace(' }', ', channels: [C0ALLOWED] }').replace(CHANNEL, 'C0CARDS');
const START = JSON.stringify({ do: 'start', cluster: 'analytics', jobId: NOBODYS });
const LIST = JSON.stringify({ do: 'cleanup', jobs: [`analytics/${NOBODYS}`] });

let stage: DoorStage;
afterEach(() => stage.close());

async function begin(house: House = {}): Promise<DoorStage> {
  stage = await startDoorStage(house);
  return stage;
}

type Expected = { outcome: string; rule?: string; trigger: string; requested_by: string; requests?: number };

/** Each request has its End once, as audit line and as metric. */
function expectEnds({ outcome, rule, trigger, requested_by, requests = 1 }: Expected): void {
  const end = {
    level: 'audit', trigger, requested_by, outcome, kill_id: expect.stringMatching(/^[0-9a-f-]{36}$/), policy_hash: stage.load().policyHash, end_reason: expect.stringMatching(/\w/),
    ...(rule !== undefined && { rule }),
  };
  expect(stage.ends()).toEqual(Array.from({ length: requests }, () => expect.objectContaining(end)));
  expect(new Set(stage.ends().map(({ kill_id: id }) => id)).size).toBe(requests);
  expect(countedAs(stage.lines, 'Ended')).toEqual(Array.from({ length: requests }, () => ({ trigger, outcome })));
  expect(countedAs(stage.lines, 'Refused')).toEqual(outcome === 'refused' ? Array.from({ length: requests }, () => ({ trigger, rule })) : []);
}

type Case = [what: string, house: House, act: (doors: DoorStage) => Promise<unknown>, expected: Omit<Expected, 'trigger'> & { trigger?: string }];
const stuck = { labels: { alertname: 'Stuck', job_name: 'nb-1' } };
const nb = (count: number): string[] => Array.from({ length: count }, (_, index) => `nb-${index + 1}`);

const BY_PERSON = { outcome: 'refused', requested_by: REQUESTER };
const BY_STRANGER = { outcome: 'refused', requested_by: STRANGER };
const SLACK: Case[] = [
  ['a command from another workspace', {}, (doors) => doors.type('kill nb-1', { team_id: FOREIGN_TEAM }), { ...BY_PERSON, rule: 'team' }],
  ['a command where no workspace is named', { slack: RIGHTS.replace('team: T0123ABCD, ', '') }, (doors) => doors.type('kill nb-1'), { ...BY_PERSON, rule: 'team' }],
  ['a command in a channel that is none of ours', { slack: ELSEWHERE }, (doors) => doors.type('kill nb-1'), { ...BY_PERSON, rule: 'channel' }],
  ['a command of a stranger', {}, (doors) => doors.type('kill nb-1', { user_id: STRANGER }), { ...BY_STRANGER, rule: 'mayKill' }],
  ['a command for an unlisted cluster', {}, (doors) => doors.type('kill nb-1 on production'), { ...BY_PERSON, rule: 'clusters' }],
  ["a stranger's command for an unlisted cluster", {}, (doors) => doors.type('kill nb-1 on production', { user_id: STRANGER }), { ...BY_STRANGER, rule: 'mayKill' }],
  ['a command where nobody could be asked', { env: { SLACK_BOT_TOKEN: undefined } }, (doors) => doors.type('kill nb-1'), { ...BY_PERSON, rule: 'ask' }],
  ['a start button where nobody could be asked', { env: { SLACK_BOT_TOKEN: undefined } }, (doors) => doors.press('start', START), { ...BY_PERSON, rule: 'ask' }],
  ['a start button from another workspace', {}, (doors) => doors.press('start', START, { team: FOREIGN_TEAM }), { ...BY_PERSON, rule: 'team' }],
  ['a start button in a channel that is none of ours', { slack: ELSEWHERE }, (doors) => doors.press('start', START), { ...BY_PERSON, rule: 'channel' }],
  ['a start button pressed by a stranger', {}, (doors) => doors.press('start', START, { user: STRANGER }), { ...BY_STRANGER, rule: 'mayKill' }],
  ['the list of a cleanup from another workspace', {}, (doors) => doors.press('cleanup', LIST, { team: FOREIGN_TEAM }), { ...BY_PERSON, rule: 'team' }],
  ['the list of a cleanup in a channel that is none of ours', { slack: ELSEWHERE }, (doors) => doors.press('cleanup', LIST), { ...BY_PERSON, rule: 'channel' }],
  ['the list of a cleanup pressed by a stranger', {}, (doors) => doors.press('cleanup', LIST, { user: STRANGER }), { ...BY_STRANGER, rule: 'mayKill' }],
];

const BY_ALERT = { outcome: 'refused', requested_by: 'alertmanager alert Stuck' };
const ALERT: Case[] = [
  ['an alert without a rule', {}, (doors) => doors.fire({ labels: { alertname: 'Other', job_name: 'nb-1' } }), { ...BY_ALERT, requested_by: 'alertmanager alert Other', rule: 'alerts' }],
  ['an alert without a target', {}, (doors) => doors.fire({ labels: { alertname: 'Stuck' } }), { ...BY_ALERT, rule: 'target' }],
  ['an alert of an unlisted cluster', {}, (doors) => doors.fire({ labels: { ...stuck.labels, cluster: 'production' } }), { ...BY_ALERT, rule: 'clusters' }],
  ['alerts over perDelivery, each', { more: 'limits: { perDelivery: 3 }' }, (doors) => doors.fire(...nb(4).map((job_name) => ({ labels: { ...stuck.labels, job_name } }))), { ...BY_ALERT, rule: 'perDelivery', requests: 4 }],
  ['a pick over percentOfRunning, as one', { more: 'limits: { percentOfRunning: 50 }' }, pickOfCrowd, { ...BY_ALERT, requested_by: 'alertmanager alert Crowd', rule: 'percentOfRunning' }],
];

async function pickOfCrowd(doors: DoorStage): Promise<void> {
  doors.addOld([...nb(3), 'etl', 'etl']);
  await doors.fire({ labels: { alertname: 'Crowd' } });
}

const CLEAN: Case[] = [
  ['a run over perDelivery', { more: 'limits: { perDelivery: 11, percentOfRunning: 100 }' }, (doors) => doors.clean(), { outcome: 'refused', requested_by: 'cleanup', rule: 'perDelivery' }],
  ['a run over percentOfRunning', { more: 'limits: { perDelivery: 50, percentOfRunning: 50 }' }, (doors) => doors.clean(), { outcome: 'refused', requested_by: 'cleanup', rule: 'percentOfRunning' }],
  [
    'a list that somebody pressed, over percentOfRunning', { more: 'limits: { percentOfRunning: 50 }' },
    (doors) => doors.press('cleanup', JSON.stringify({ do: 'cleanup', jobs: doors.simulator.jobs().map(({ job_id: id }) => `analytics/${id}`) })),
    { outcome: 'refused', trigger: 'slack', requested_by: REQUESTER, rule: 'percentOfRunning' },
  ],
];

const UNLISTED = `POST /v2/${PROJECT_ID}/clusters/production/job-executions/${NOBODYS}/kill`;
const BY_CLIENT = { requested_by: 'ci' };
const REST: Case[] = [
  ['an unlisted cluster', {}, (doors) => doors.rest(UNLISTED), { ...BY_CLIENT, outcome: 'refused', rule: 'clusters' }],
  ["a project that is not the cluster's", {}, (doors) => doors.rest(`POST /v2/another/clusters/${ANALYTICS_ID}/job-executions/${NOBODYS}/kill`), { ...BY_CLIENT, outcome: 'refused', rule: 'clusters' }],
  ['a job that MRS does not know', {}, (doors) => doors.kill(NOBODYS), { ...BY_CLIENT, outcome: 'not-found' }],
  ['a job that is over', {}, (doors) => doors.kill(doors.simulator.addJob({ job_state: 'FINISHED' }).job_id), { ...BY_CLIENT, outcome: 'already-over' }],
  ['a protected job', {}, (doors) => doors.kill(doors.simulator.addJob({ job_name: 'billing-1' }).job_id), { ...BY_CLIENT, outcome: 'refused', rule: 'protected' }],
  ['a job that needs approval', {}, (doors) => doors.kill(doors.simulator.addJob({ job_type: 'Flink' }).job_id), { ...BY_CLIENT, outcome: 'refused', rule: 'ask' }],
  ['a dry run', {}, (doors) => doors.kill(doors.simulator.addJob().job_id, { body: '{"dry_run":true}' }), { ...BY_CLIENT, outcome: 'would-kill' }],
  ...(['job', 'token'] as const).map((on): Case => {
    const act = (doors: DoorStage): Promise<unknown> => {
      doors.simulator.fault({ on, times: Infinity, status: 503 });
      return doors.kill(doors.simulator.addJob().job_id);
    };
    return [`trouble with ${on === 'job' ? 'MRS' : 'IAM'}`, {}, act, { ...BY_CLIENT, outcome: 'failed' }];
  }),
];

describe('has one End, on record and counted once, and nothing was killed:', () => {
  it.each(SLACK)('%s', async (_, house, act, expected) => {
    await act(await begin(house));
    await stage.idle();
    expectEnds({ ...expected, trigger: 'slack' });
    expectNoKill(stage);
  });

  it.each(ALERT)('%s', async (_, house, act, expected) => {
    await act(await begin(house));
    await stage.idle();
    expectEnds({ ...expected, trigger: 'alerts' });
    expectNoKill(stage);
  });

  it.each(CLEAN)('%s: how many jobs it would have been, and the first ten', async (_, house, act, expected) => {
    await begin(house);
    stage.addOld(nb(12));
    await act(stage);
    await stage.idle();
    expectEnds({ trigger: 'cleanup', ...expected });
    expect(stage.ends()).toMatchObject([{ end_reason: expect.stringMatching(/\(12 jobs: (?:nb-\d+ \([0-9a-f-]{36}\), ){10}…\)$/) }]);
    expectNoKill(stage);
  });

  it.each(REST)('REST: %s', async (_, house, act, expected) => {
    await act(await begin(house));
    expectEnds({ ...expected, trigger: 'api' });
    expectNoKill(stage);
  });

  it.each<[string, House, string, string]>([
    ['an alert that only tells people', {}, 'Big', 'notified'],
    ['an alert in a dry run', { more: 'dryRun: true' }, 'Stuck', 'would-kill'],
  ])('%s', async (_, house, alertname, outcome) => {
    await begin(house);
    stage.addOld(['nb-1']);
    await stage.fire({ labels: { alertname, job_name: 'nb-1' } });
    await stage.idle();
    expectEnds({ outcome, trigger: 'alerts', requested_by: `alertmanager alert ${alertname}` });
    expectNoKill(stage);
  });
});

describe('a kill has one End, on record and counted once, whoever asked:', () => {
  it.each<[string, string, (doors: DoorStage, jobId: string) => Promise<unknown>, string]>([
    ['slack', REQUESTER, async (doors) => {
      await doors.type('kill nb-1');
      await doors.idle();
      await doors.click(doors.card(), 'kill', REQUESTER);
    }, 'killed'],
    ['alerts', 'alertmanager alert Stuck', (doors) => doors.fire(stuck), 'killed'],
    ['cleanup', 'cleanup rule stale', (doors) => doors.clean(), 'killed'],
    ['api', 'ci', (doors, jobId) => doors.kill(jobId), 'accepted'],
  ])('%s', async (trigger, requested_by, act, outcome) => {
    await begin();
    const [job] = stage.addOld(['nb-1']);
    await act(stage, job?.job_id ?? '');
    await stage.idle();
    expectEnds({ outcome, trigger, requested_by });
    expect(stage.simulator.killed()).toEqual([job?.job_id]);
  });
});
