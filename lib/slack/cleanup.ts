import { isDryRun } from '../core/decide.ts';
import { type Planned, requestFor } from '../core/plan-cleanup.ts';
import { findCandidates } from '../cleanup/find-candidates.ts';
import { keyOf } from '../cleanup/run.ts';
import { createStarter } from '../kill/create-starter.ts';
import { startAll, type Started } from '../kill/start-all.ts';
import type { Killswitch } from '../load.ts';
import type { Log } from '../log.ts';
import { CLEANUP, writeButtonValue } from './button.ts';
import type { Message } from './cards.ts';
import { linesMessage } from './lines.ts';
import { code, foreign, jobAge, jobLine } from './text.ts';

const MOST_LISTED = 20;

/** What the cleanup rules would kill now, with a button that starts exactly what is listed. Nothing is started here. */
export async function previewCleanup(parts: Killswitch): Promise<Message> {
  const now = new Date(parts.clock.now());
  const { plan, unreadable } = await findCandidates(parts);
  const listed = plan.chosen.slice(0, MOST_LISTED);
  const isPlayed = isDryRun(parts.policy, { trigger: 'cleanup', dryRun: false });
  const lines = [
    ...listed.map(({ rule, job }) => `${code(rule.name, 60)}: ${jobLine(job)}, ${jobAge(job, now)}`),
    ...(plan.chosen.length > listed.length ? [`${plan.chosen.length - listed.length} more fit and are not on this list`] : []),
    ...plan.spared.map(({ rule, job, by }) => `${code(rule.name, 60)} spares ${jobLine(job)}: ${foreign(by)}`),
    ...unreadable.map(({ cluster, reason }) => `cluster ${code(cluster)} could not be read: ${foreign(reason)}`),
  ];
  const heading = `${plan.chosen.length} ${plan.chosen.length === 1 ? 'job' : 'jobs'} would be killed by the cleanup rules${isPlayed ? ' (dry run)' : ''}`;
  const message = linesMessage(heading, lines);
  const value = listed.length === 0 ? undefined : writeButtonValue({ do: 'cleanup', jobs: listed.map(idOf) });
  if (value === undefined) return message;
  const label = isPlayed ? `Play these ${listed.length}` : `Kill these ${listed.length}`;
  const button = { type: 'button', action_id: CLEANUP, style: 'danger', text: { type: 'plain_text', text: label }, value } as const;
  return { ...message, blocks: [...message.blocks, { type: 'actions', elements: [button] }] };
}

/**
 * Starts the jobs of a list that still fit their rule, under the limits of cleanup, and says what became of it. The hour is that
 * of now: what the scheduled run of this hour has started is a duplicate.
 */
export async function startListed(parts: Killswitch, log: Log, jobs: readonly string[], userId: string): Promise<string> {
  const { plan, running } = await findCandidates(parts);
  const wanted = plan.chosen.filter((planned) => jobs.includes(idOf(planned)));
  const starter = createStarter(parts, log);
  const now = parts.clock.now();
  const wishes = wanted.map((planned) => {
    const request = requestFor(planned, { killId: starter.createId(), dryRun: false, receivedAt: now });
    return { request: { ...request, requestedBy: `${request.requestedBy}, by ${userId}` }, deliveryKey: keyOf(planned, now) };
  });
  const started = await startAll(starter, wishes, running);
  const count = (outcome: Started['outcome']): number => started.filter((one) => one.outcome === outcome).length;
  const refusal = started.find((one) => one.outcome === 'refused');
  return [
    `${count('accepted')} of ${jobs.length} started`,
    ...(count('duplicate') > 0 ? [`${count('duplicate')} are handled already`] : []),
    ...(jobs.length > wanted.length ? [`${jobs.length - wanted.length} do not fit any more`] : []),
    ...(refusal ? [`${count('refused')} kept back by ${refusal.rule}: ${foreign(refusal.reason)}`] : []),
    ...(count('failed') > 0 ? [`${count('failed')} could not be started; click again`] : []),
  ].join('; ');
}

function idOf({ job }: Planned): string {
  return `${job.cluster}/${job.job_id}`;
}
