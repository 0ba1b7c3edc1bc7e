import { expect } from '@jest/globals';
import type { Fault } from '../simulator/simulator.ts';
import type { WarnStage } from '../stage/warn.ts';
import { alert, alertOf } from './alerted.ts';
import { POLICY, type Scene } from './scene.ts';
import { CLOSE, KILL, POST_2, POST_3, RECORD } from './words.ts';

const NOTHING = { posts: 0, killed: [] };
const ETL = { posts: 1, killed: ['etl'] };

/** MRS, Slack or IAM misbehaves before the alert comes. */
const faulty = (...faults: Fault[]) => alert('Stuck', {}, ({ simulator }) => faults.forEach((fault) => simulator.fault(fault)));
/** MRS takes the kill and nothing comes of it. */
const deaf: Fault = { on: 'kill', status: 202, body: '' };

async function twice(stage: WarnStage): Promise<void> {
  const job = await alert('Stuck')(stage);
  expect(await alertOf(stage, 'Stuck', job)).toMatchObject({ outcome: 'duplicate' });
}

/** What nobody is asked about. */
export const KILLS: Scene[] = [
  { name: 'an alert kills', play: alert('Stuck'), ends: ['killed'], ...ETL, runs: [`kill: begin look look-again ${KILL} ${CLOSE}`] },
  { name: 'a dry run', policy: POLICY.replace('dryRun: false', 'dryRun: true'), play: alert('Stuck'), ends: ['would-kill'], ...NOTHING, runs: [`kill: begin look look-again ${CLOSE}`] },
  { name: 'a protected job', play: alert('Stuck', { job_name: 'billing-1' }), ends: ['refused: protected'], ...NOTHING, runs: [`kill: begin look ${CLOSE}`] },
  { name: 'SparkSql, which MRS cannot stop', play: alert('Stuck', { job_type: 'SparkSql' }), ends: ['refused: SparkSql'], ...NOTHING, runs: [`kill: begin look ${CLOSE}`] },
  { name: 'paused', env: { PAUSED: 'true' }, play: alert('Stuck'), ends: ['refused: paused'], ...NOTHING, runs: ['kill: begin look end audit said report history'] },
  { name: 'over already', play: alert('Stuck', {}, ({ simulator }, { job_id: id }) => simulator.endJob(id, 'SUCCEEDED')), ends: ['already-over'], ...NOTHING, runs: [`kill: begin look ${CLOSE}`] },
  { name: 'a name that no job has', play: (stage) => stage.fire({ alertname: 'Stuck', cluster: 'analytics', job_name: 'nobody' }), ends: ['not-found'], ...NOTHING, runs: ['kill: begin look end audit said report history'] },
  {
    name: 'a name that two jobs have',
    async play(stage) {
      stage.addRunning('etl', 1);
      stage.addRunning('etl', 2);
      await stage.fire({ alertname: 'Stuck', cluster: 'analytics', job_name: 'etl' });
    },
    ends: ['ambiguous'], ...NOTHING, runs: ['kill: begin look end audit said report history'],
  },
  { name: 'an alert that no rule wants', play: alert('Other'), ends: ['refused: alerts'], ...NOTHING, runs: ['kill: say'] },
  { name: 'an alert that comes again: 409', play: twice, ends: ['killed'], ...ETL, runs: [`kill: begin look look-again ${KILL} ${CLOSE}`] },
  {
    name: 'a start whose answer was lost is sent again, the same bytes',
    play: alert('Stuck', {}, ({ lambda }) => {
      lambda.script = ({ on }) => (on === 'start' && lambda.of('start').length === 1 ? 'after-effect' : undefined);
    }),
    ends: ['killed'], ...ETL, runs: [`kill: begin look look-again ${KILL} ${CLOSE}`],
  },
  { name: 'ended by itself after the POST', play: alert('Stuck', {}, ({ simulator }, { job_id: id }) => simulator.fault({ ...deaf, when: () => (setImmediate(() => simulator.endJob(id, 'SUCCEEDED')), true) })), ends: ['finished-first'], posts: 1, killed: [], runs: [`kill: begin look look-again ${KILL} ${CLOSE}`] },
  { name: 'still running when it was followed long enough', env: { FOLLOW_TIMEOUT_SEC: '60' }, play: faulty(deaf), ends: ['still-running'], posts: 1, killed: [], runs: [`kill: begin look look-again ${KILL}×10 ${CLOSE}`] },
  { name: 'MRS too busy to kill, twice', play: faulty({ on: 'kill', status: 503, times: 2 }), ends: ['killed'], posts: 3, killed: ['etl'], runs: [`kill: begin look look-again ${RECORD} kill-1 answer-1 ${POST_2} ${POST_3} killing follow ${CLOSE}`] },
  { name: 'a kill that MRS refuses', play: faulty({ on: 'kill', status: 400, body: { error_code: '0175', error_msg: 'Failed to stop the job.' }, times: Infinity }), ends: ['failed'], posts: 2, killed: [], runs: [`kill: begin look look-again ${RECORD} kill-1 answer-1 ${POST_2} look-after-kill-3 ${CLOSE}`] },
  { name: 'a kill whose answer was lost', play: faulty({ on: 'kill', hangUp: true, thenDo: 'effect' }), ends: ['killed'], ...ETL, runs: [`kill: begin look look-again ${RECORD} kill-1 answer-1 look-after-kill-1 ${CLOSE}`] },
  { name: 'three kills without an answer', env: { FOLLOW_TIMEOUT_SEC: '60' }, play: faulty({ on: 'kill', hangUp: true, times: Infinity }), ends: ['failed'], posts: 3, killed: [], runs: [`kill: begin look look-again ${RECORD} kill-1 answer-1 ${POST_2} ${POST_3} look-after-kill-5 before-kill-4(wait) look-after-kill-6 follow×10 ${CLOSE}`] },
  { name: 'MRS away for a while', play: faulty({ on: 'job', status: 503, times: 2 }), ends: ['killed'], ...ETL, runs: [`kill: begin look look-again ${KILL} ${CLOSE}`] },
  { name: 'MRS away for good', play: faulty({ on: 'any', when: ({ path }) => path.includes('/job-executions'), status: 503, times: Infinity }), ends: ['failed'], ...NOTHING, runs: [`kill: begin look ${CLOSE}`] },
  { name: 'Slack away for three calls', play: faulty({ on: 'slack', status: 503, times: 3 }), ends: ['killed'], ...ETL, runs: [`kill: begin look look-again ${RECORD} kill-1 answer-1 killing×4 follow ${CLOSE}`] },
  { name: 'Slack away for good', play: faulty({ on: 'slack', status: 503, times: Infinity }), ends: ['killed'], ...ETL, runs: [`kill: begin look look-again ${RECORD} kill-1 answer-1 killing×5!FAILED follow end audit report×34!FAILED report-lost history`] },
];
