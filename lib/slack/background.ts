import type { ContextBlock } from '@slack/types';
import type { End } from '../core/end.ts';
import type { KeptBy } from '../core/report.ts';
import type { Requested } from '../core/request.ts';
import { context } from './cards.ts';
import { asker, code, foreign, httpsLink, momentFrom, person } from './text.ts';

/** What else there is to know, what the alert says, and who asked and why: the small print of every card. */
export function background(request: Requested, ...more: string[]): ContextBlock {
  return context(...more, ...alertText(request), askedByText(request));
}

/** What the alert behind a request says, where there is one. */
export function alertText({ alert }: Requested): string[] {
  if (alert === undefined) return [];
  const { name, severity, link } = alert;
  const at = httpsLink(link ?? '', 'link');
  return [`alert ${code(name)}${severity === undefined ? '' : `, severity ${code(severity, 60)}`}${at === '' ? '' : `, ${at}`}`];
}

/** Who asked for it, and why. */
export function askedByText({ trigger, requestedBy, reason }: Requested): string {
  return `asked for by ${asker(trigger, requestedBy)}${reason === '' ? '' : `, because ${foreign(reason)}`}`;
}

/** That somebody keeps the job, where a kill comes that no keep holds back. */
export function keptText(kept: KeptBy | undefined, now: Date): string[] {
  return kept === undefined ? [] : [`*kept* until ${momentFrom(kept.until, now)} by ${person(kept.by)}`];
}

/** Of the end of a job that people were warned of: that they were, and how it goes on where it was not killed. */
export function afterWarning(request: Requested, { outcome, rule }: Pick<End, 'outcome' | 'rule'>): string[] {
  const { warns, warning, alertSeen } = request;
  if (warning === undefined && warns !== true) return [];
  if (outcome === 'killed') return warning?.killNow ? [] : ['people were warned, and nobody kept it any longer'];
  if (outcome !== 'refused') return [];
  switch (rule) {
    case 'paused':
    case 'kept':
    case 'perHour':
    case 'warn':
      return [`the job runs on; the next ${alertSeen === undefined ? 'run that finds it' : 'alert for it'} warns anew`];
    case 'resolved':
    case 'changed':
      return ['the job runs on; `/mrs kill` stops it all the same'];
    default:
      return [];
  }
}
