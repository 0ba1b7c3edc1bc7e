import { afterEach, expect, it } from '@jest/globals';
import { HOUR_MS, NOON } from '../stage/cleanup.ts';
import { APPROVER, REQUESTER } from '../stage/slack.ts';
import { tellStory } from '../stage/story.ts';
import { OWNER, rule, startWarnStage, type WarnStage, warnPolicy } from '../stage/warn.ts';

let stage: WarnStage;
afterEach(() => stage.close());

/** 2026-11-23 06:00 UTC, a Monday. */
const SIX = NOON + 18 * HOUR_MS;
const ALERTS = '\nalerts:\n  - { name: stuck, match: { alertname: Stuck }, warn: 30m, action: kill }';
const withDigest = (policy: string): string => policy.replace('people:', 'digest: "tue 06:00 UTC", people:');
const POLICY = withDigest(warnPolicy(rule('warn: 30m, keep: 3h, keepAtMost: 9h'), ALERTS));
const WITHOUT_RULE = withDigest(warnPolicy('  - { name: other, cluster: dev, match: { name: "x-*" }, action: kill }', ALERTS));

/** What happened (`>`), what people saw, and when MRS was told to kill: all of it. */
const DAY = `
07:00 channel: Cleanup • long-adhoc: 1 matched, 0 being killed, 1 warned
07:00 channel and owner: Will be killed at 07:30 unless kept: nb-anna
07:10 > the owner clicks on keep of nb-anna
07:10 channel and owner: Kept until 10:10 by its owner: nb-anna
08:00 channel: Cleanup • long-adhoc: 2 matched, 0 being killed, 1 warned, 1 left alone left alone: nb-anna (kept by the owner, until 2026-11-23 10:10)
08:00 channel: Will be killed at 08:30 unless kept: nb-bert
08:05 > who may kill clicks on kill-now of nb-bert
08:05 MRS is told to kill nb-bert
08:05 channel: Killed: nb-bert
09:00 channel: Cleanup • long-adhoc: 2 matched, 0 being killed, 1 warned, 1 left alone left alone: nb-anna (kept by the owner, until 2026-11-23 10:10)
09:00 channel: Will be killed at 09:30 unless kept: nb-cara
09:20 > nb-cara ends
09:30 channel: Already over: nb-cara
10:00 channel: Cleanup • long-adhoc: 1 matched, 0 being killed, 1 left alone left alone: nb-anna (kept by the owner, until 2026-11-23 10:10)
10:10 channel and owner: There is a newer warning below: nb-anna
10:10 channel and owner: Will be killed at 10:40 unless kept: nb-anna
10:15 > the owner clicks on keep of nb-anna
10:15 channel and owner: Kept until 13:15 by its owner: nb-anna
11:00 channel: Cleanup • long-adhoc: 1 matched, 0 being killed, 1 left alone left alone: nb-anna (kept by the owner, until 2026-11-23 13:15)
12:00 channel: Cleanup • long-adhoc: 2 matched, 0 being killed, 1 warned, 1 left alone left alone: nb-anna (kept by the owner, until 2026-11-23 13:15)
12:00 channel: Will be killed at 12:30 unless kept: nb-dora
12:10 channel: Paused by who may kill until 2026-11-23 12:55, because of the migration: nothing is killed until then, or until somebody writes /mrs resume.
12:30 channel: Refused: paused: nb-dora
13:00 channel: Cleanup • long-adhoc: 2 matched, 0 being killed, 1 warned, 1 left alone left alone: nb-anna (kept by the owner, until 2026-11-23 13:15)
13:00 channel: Will be killed at 13:30 unless kept: nb-dora
13:15 channel and owner: There is a newer warning below: nb-anna
13:15 channel and owner: Will be killed at 13:45 unless kept: nb-anna
13:20 > the owner clicks on keep of nb-anna
13:20 channel and owner: Kept until 16:20 by its owner: nb-anna
13:30 MRS is told to kill nb-dora
13:30 channel: Killed: nb-dora
14:00 channel: Cleanup • long-adhoc: 1 matched, 0 being killed, 1 left alone left alone: nb-anna (kept by the owner, until 2026-11-23 16:20)
15:00 channel: Cleanup • long-adhoc: 2 matched, 0 being killed, 1 warned, 1 left alone left alone: nb-anna (kept by the owner, until 2026-11-23 16:20)
15:00 channel: Will be killed at 15:30 unless kept: nb-emil
15:10 > a policy without the rule is deployed
15:30 channel: Refused: changed: nb-emil
15:45 > the rule is back
16:00 channel: Cleanup • long-adhoc: 2 matched, 0 being killed, 1 warned, 1 left alone left alone: nb-anna (kept by the owner, until 2026-11-23 16:20)
16:00 channel: Will be killed at 16:30 unless kept: nb-emil
16:20 channel and owner: There is a newer warning below: nb-anna
16:20 channel and owner: Will be killed at 16:50 unless kept: nb-anna
16:30 MRS is told to kill nb-emil
16:30 channel: Killed: nb-emil
16:35 > the owner clicks on keep of nb-anna, and reads: Refused: mayApprove. The job was kept for as long as its rule allows; only somebody in slack.mayApprove of policy.yml can keep it longer; this click changed nothing.
16:35 > an approver clicks on keep of nb-anna
16:35 channel and owner: Kept until 19:35 by an approver: nb-anna
17:00 channel: Cleanup • long-adhoc: 1 matched, 0 being killed, 1 left alone left alone: nb-anna (kept by an approver, until 2026-11-23 19:35)
17:10 > an alert about nb-fred is firing
17:10 channel: Will be killed at 17:40: nb-fred
17:25 > an alert about nb-fred is resolved
17:40 channel: Refused: resolved: nb-fred
17:50 > Slack is away for an hour
18:50 channel: Refused: warn: nb-gina
19:00 channel: Cleanup • long-adhoc: 2 matched, 0 being killed, 1 warned, 1 left alone left alone: nb-anna (kept by an approver, until 2026-11-23 19:35)
19:00 channel: Will be killed at 19:30 unless kept: nb-gina
19:30 MRS is told to kill nb-gina
19:30 channel: Killed: nb-gina
19:35 channel and owner: There is a newer warning below: nb-anna
19:35 channel and owner: Will be killed at 20:05 unless kept: nb-anna
20:00 channel: Cleanup • long-adhoc: 1 matched, 0 being killed, 1 already handled
20:05 MRS is told to kill nb-anna
20:05 channel and owner: Killed: nb-anna
02:00 channel: Cleanup • long-adhoc: 1 matched, 0 being killed, 1 warned
02:00 channel: Will be killed at 02:30 unless kept: nb-hugo
02:30 MRS is told to kill nb-hugo
02:30 channel: Killed: nb-hugo
06:00 channel: The week from 2026-11-17 06:00 to 2026-11-24 06:00 • 6 jobs killed • 8 jobs warned • 1 job kept • 1 job ended by itself • refused: changed 1, paused 1, resolved 1, warn 1 Most killed, by user: etl-bot 5, etl_dev 1 Most killed, by queue: default 6
`;

