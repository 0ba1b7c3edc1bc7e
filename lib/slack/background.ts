import type { ContextBlock } from '@slack/types';
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
