import type { CleanupReport, RuleReport } from '../core/report.ts';
import { quietReasonText, reasonText } from './reason-text.ts';
import { code, foreign } from './text.ts';

const MOST_SPARED = 5;
const LONGEST_WHY = 300;
const LONGEST_TEXT = 3_500; // chat.update takes 4,000

/** The report of a run for people. A dry run says the same in the same order, but for the verb. */
export function cleanupText({ rules, unreadable, skipped }: CleanupReport, stage: 'begins' | 'done'): string {
  if (skipped !== undefined) return `*Cleanup skipped*: ${foreign(skipped)}; nothing was killed`;
  const lines = [
    stage === 'begins' ? '*Cleanup begins*' : '*Cleanup*',
    ...unreadable.map(({ cluster, reason }) => `• cluster ${code(cluster)} could not be read: ${foreign(reason)}`),
    ...rules.flatMap((rule) => ruleLines(rule, stage)),
  ];
  const shown: string[] = [];
  let length = 0;
  for (const line of lines) {
    length += line.length + 1;
    if (length > LONGEST_TEXT) break;
    shown.push(line);
  }
  const rest = lines.length - shown.length;
  return [...shown, ...(rest > 0 ? [`… and ${rest} more ${rest === 1 ? 'line' : 'lines'}; the log has them all`] : [])].join('\n');
}

function ruleLines(report: RuleReport, stage: 'begins' | 'done'): string[] {
  const { rule, matched, repeated, spared, refused, failed } = report;
  const parts = [
    `${matched} matched`,
    ...(stage === 'done' ? whatWasDone(report) : []),
    ...(repeated > 0 ? [`${repeated} already handled`] : []),
    ...(spared.length > 0 ? [`${spared.length} left alone`] : []),
    ...(refused ? [`${refused.jobs} refused by ${refused.by}`] : []),
    ...(failed > 0 ? [`${failed} could not be started`] : []),
  ];
  const more = spared.length > MOST_SPARED ? `, and ${spared.length - MOST_SPARED} more` : '';
  // An update mentions people without a sound; what is posted each hour would call them each hour.
  const why = stage === 'begins' ? quietReasonText : reasonText;
  return [
    `• ${code(rule)}: ${parts.join(', ')}`,
    ...(spared.length > 0 ? [`   left alone: ${spared.slice(0, MOST_SPARED).map(({ job, by }) => `${code(job, 60)} (${why(by, LONGEST_WHY)})`).join(', ')}${more}`] : []),
    ...(refused ? [`   ${foreign(refused.reason)}`] : []),
  ];
}

function whatWasDone({ action, dryRun, started, asked, warned }: RuleReport): string[] {
  if (action === 'notify') return [`${started} shown`];
  // A dry run asks and tells too: what it leaves out is the kill.
  const askedAbout = `${asked} asked about${dryRun ? ' in a dry run' : ''}`;
  if (action === 'ask') return [askedAbout];
  const kills = `${started - asked - warned} ${dryRun ? 'would be killed (dry run)' : 'being killed'}`;
  return [kills, ...(warned > 0 ? [`${warned} warned${dryRun ? ' in a dry run' : ''}`] : []), ...(asked > 0 ? [askedAbout] : [])];
}
