import type { CleanupReport, RuleReport } from '../core/cleanup-report.ts';
import { code, foreign } from './text.ts';

const MOST_SPARED = 5;
const LONGEST_TEXT = 3_500; // chat.update takes 4,000

/** The report of a run for people. A dry run says the same in the same order, but for the verb. */
export function cleanupText({ rules, unreadable }: CleanupReport, stage: 'begins' | 'done'): string {
  const lines = [
    stage === 'begins' ? '*Cleanup begins*' : '*Cleanup*',
    ...rules.flatMap((rule) => ruleLines(rule, stage)),
    ...unreadable.map(({ cluster, reason }) => `• cluster ${code(cluster)} could not be read: ${foreign(reason)}`),
  ];
  const shown: string[] = [];
  let length = 0;
  for (const line of lines) {
    length += line.length + 1;
    if (length > LONGEST_TEXT) break;
    shown.push(line);
  }
  const rest = lines.length - shown.length;
  return [...shown, ...(rest > 0 ? [`… and ${rest} more lines; the log has them all`] : [])].join('\n');
}

function ruleLines({ rule, action, dryRun, matched, started, repeated, spared, refused, failed }: RuleReport, stage: 'begins' | 'done'): string[] {
  const parts = [
    `${matched} matched`,
    ...(stage === 'done' ? [`${started} ${verb(action, dryRun)}`] : []),
    ...(repeated > 0 ? [`${repeated} already handled`] : []),
    ...(spared.length > 0 ? [`${spared.length} spared`] : []),
    ...(refused ? [`${refused.jobs} kept back by ${refused.by}`] : []),
    ...(failed > 0 ? [`${failed} could not be started`] : []),
  ];
  const more = spared.length > MOST_SPARED ? `, and ${spared.length - MOST_SPARED} more` : '';
  return [
    `• ${code(rule)}: ${parts.join(', ')}`,
    ...(spared.length > 0 ? [`   spared: ${spared.slice(0, MOST_SPARED).map(({ job, by }) => `${code(job, 60)} (${foreign(by)})`).join(', ')}${more}`] : []),
    ...(refused ? [`   ${foreign(refused.reason)}`] : []),
  ];
}

function verb(action: string, dryRun: boolean): string {
  if (action === 'notify') return 'shown';
  const done = action === 'ask' ? 'asked about' : 'told to die';
  return dryRun ? `would be ${done}` : done;
}
