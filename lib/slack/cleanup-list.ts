import { isDryRun } from '../core/dry-run.ts';
import { type Fitting, type Planned, requestOfPerson } from '../core/plan-cleanup.ts';
import { shortDuration } from '../core/time.ts';
import { type CandidateFinder, type Candidates, findCandidates } from '../cleanup/find-candidates.ts';
import { closeRefused, keyOf } from '../cleanup/run-cleanup.ts';
import { LedgerFailed } from '../ledger/port.ts';
import type { Log } from '../log/log.ts';
import type { Policy } from '../policy/policy.ts';
import { overRunning } from '../start/limits.ts';
import { startAll, type Started, type Starter } from '../start/start-all.ts';
import { CLEANUP, writeButtonValue } from './button.ts';
import { actions, linesMessage, type Message, plain, plainMessage } from './cards.ts';
import { reasonText } from './reason-text.ts';
import { code, foreign, jobAge, jobLine } from './text.ts';

/** What showing the list needs. */
export type PreviewParts = CandidateFinder & { starter: Pick<Starter, 'createId'> };
/** What starting it needs. */
export type ListParts = PreviewParts & { starter: Starter };

const MOST_LISTED = 20;
const LONGEST_LIST = 2_500; // what linesMessage shows whole
const LONGEST_WHY = 300;
const READ_FOR_MS = 10_000; // the function has 29 s

/** What the cleanup rules would kill now, with a button that asks for exactly what is listed. Nothing is started here. */
export async function previewCleanup(parts: PreviewParts): Promise<Message> {
  const now = new Date(parts.clock.wall());
  const found = await findForPerson(parts);
  if (found === undefined) return plainMessage(UNKNOWN);
  const { plan, running, unreadable } = found;
  const doomed = plan.chosen.filter(kills);
  const lines = doomed.map((planned) => `${code(planned.rule.name, 60)}: ${jobLine(planned.job)}, ${jobAge(planned.job, now)}${whatComes(planned)}${isPlayed(parts.policy)(planned) ? ', dry run' : ''}`);
  const { count, value } = fitList(parts.starter.createId(), doomed, lines);
  const over = overRunning(parts.policy.limits, doomed.slice(0, count).map(({ job }) => ({ request: { target: job } })), running);
  const list = linesMessage(headingOf(doomed), lines.slice(0, count));
  const others = [
    ...unreadable.map(({ cluster, reason }) => `cluster ${code(cluster)} could not be read: ${foreign(reason)}`),
    ...(over ? [`*${over.rule}*: ${foreign(over.reason)}`] : []),
    ...(doomed.length > count ? [`${doomed.length - count} more fit; use \`/mrs cleanup\` again when those above are over`] : []),
    ...plan.asked.map(({ rule, job }) => `${code(rule.name, 60)} ${rule.warnMs === undefined ? 'is asking about' : 'is warning of'} ${jobLine(job)} already`),
    ...plan.chosen.filter((planned) => !kills(planned)).map(({ rule, job }) => `${code(rule.name, 60)} only tells people of ${jobLine(job)}`),
    ...plan.spared.map(({ rule, job, by }) => `${code(rule.name, 60)} leaves ${jobLine(job)} alone: ${reasonText(by, LONGEST_WHY)}`),
  ];
  const rest = others.length > 0 ? linesMessage('Not on this list', others).blocks : [];
  if (value === undefined) return { ...list, blocks: [...list.blocks, ...rest] };
  const label = `${verbFor(parts.policy, doomed.slice(0, count))} ${count === 1 ? 'this job' : `these ${count} jobs`}`;
  const button = actions({ type: 'button', action_id: CLEANUP, style: 'danger', text: plain(label), value });
  return { ...list, blocks: [...list.blocks, button, ...rest] };
}

/** What becomes of a job before it is killed. */
function whatComes({ rule: { warnMs }, asks }: Planned): string {
  const asked = asks ? 'an approver will be asked' : undefined;
  if (warnMs === undefined) return asked === undefined ? '' : `, ${asked}`;
  return `, will be warned (${shortDuration(warnMs)})${asked === undefined ? '' : `, then ${asked}`}`;
}

/** How many would be killed at once, and how many people are told or asked about first. */
function headingOf(doomed: readonly Planned[]): string {
  const warned = doomed.filter(isWarned).length;
  const asked = doomed.filter((planned) => planned.asks && !isWarned(planned)).length;
  const killed = doomed.length - warned - asked;
  const others = [...(warned > 0 ? [`${warned} would be warned first`] : []), ...(asked > 0 ? [`${asked} would be asked about`] : [])];
  return [`${killed} ${killed === 1 ? 'job' : 'jobs'} would be killed by the cleanup rules`, ...others].join(', ');
}

/** What the button does to the jobs of the list. */
function verbFor(policy: Policy, doomed: readonly Planned[]): string {
  const verb = doomed.every(isWarned) ? 'warn of' : doomed.some(isWarned) ? 'kill or warn of' : 'kill';
  return doomed.every(isPlayed(policy)) ? `Dry run: would ${verb}` : `${verb.charAt(0).toUpperCase()}${verb.slice(1)}`;
}

