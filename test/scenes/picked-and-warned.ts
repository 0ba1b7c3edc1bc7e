import { REQUESTER } from '../stage/slack.ts';
import { OWNER, rule, TOLD_AT, UP_AT, warnPolicy, type WarnStage } from '../stage/warn.ts';
import { alert, live } from './alerted.ts';
import { POLICY, type Scene } from './scene.ts';
import { CLOSE, HELD, KEPT, KILL, RELEASE, TIME_UP, UNDER_WAY, WARNED } from './words.ts';

const MINUTE_MS = 60_000;
const NOTHING = { posts: 0, killed: [] };

async function memory(stage: WarnStage): Promise<void> {
  for (const hours of [1, 2, 3, 4, 5]) stage.addRunning(`job-${hours}`, hours, { queue: 'adhoc' });
  await stage.fire({ alertname: 'Memory' }, { fingerprint: 'f-1' });
}

/** Cleanup warns of the job of the owner; then `acts`. */
const warned = (...acts: ((stage: WarnStage) => unknown)[]) => async (stage: WarnStage): Promise<void> => {
  stage.addRunning('nb-old', 9, { user: 'etl_dev' });
  await stage.cleanAt(TOLD_AT);
  for (const act of acts) await act(stage);
};
const keep = (stage: WarnStage): Promise<string[]> => stage.clickAndRead(live(stage), 'keep', OWNER);
const up = (stage: WarnStage): Promise<void> => stage.goTo(UP_AT + 5 * MINUTE_MS);

/** What hands on to others: a pick to its children, a warning to what comes after it. */
export const HANDED_ON: Scene[] = [
  {
    name: 'a pick of two',
    play: memory,
    ends: ['killed', 'killed'], posts: 2, killed: ['job-4', 'job-5'],
    runs: [
      'kill: begin turn choose choice cooldown start picked',
      `kill: begin look look-again ${KILL} ${CLOSE}`,
      `kill: begin look look-again ${KILL} ${CLOSE}`,
    ],
  },
  {
    name: 'a second alert that means the same pick',
    play: async (stage) => (await memory(stage), stage.fire({ alertname: 'Memory' }, { fingerprint: 'f-2' })),
    ends: ['killed', 'killed', 'refused: repeat'], posts: 2, killed: ['job-4', 'job-5'],
    runs: [
      'kill: begin turn choose choice cooldown start picked',
      `kill: begin look look-again ${KILL} ${CLOSE}`,
      `kill: begin look look-again ${KILL} ${CLOSE}`,
      'kill: begin turn end audit history',
    ],
  },
  { name: 'a pick that finds nothing', play: (stage) => stage.fire({ alertname: 'Memory' }), ends: ['not-found'], ...NOTHING, runs: ['kill: begin turn choose give-back end audit said report history'] },
  {
    name: 'warned, and nobody keeps it',
    play: warned(up),
    ends: ['killed'], posts: 1, killed: ['nb-old'],
    runs: [
      `warn: ${WARNED} left ${TIME_UP}`,
      `kill: ${UNDER_WAY} ${KILL} ${RELEASE}`,
    ],
  },
  { name: 'warned, and kept', play: warned(keep, up), ends: [], ...NOTHING, runs: [`warn: ${WARNED} left ${KEPT} kept!PENDING`] },
  {
    name: 'warned, kept, warned again and killed',
    play: warned(keep, (stage) => stage.goTo(TOLD_AT + 160 * MINUTE_MS)),
    ends: ['killed'], posts: 1, killed: ['nb-old'],
    runs: [
      `warn: ${WARNED} left ${KEPT} kept×2 handed hand-on`,
      `warn: ${WARNED} cards-before newer-1 newer-2 left ${TIME_UP}`,
      `kill: ${UNDER_WAY} ${KILL} end release-warning audit report report-2 report-3 report-4 history`,
    ],
  },
  {
    name: 'warned, and killed now',
    play: warned((stage) => stage.clickAndRead(live(stage), 'kill-now', REQUESTER), (stage) => stage.goTo(TOLD_AT + MINUTE_MS)),
    ends: ['killed'], posts: 1, killed: ['nb-old'],
    runs: [
      `warn: ${WARNED} left click(callback) callback answer handed hand-on`,
      `kill: ${UNDER_WAY} record audit-before kill-1 answer-1 killing follow ${RELEASE}`,
    ],
  },
  {
    name: 'warned by an alert that is resolved',
    play: async (stage) => {
      const { job_id: id } = await alert('Warned')(stage);
      await stage.goTo(stage.now() + 10 * MINUTE_MS);
      await stage.fire({ alertname: 'Warned', cluster: 'analytics', mrs_job_id: id }, { status: 'resolved' });
      await stage.goTo(stage.now() + 25 * MINUTE_MS);
    },
    ends: ['refused: resolved'], ...NOTHING,
    runs: [
      `warn: begin look hold-warning job stand audit-warned left ${TIME_UP}`,
      'kill: begin warning-cards look end release-warning audit report history',
    ],
  },
  {
    name: 'warned, and the rule is gone',
    play: warned((stage) => stage.deploy(warnPolicy('  - { name: other, cluster: analytics, match: { name: "x" }, olderThan: 6h, action: kill }')), up),
    ends: ['refused: changed'], ...NOTHING,
    runs: [
      `warn: ${WARNED} left ${TIME_UP}`,
      `kill: begin warning-cards look ${RELEASE}`,
    ],
  },
  { name: 'warned in a dry run', policy: POLICY.replace('dryRun: false', 'dryRun: true'), play: warned(up), ends: ['would-kill'], ...NOTHING, runs: ['warn: begin look hold job stand audit-warned dry×2 look-again cards-at-end end settle release-warning audit report history'] },
  {
    name: 'warned, and Slack away all the while',
    policy: warnPolicy(rule('warn: 5m, keep: 2h')),
    play: async (stage) => {
      stage.simulator.fault({ on: 'slack', status: 503, times: Infinity });
      await warned((at) => at.goTo(TOLD_AT + 6 * MINUTE_MS))(stage);
    },
    ends: ['refused: warn'], ...NOTHING,
    runs: ['warn: begin look hold-warning job stand×15 cards-at-end end release-warning cards-again audit said report×5!PENDING'],
  },
];

/** What the engine ends, and events say so. */
const tellEnd = async (stage: WarnStage): Promise<void> => {
  await stage.event(stage.statusEvents.at(-1));
  await stage.goTo(stage.now() + 5 * MINUTE_MS);
};
export const BROKEN_OFF: Scene[] = [
  {
    name: 'stopped while it asks',
    needs: ['stop'],
    play: async (stage) => {
      await alert('Asked')(stage);
      stage.backend.stop(stage.backend.list({})[0]?.arn ?? '', { ErrorType: 'Stopped', ErrorMessage: 'wrong cluster' });
      await tellEnd(stage);
    },
    ends: ['failed'], ...NOTHING,
    runs: [
      `kill: ${HELD}!STARTED card`,
      `kill: begin ${CLOSE} sweep(wait) cards report-100`,
    ],
  },
  {
    name: 'its time is up while it asks',
    needs: ['the life of an execution'],
    durable: { executionTimeoutSec: 600 },
    play: async (stage) => {
      await alert('Asked')(stage);
      await stage.goTo(stage.now() + 11 * MINUTE_MS);
      await tellEnd(stage);
    },
    ends: ['failed'], ...NOTHING,
    runs: [
      `kill: ${HELD}!STARTED card`,
      `kill: begin ${CLOSE} sweep(wait) cards report-100`,
    ],
  },
];
