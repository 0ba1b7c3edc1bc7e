import { claimAnswer } from '../../lib/slack/claim-answer.ts';
import type { DurableBackend } from '../local/durable-backend.ts';
import { alert, live } from '../scenes/alerted.ts';
import { APPROVER } from '../stage/slack.ts';
import { OWNER, TOLD_AT, UP_AT, type WarnStage } from '../stage/warn.ts';

const MINUTE_MS = 60_000;

/** A run up to one of its waits, and what goes on from there on `engine`, where it is replayed. */
export type Wait = {
  name: string;
  env?: Record<string, string>;
  upTo: (stage: WarnStage) => Promise<unknown>;
  /** Brings it to its end, where it does not get there by itself. */
  goOn?: (stage: WarnStage, engine: DurableBackend, execution: string) => unknown;
  /** What it comes to. */
  outcome: string;
  posts: number;
};

/** Job ids are the same each time: executions are named by them. */
const JOB = { job_id: '7c1e0b52-2f6d-4d0e-9d3f-5b1f3a6c9e01' };

/** Nothing goes on by itself past that moment. */
const stand = (stage: WarnStage): void => stage.clock.stopAt(stage.clock.now());
/** `fault` is there at first, and the run waits because of it. */
const held = (fault: Parameters<WarnStage['simulator']['fault']>[0]) => (stage: WarnStage) => alert('Stuck', JOB, (at) => (stand(at), at.simulator.fault(fault)))(stage);
const warned = async (stage: WarnStage): Promise<void> => {
  stage.addRunning('nb-old', 9, { user: 'etl_dev', ...JOB });
  await stage.cleanAt(TOLD_AT);
};
const wake = (engine: DurableBackend): void => engine.succeedCallback(engine.callbacks()[0]?.id ?? '', 'answered');
const timeUp = (stage: WarnStage): void => stage.clock.advanceTo(UP_AT + MINUTE_MS);

export const WAITS: Wait[] = [
  {
    name: 'asking',
    upTo: alert('Asked', JOB),
    async goOn({ load, outside: { log } }, engine, name) {
      await claimAnswer(load(), { log }, { name, start: 1 }, { what: 'yes', user: APPROVER, refuse: () => undefined });
      wake(engine);
    },
    outcome: 'killed', posts: 1,
  },
  { name: 'retrying', upTo: held({ on: 'kill', status: 503 }), outcome: 'killed', posts: 2 },
  { name: 'following', upTo: held({ on: 'kill', status: 202, body: '' }), goOn: ({ simulator }) => simulator.endJob(JOB.job_id, 'SUCCEEDED'), outcome: 'finished-first', posts: 1 },
  { name: 'reporting', upTo: held({ on: 'slack', status: 503, times: 2, when: ({ body }) => body.includes('Killed') }), outcome: 'killed', posts: 1 },
  { name: 'told', upTo: (stage) => (stand(stage), alert('Told', JOB)(stage)), goOn: ({ simulator }) => simulator.endJob(JOB.job_id, 'SUCCEEDED'), outcome: 'notified', posts: 0 },
  { name: 'warned', upTo: warned, goOn: timeUp, outcome: 'warned', posts: 1 },
  {
    name: 'kept',
    async upTo(stage) {
      await warned(stage);
      await stage.clickAndRead(live(stage), 'keep', OWNER);
    },
    outcome: 'warned', posts: 0,
  },
];