/** As many jobs as can be shown and fit into a button: nobody clicks on what they have not seen. */
function fitList(list: string, doomed: readonly Planned[], lines: readonly string[]): { count: number; value: string | undefined } {
  let value: string | undefined;
  let count = 0;
  let length = 0;
  for (; count < Math.min(doomed.length, MOST_LISTED); count++) {
    length += (lines[count]?.length ?? 0) + 3;
    const longer = writeButtonValue({ do: 'cleanup', list, jobs: doomed.slice(0, count + 1).map(idOf) });
    if (length > LONGEST_LIST || longer === undefined) break;
    value = longer;
  }
  return { count, value };
}

/** A click on a list: whose, and in which channel. `list` names it, and stays away on one of 0.1.0. */
export type ListClick = { jobs: readonly string[]; list?: string | undefined; userId: string; channelId?: string | undefined };

/**
 * Asks in a person's name for the kill of the jobs of a list that still fit their rule and that nobody said no to or keeps; says
 * what became of it, and whether there is nothing more to click for. Of them no more than `percentOfRunning` at once; the other
 * limits are not for people. However often a person clicks on a list, it is one request for each job.
 */
export async function startListed(parts: ListParts, log: Log, { jobs, list, userId, channelId }: ListClick): Promise<{ text: string; isDone: boolean }> {
  const found = await findForPerson(parts);
  if (found === undefined) return { text: `${UNKNOWN} Nothing was started.`, isDone: false };
  const { plan, running, unreadable } = found;
  const now = parts.clock.now();
  const isListed = (fitting: Fitting): boolean => jobs.includes(idOf(fitting));
  const wanted = plan.chosen.filter((planned) => kills(planned) && isListed(planned));
  const asked = plan.asked.filter(isListed).length;
  const spared = plan.spared.filter(isListed);
  const unread = unreadable.filter(({ cluster }) => jobs.some((id) => id.startsWith(`${cluster}/`)));
  const unreadJobs = jobs.filter((id) => unread.some(({ cluster }) => id.startsWith(`${cluster}/`))).length;
  const gone = jobs.length - wanted.length - asked - spared.length - unreadJobs;

  const { starter } = parts;
  const wishes = wanted.map((planned) => {
    const request = requestOfPerson(planned, userId, { killId: starter.createId(), receivedAt: now, channel: channelId });
    return { request, deliveryKey: list === undefined ? keyOf(planned, now) : `list ${list} ${userId} ${planned.job.job_id}` };
  });
  const over = overRunning(parts.policy.limits, wishes, running);
  const started: Started[] = over ? wishes.map(() => ({ outcome: 'refused', ...over })) : await startAll(starter, wishes);
  await closeRefused(parts, started, wanted, { trigger: 'slack', requestedBy: userId, at: now });
  const count = (outcome: Started['outcome']): number => started.filter((one) => one.outcome === outcome).length;
  const warned = started.filter((one, index) => one.outcome === 'accepted' && wishes[index]?.request.warns === true).length;
  const text = [
    `${count('accepted')} of ${jobs.length} started${warned > 0 ? `, ${warned} of them warned first` : ''}`,
    ...(count('duplicate') > 0 ? [`${count('duplicate')} asked for by this list before (for a new list use \`/mrs cleanup\`)`] : []),
    ...(asked > 0 ? [`${asked} already being asked about or warned`] : []),
    ...(gone > 0 ? [`${gone} over, or not fitting the rule any more`] : []),
    ...(spared.length > 0 ? [`${spared.length} left alone (${[...new Set(spared.map(({ by }) => reasonText(by, LONGEST_WHY)))].join('; ')})`] : []),
    ...unread.map(({ cluster, reason }) => `cluster ${code(cluster)} could not be read: ${foreign(reason)}`),
    ...(over ? [`${count('refused')} refused by ${over.rule}: ${foreign(over.reason)}`] : []),
    ...(count('failed') > 0 ? [`${count('failed')} could not be started; click again`] : []),
  ].join('; ');
  log.info('cleanup list started', { user: userId, result: text });
  return { text, isDone: count('refused') + count('failed') + unread.length === 0 };
}

const UNKNOWN = 'The ledger could not be read, so nobody knows which jobs people declined or keep. Please try again.';

/** Undefined where nobody can know what is held: then nothing may be started. */
async function findForPerson(parts: PreviewParts): Promise<Candidates | undefined> {
  try {
    return await findCandidates(parts, READ_FOR_MS, { trigger: 'slack' });
  } catch (error) {
    if (error instanceof LedgerFailed) return undefined;
    throw error;
  }
}

/** Whether a person's kill of what a rule fits is only played. */
function isPlayed(policy: Pick<Policy, 'dryRun'>): (planned: Fitting) => boolean {
  return ({ rule: { dryRun = false } }) => isDryRun(policy, { trigger: 'slack', dryRun });
}

/** Whether it is to go at all: a rule that only tells people kills nothing. */
function kills({ rule }: Fitting): boolean {
  return rule.action !== 'notify';
}

/** Whether people are told first, and can keep it. */
function isWarned({ rule: { warnMs } }: Fitting): boolean {
  return warnMs !== undefined;
}

function idOf({ job }: Fitting): string {
  return `${job.cluster}/${job.job_id}`;
}
