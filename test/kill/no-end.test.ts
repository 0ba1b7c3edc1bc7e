import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { countedAs } from '../stage/counted.ts';
import { type DoorStage, FOREIGN_TEAM, NOBODYS, startDoorStage } from '../stage/doors.ts';
import { expectNoKill, REQUESTER, STRANGER } from '../stage/slack.ts';
import { JOBS_PATH } from '../simulator/client.ts';

let stage: DoorStage;
beforeEach(async () => {
  stage = await startDoorStage();
});
afterEach(() => stage.close());

type Act = (doors: DoorStage) => Promise<unknown>;
const STUCK = { labels: { alertname: 'Stuck', job_name: 'etl' } };

describe('has no End, and nothing was killed:', () => {
  const BAD = { authorization: 'Bearer nobody' };
  it.each<[string, Act]>([
    ['a resolved alert', (doors) => doors.fire({ ...STUCK, status: 'resolved' })],
    ['a resolved alert that no rule fits', (doors) => doors.fire({ labels: { alertname: 'Other' }, status: 'resolved' })],
    ['an alert of nobody', (doors) => doors.rest('POST /alerts/generic', { headers: BAD, body: JSON.stringify({ id: 'a', ...STUCK }) })],
    ['a command of nobody', (doors) => doors.send('/slack/command', 'text=kill+etl', { headers: {} })],
    ['a click of nobody', (doors) => doors.send('/slack/action', 'payload=%7B%7D', { headers: {} })],
    ['a REST call of nobody', (doors) => doors.kill(NOBODYS, { headers: BAD })],
    ...['jobs', 'status etl', 'history', 'clusters', 'cleanup', 'help', 'kil etl'].map((text): [string, Act] => [`/mrs ${text}`, (doors) => doors.type(text)]),
    ['/mrs jobs from another workspace', (doors) => doors.type('jobs', { team_id: FOREIGN_TEAM })],
    ['GET of a job', (doors) => doors.rest(`GET ${JOBS_PATH}/${NOBODYS}`)],
    ['GET /health', (doors) => doors.rest('GET /health')],
    ['a run of cleanup for which nothing fits', (doors) => doors.clean()],
  ])('%s', async (_, act) => {
    stage.addOld(['etl', 'billing-1']);
    await act(stage);
    await stage.idle();
    expect(stage.ends()).toEqual([]);
    expect(countedAs(stage.lines, 'Ended')).toEqual([]);
    expectNoKill(stage);
  });
});

it('a repeat of an alert, in one delivery or another, adds none to the End of the first, and nothing was killed', async () => {
  stage.addOld(['billing-1']);
  const alert = { labels: { alertname: 'Stuck', job_name: 'billing-1' }, fingerprint: 'twice' };
  await stage.fire(alert, alert);
  await stage.fire(alert);
  await stage.idle();
  expect(stage.ends()).toMatchObject([{ outcome: 'refused', rule: 'protected' }]);
  expect(countedAs(stage.lines, 'Ended')).toEqual([{ trigger: 'alerts', outcome: 'refused' }]);
  expect(countedAs(stage.lines, 'Started')).toEqual(['accepted', 'duplicate', 'duplicate'].map((outcome) => ({ trigger: 'alerts', outcome })));
  expectNoKill(stage);
});

describe("a refused click on somebody's question", () => {
  it.each<[string, string, { team?: string }, string, string]>([
    ['from another workspace', REQUESTER, { team: FOREIGN_TEAM }, 'team', 'team'],
    ['of a stranger', STRANGER, {}, 'ask', 'mayKill'],
  ])('%s ends nothing, is logged and counted, and nothing was killed', async (_, user, from, kill, decline) => {
    stage.addOld(['etl']);
    await stage.type('kill etl');
    await stage.idle();
    for (const action of ['kill', 'decline']) await stage.click(stage.card(), action, user, from);
    await stage.idle();
    expect(stage.log().filter(({ message }) => message === 'a click was refused')).toMatchObject([{ action: 'kill', user, refusal: { rule: kill } }, { action: 'decline', user, refusal: { rule: decline } }]);
    expect(countedAs(stage.lines, 'Refused')).toEqual([{ trigger: 'slack', rule: kill }, { trigger: 'slack', rule: decline }]);
    expect([stage.ends(), countedAs(stage.lines, 'Ended')]).toEqual([[], []]);
    expect(stage.backend.callbacks().map(({ open }) => open)).toEqual([true]);
    expectNoKill(stage);
  });
});