it('a day of a shared cluster: who was told what, who said what, and what was killed when', async () => {
  stage = await startWarnStage(POLICY);
  const story = await tellStory(stage, SIX);
  for (const name of ['etl-1', 'etl-2', 'etl-3', 'etl-4']) story.add(name, 0); // no rule means them
  story.add('nb-anna', 45, { user: 'etl_dev' });
  story.add('nb-bert', 90);
  const cara = story.add('nb-cara', 150);
  story.add('nb-dora', 330);
  story.add('nb-emil', 510);
  const fred = story.add('nb-fred', 6_000);
  story.add('nb-gina', 690);
  story.add('nb-hugo', 1_170);
  const fire = async (status: 'firing' | 'resolved'): Promise<void> => {
    story.tell(`an alert about nb-fred is ${status}`);
    await stage.fire({ alertname: 'Stuck', job_id: fred.job_id }, { status });
  };
  const deploy = (line: string, policy: string): void => {
    story.tell(line);
    stage.deploy(policy);
  };

  await story.until('07:10');
  await story.click('nb-anna', 'keep', OWNER);
  await story.until('08:05');
  await story.click('nb-bert', 'kill-now', REQUESTER);
  await story.until('09:20');
  story.tell('nb-cara ends');
  stage.simulator.endJob(cara.job_id, 'SUCCEEDED');
  await story.until('10:15');
  await story.click('nb-anna', 'keep', OWNER);
  await story.until('12:10');
  await stage.type('pause for 45m because of the migration');
  await story.until('13:20');
  await story.click('nb-anna', 'keep', OWNER);
  await story.until('15:10');
  deploy('a policy without the rule is deployed', WITHOUT_RULE);
  await story.until('15:45');
  deploy('the rule is back', POLICY);
  await story.until('16:35');
  await story.click('nb-anna', 'keep', OWNER);
  await story.click('nb-anna', 'keep', APPROVER);
  await story.until('17:10');
  await fire('firing');
  await story.until('17:25');
  await fire('resolved');
  await story.until('17:50');
  story.tell('Slack is away for an hour');
  const back = stage.now() + HOUR_MS;
  stage.simulator.fault({ on: 'slack', times: Infinity, when: () => stage.now() < back, status: 503 });
  await story.until('05:59');
  await stage.goTo(SIX + 24 * HOUR_MS);
  await stage.run({ kind: 'scheduled-digest', scheduledTime: '2026-11-24T06:00:00Z' });
  story.look();

  expect(story.told()).toEqual(DAY.trim().split('\n'));
  expect(stage.buttons().flat()).toEqual([]);
  expect(stage.simulator.killed()).toHaveLength(6);
}, 60_000); // 24 h in steps of seconds, on a machine that others use too
