import type { ContextBlock } from '@slack/types';
import type { End } from '../core/end.ts';
import type { KeptBy } from '../core/report.ts';
import { isPick, type Requested } from '../core/request.ts';
import { LEFT_OUT } from '../core/choose.ts';
import { describeSelector } from '../core/selector-text.ts';
import { context } from './cards.ts';
import { asker, code, foreign, httpsLink, momentFrom, person } from './text.ts';

/** What else there is to know, what the alert says, why a pick chose the job, and who asked and why: the small print of every card. */
export function background(request: Requested, ...more: string[]): ContextBlock {
  return context(...more, ...alertText(request), ...pickText(request), askedByText(request));
}

/** What the alert behind a request says, where there is one. */
export function alertText({ alert }: Requested): string[] {
  if (alert === undefined) return [];
  const { name, severity, link } = alert;
  const at = httpsLink(link ?? '', 'link');
  return [`alert ${code(name)}${severity === undefined ? '' : `, severity ${code(severity, 60)}`}${at === '' ? '' : `, ${at}`}`];
}

/** Of a job that a pick chose: by which rule, and what had to fit. */
export function pickText(request: Requested): string[] {
  if (isPick(request) || request.pickedBy === undefined || request.onlyIf === undefined) return [];
  const rule = request.policyRule === undefined ? '' : ` by rule ${code(request.policyRule, 60)}`;
  return [`picked${rule}: ${code(describeSelector(request.onlyIf))}`];
}

/** Who asked for it, and why. */
export function askedByText({ trigger, requestedBy, reason, policyRule }: Requested): string {
  return `asked for by ${asker(trigger, requestedBy)}${becauseText({ trigger, why: reason, policyRule })}`;
}

/** Why it was asked for; cleanup's rules ask in their own name, which says it already, and what a pick left out is no reason. */
export function becauseText({ trigger, why, policyRule }: { trigger: string; why: string; policyRule?: string | undefined }, longest?: number): string {
  if (why === '' || (trigger === 'cleanup' && why === policyRule)) return '';
  return `${why.startsWith(LEFT_OUT) ? '; ' : ', because '}${foreign(why, longest)}`;
}

const MOST_APPROVERS = 5;

/** The first few are mentioned, so that they hear of it; the rest is a number. */
export function approversText(mayApprove: readonly string[]): string {
  if (mayApprove.length === 0) return 'nobody (slack.mayApprove in policy.yml names nobody else)';
  const rest = mayApprove.length - MOST_APPROVERS;
  return `${mayApprove.slice(0, MOST_APPROVERS).map(person).join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`;
}

/** That somebody keeps the job, where a kill comes that no keep holds back. */
export function keptText(kept: KeptBy | undefined, now: Date): string[] {
  return kept === undefined ? [] : [`*kept* until ${momentFrom(kept.until, now)} by ${person(kept.by)}`];
}

/** Of the end of a job that people were warned of: that they were, and how it goes on where it was not killed. */
export function afterWarning(request: Requested, { outcome, rule }: Pick<End, 'outcome' | 'rule'>): string[] {
  const { warns, warning, alertSeen } = request;
  if (warning === undefined && warns !== true) return [];
  if (outcome === 'killed') return warning?.killNow ? [] : ['people were warned first'];
  if (outcome !== 'refused') return [];
  switch (rule) {
    case 'paused':
    case 'kept':
    case 'perHour':
    case 'warn':
      return [`the job still runs; the next ${alertSeen === undefined ? 'cleanup run that finds it' : 'alert for it'} warns again`];
    case 'resolved':
    case 'changed':
      return ['the job still runs'];
    default:
      return [];
  }
}
