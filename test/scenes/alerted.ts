import type { SimulatedJob, SlackMessage } from '../simulator/simulator.ts';
import { buttonsOf } from '../simulator/slack-client.ts';
import type { WarnStage } from '../stage/warn.ts';

/** An alert of that name for a job, named by its id; what the door answered. */
export function alertOf(stage: WarnStage, alertname: string, { job_id: id }: SimulatedJob, fingerprint = 'f-1'): ReturnType<WarnStage['fire']> {
  return stage.fire({ alertname, cluster: 'analytics', mrs_job_id: id }, { fingerprint });
}

/** Plays an alert for the job `etl`, which has been running for an hour; `before` it comes, something may happen. */
export function alert(alertname: string, fields: Partial<SimulatedJob> = {}, before: (stage: WarnStage, job: SimulatedJob) => void = () => undefined) {
  return async (stage: WarnStage): Promise<SimulatedJob> => {
    const job = stage.addRunning('etl', 1, fields);
    before(stage, job);
    await alertOf(stage, alertname, job);
    return job;
  };
}

/** The newest message with buttons: one whose post was lost on the way stays a line of text. */
export function live(stage: WarnStage): SlackMessage {
  const message = stage.cards().findLast((card) => buttonsOf(card).length > 0);
  if (message === undefined) throw new Error('no message has buttons');
  return message;
}
