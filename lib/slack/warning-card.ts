import type { ActionsBlock, Button } from '@slack/types';
import type { View, Warned } from '../core/report.ts';
import type { Requested } from '../core/request.ts';
import { formatDuration, shortDuration } from '../core/time.ts';
import { keepLength } from '../core/warned-rule.ts';
import { approversText, background } from './background.ts';
import { KEEP, KILL_NOW, writeButtonValue } from './button.ts';
import { actions, facts, type Message, plain, section } from './cards.ts';
import { code, isChannel, jobLine, momentFrom, owner, person } from './text.ts';

type WarningView = Extract<View, { stage: 'warn' | 'kept' | 'handed-on' }>;

/** The message of a warning, in the channel or with the owner, from its first word until the next request writes on it. */
export function warningCard(request: Requested, view: WarningView, now: Date): Message {
  const title = warningTitle(view, now);
  // Cleanup's rules ask in their own name, which stands there anyway.
  const rule = request.policyRule === undefined || request.trigger === 'cleanup' ? [] : [`rule ${code(request.policyRule, 60)}`];
  return {
    text: `${title}: ${jobLine(view.job)}`,
    blocks: [section(`*${title}*`), facts(view.job, now), background(request, ...detailsOf(view), ...rule), ...(view.stage === 'warn' ? warningButtons(view) : [])],
  };
}

/** What holds of a warned job, in a few words. */
export function warningTitle(view: WarningView, now: Date): string {
  switch (view.stage) {
    case 'warn':
      return warnedTitle(view, now);
    case 'kept':
      return `Kept until ${momentFrom(view.until, now)} by ${view.isOwner ? 'its owner' : person(view.by)}`;
    case 'handed-on':
      return view.to === 'kill' ? 'The kill is on its way' : 'There is a newer warning below';
  }
}

function warnedTitle({ until, warnMs, keepMs, dryRun }: Warned, now: Date): string {
  // A card that is not live yet promises no minute, since its time counts from when its buttons stand; but it is what a phone shows.
  const soon = warnMs === undefined ? '' : ` in about ${formatDuration(warnMs)}`;
  const at = until === undefined ? soon : ` at ${momentFrom(until, now)}`;
  return dryRun ? `Dry run: would be killed${at}` : `Will be killed${at}${keepMs === undefined ? '' : ' unless kept'}`;
}

function detailsOf(view: WarningView): string[] {
  switch (view.stage) {
    case 'warn':
      return [...ownerText(view), ...keepText(view), ...lostText(view)];
    case 'kept':
      return [...(view.isOwner ? [`by ${person(view.by)}`] : []), `kept for ${usedText(view)}`, afterKeep(view)];
    case 'handed-on':
      return view.by === undefined ? [] : [`Kill now by ${person(view.by)}`];
  }
}

function afterKeep({ usedMs, keepAtMostMs = Infinity }: Extract<View, { stage: 'kept' }>): string {
  return `after that people are warned again if the job still fits the rule${usedMs >= keepAtMostMs ? '; then only an approver may keep it' : ''}`;
}

function ownerText({ job, to, owner: id }: Warned): string[] {
  if (to !== undefined) return [`you are told because slack.people in policy.yml names you for the jobs of user ${code(job.user, 60)}`];
  return id === undefined ? [] : [`owner: ${owner(id)}`];
}

/** Who may keep it, and how much was kept before. */
function keepText({ keepMs, keepAtMostMs, usedMs, owner: id, dryRun, mayApprove = [] }: Warned): string[] {
  if (keepMs === undefined || dryRun) return [];
  const used = usedMs > 0 ? [`kept for ${usedText({ usedMs, keepAtMostMs })}`] : [];
  if (keepLength({ keepMs, keepAtMostMs }, usedMs).isUsedUp) return [...used, `may be kept only by an approver now: ${approversText(mayApprove)}`];
  const who = id === undefined ? '' : isChannel(id) ? `anybody in ${owner(id)}, or by ` : 'its owner, or by ';
  return [`may be kept by ${who}anybody who may kill or approve`, ...used];
}

/** How much of `keepAtMost` is used: `4 h in all, of 24 h at most`. */
export function usedText({ usedMs, keepAtMostMs }: { usedMs: number; keepAtMostMs?: number | undefined }): string {
  return `${hoursText(usedMs)} in all${keepAtMostMs === undefined ? '' : `, of ${hoursText(keepAtMostMs)} at most`}`;
}

const HOUR_MS = 3_600_000;
const MOST_HOURS = 72;

/** As policies write it: `24 h` and not `1 d`. */
function hoursText(ms: number): string {
  const hours = ms / HOUR_MS;
  return Number.isInteger(hours) && hours > 0 && hours <= MOST_HOURS ? `${hours} h` : formatDuration(ms);
}

function lostText({ lost }: Warned): string[] {
  switch (lost) {
    case 'owner':
      return ['the owner could not be told (`npm run check-config` says why)'];
    case 'channel':
      return ['the channel could not be told (`npm run check-config` says why)'];
    case undefined:
      return [];
  }
}

function warningButtons({ buttons, keepMs, keepAtMostMs, usedMs, dryRun, killIsPlayed }: Warned): ActionsBlock[] {
  const value = buttons && writeButtonValue({ do: 'warned', name: buttons.name, start: buttons.start });
  if (value === undefined || dryRun) return [];
  const keep: Button[] = keepMs === undefined ? [] : [{ type: 'button', action_id: KEEP, text: plain(`Keep ${shortDuration(keepLength({ keepMs, keepAtMostMs }, usedMs).lengthMs)}`), value }];
  return [actions(...keep, { type: 'button', action_id: KILL_NOW, style: 'danger', text: plain(killIsPlayed ? 'Dry run: would kill now' : 'Kill now'), value })];
}
