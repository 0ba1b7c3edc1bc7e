import type { End } from '../core/end.ts';
import { dayAndTime, foreignEnds, person } from './text.ts';

const STAMP = '\\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC';
const STAMPS = new RegExp(STAMP, 'g');
const USER = '[UW][A-Z0-9]{2,30}';
/** Only where our own words end with it: before them a stranger's may stand, and those mention nobody. */
const KEPT_BY = new RegExp(`((?:^(?:kept: )?|; it (?:was|is) )kept until ${STAMP} by )(${USER})$`);
const SAID_BY = new RegExp(`((?:^|: )(?:declined|kept) by )(${USER})(?=, until ${STAMP}$)`);

/** Why a request ended, or what holds a job, of at most `longest` characters: its moments as each reader's clock shows them, and people as mentions. */
export function reasonText(reason: string, longest: number): string {
  const shown = foreignEnds(reason, longest);
  return withMoments([KEPT_BY, SAID_BY].reduce((text, pattern) => text.replace(pattern, (_, before: string, user: string) => before + person(user)), shown));
}

/** Why a request ended, below or beside its first words, which name the rule that refused it. */
export function endReasonText({ rule, reason }: { rule?: string | undefined } & Pick<End, 'reason'>, longest: number): string {
  const named = `${rule}: `;
  return reasonText(rule !== undefined && reason.startsWith(named) ? reason.slice(named.length) : reason, longest);
}

/** The same without mentions, for a message that comes often and is nobody's call. */
export function quietReasonText(reason: string, longest: number): string {
  return withMoments(foreignEnds(reason, longest));
}

function withMoments(text: string): string {
  return text.replace(STAMPS, (stamp) => {
    const at = Date.parse(stamp.replace(' UTC', 'Z'));
    return Number.isNaN(at) ? stamp : dayAndTime(at);
  });
}
