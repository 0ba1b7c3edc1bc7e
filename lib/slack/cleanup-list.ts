import { isDryRun } from '../core/decide.ts';
import { type Fitting, type Planned, requestFor } from '../core/plan-cleanup.ts';
import type { CleanupRule } from '../policy/policy.ts';
import { type CandidateFinder, findCandidates } from '../cleanup/find-candidates.ts';
import { closeRefused, keyOf } from '../cleanup/run-cleanup.ts';
import type { Log } from '../log/log.ts';
import { startAll, type Started, type Starter } from '../start/start-all.ts';
import { CLEANUP, writeButtonValue } from './button.ts';
import { linesMessage, type Message } from './cards.ts';
import { code, foreign, jobAge, jobLine } from './text.ts';

/** What showing the list needs. */
export type PreviewParts = CandidateFinder;
/** What starting it needs. */
export type ListParts = CandidateFinder & { starter: Starter };

const MOST_LISTED = 20;
const LONGEST_LIST = 2_500; // what linesMessage shows whole
const READ_FOR_MS = 10_000; // the function has 29 s

/** What the cleanup rules would kill now, with a button that starts exactly what is listed. Nothing is started here. */
export async function previewCleanup(parts: PreviewParts): Promise<Message> {
  const now = new Date(parts.clock.now());
  const { plan, unreadable } = await findCandidates(parts, READ_FOR_MS);
  const isPlayed = ({ dryRun = false }: CleanupRule): boolean => isDryRun(parts.policy, { trigger: 'cleanup', dryRun });
  const doomed = plan.chosen.filter(kills);
  const lines = doomed.map(
    ({ rule, job, asks }) => `${code(rule.name, 60)}: ${jobLine(job)}, ${jobAge(job, now)}${asks ? ', an approver is asked' : ''}${isPlayed(rule) ? ', dry run' : ''}`,
  );
  const { count, value } = fitList(doomed, lines, Math.min(MOST_LISTED, parts.policy.limits.perDelivery));
  const list = linesMessage(`${doomed.length} ${doomed.length === 1 ? 'job' : 'jobs'} would be killed by the cleanup rules`, lines.slice(0, count));
  const others = [
    ...unreadable.map(({ cluster, reason }) => `cluster ${code(cluster)} could not be read: ${foreign(reason)}`),
    ...(doomed.length > count ? [`${doomed.length - count} more fit; run this again when those above are over`] : []),
    ...plan.chosen.filter((planned) => !kills(planned)).map(({ rule, job }) => `${code(rule.name, 60)} only shows ${jobLine(job)}`),
    ...plan.spared.map(({ rule, job, by }) => `${code(rule.name, 60)} spares ${jobLine(job)}: ${foreign(by)}`),
  ];
  const rest = others.length > 0 ? linesMessage('Not on this list', others).blocks : [];
  if (value === undefined) return { ...list, blocks: [...list.blocks, ...rest] };
  const label = `${doomed.slice(0, count).every(({ rule }) => isPlayed(rule)) ? 'Play' : 'Kill'} these ${count}`;
  const button = { type: 'button', action_id: CLEANUP, style: 'danger', text: { type: 'plain_text', text: label }, value } as const;
  return { ...list, blocks: [...list.blocks, { type: 'actions', elements: [button] }, ...rest] };
}

/** As many jobs as may start at once, can be shown and fit into a button: nobody clicks on what they have not seen. */
function fitList(doomed: readonly Planned[], lines: readonly string[], most: number): { count: number; value: string | undefined } {
  let value: string | undefined;
  let count = 0;
  let length = 0;
  for (; count < Math.min(doomed.length, most); count++) {
    length += (lines[count]?.length ?? 0) + 3;
    const longer = writeButtonValue({ do: 'cleanup', jobs: doomed.slice(0, count + 1).map(idOf) });
    if (length > LONGEST_LIST || longer === undefined) break;
    value = longer;
  }
  return { count, value };
}

/**
 * Starts the jobs of a list that still fit their rule, under the limits of cleanup, and says what became of it. The hour is that
 * of now: what the scheduled run of this hour has started is a duplicate.
 */
export async function startListed(parts: ListParts, log: Log, jobs: readonly string[], userId: string): Promise<string> {
  const { plan, running, unreadable } = await findCandidates(parts, READ_FOR_MS);
  const isListed = (fitting: Fitting): boolean => jobs.includes(idOf(fitting));
  const wanted = plan.chosen.filter((planned) => kills(planned) && isListed(planned));
  const spared = plan.spared.filter(isListed);
  const unread = unreadable.filter(({ cluster }) => jobs.some((id) => id.startsWith(`${cluster}/`)));
  const unreadJobs = jobs.filter((id) => unread.some(({ cluster }) => id.startsWith(`${cluster}/`))).length;
  const gone = jobs.length - wanted.length - spared.length - unreadJobs;

  const { starter } = parts;
  const now = parts.clock.now();
  const wishes = wanted.map((planned) => {
    const request = requestFor(planned, { killId: starter.createId(), dryRun: false, receivedAt: now });
    return { request: { ...request, requestedBy: `${request.requestedBy}, by ${userId}`, person: userId }, deliveryKey: keyOf(planned, now) };
  });
  const started = await startAll(starter, wishes, running);
  await closeRefused(parts, started, wanted, { requestedBy: `cleanup, by ${userId}`, at: now });
  const count = (outcome: Started['outcome']): number => started.filter((one) => one.outcome === outcome).length;
  const refusal = started.find((one) => one.outcome === 'refused');
  const text = [
    `${count('accepted')} of ${jobs.length} started`,
    ...(count('duplicate') > 0 ? [`${count('duplicate')} handled already`] : []),
    ...(gone > 0 ? [`${gone} over, or not fitting any more`] : []),
    ...(spared.length > 0 ? [`${spared.length} spared (${[...new Set(spared.map(({ by }) => foreign(by)))].join(', ')})`] : []),
    ...unread.map(({ cluster, reason }) => `cluster ${code(cluster)} could not be read: ${foreign(reason)}`),
    ...(refusal ? [`${count('refused')} kept back by ${refusal.rule}: ${foreign(refusal.reason)}`] : []),
    ...(count('failed') > 0 ? [`${count('failed')} could not be started; click again`] : []),
  ].join('; ');
  log.info('cleanup list started', { user: userId, result: text });
  return text;
}

/** Whether it is to go at all: a rule that only tells people kills nothing. */
function kills({ rule }: Fitting): boolean {
  return rule.action !== 'notify';
}

function idOf({ job }: Fitting): string {
  return `${job.cluster}/${job.job_id}`;
}
