import { describe, expect, it } from '@jest/globals';
import { actions, jobCard, linesMessage, plainMessage, section } from '../../lib/slack/cards.ts';
import { endLine, toldLine } from '../../lib/slack/history.ts';
import type { EndEntry, Noted } from '../../lib/ledger/keys.ts';
import { aJob, HOUR_MS, NOON } from '../core/a-job.ts';
import { ANALYTICS } from '../kill/mrs-of-simulator.ts';
import { endAs } from '../start/a-start.ts';

const NOW = new Date(NOON);
const JOB = aJob();
const SEEN = { cluster: ANALYTICS.id, job_id: JOB.job_id, job_name: JOB.job_name, job_type: JOB.job_type, user: JOB.user, queue: JOB.queue, app_id: JOB.app_id, launcher_id: JOB.launcher_id };
const NAMED = `\`nightly-etl (${JOB.job_id})\` in \`analytics\``;

describe('the facts of a job', () => {
  const fields = (job: Parameters<typeof aJob>[0]): string[] => {
    const [block] = jobCard(aJob(job), NOW).blocks;
    return block?.type === 'section' ? (block.fields ?? []).map(({ text }) => text) : [];
  };

  it('are its name, cluster, type, state, user, queue and ids', () => {
    expect(jobCard(JOB, NOW).text).toBe(NAMED);
    expect(fields({})).toEqual([
      '*Name*\n`nightly-etl`', '*Cluster*\n`analytics`', '*Type*\n`SparkSubmit`', '*State*\n`RUNNING`, running for 1 h', '*User*\n`etl-bot`', '*Queue*\n`adhoc`',
      `*Job id*\n\`${JOB.job_id}\``, '*YARN id*\n`application_1564622673393_0007`',
    ]);
  });

  it('have the launcher where the job has no YARN id yet, and a link where there is one', () => {
    expect(fields({ app_id: '', queue: '', tracking_url: 'https://192.0.2.10/proxy' })).toEqual(expect.arrayContaining(['*YARN id*\n`application_1564622673393_0006`', '*Queue*\n–', '*Tracking*\n<https://192.0.2.10/proxy|open>']));
    expect(fields({ tracking_url: 'javascript:alert(1)' })).toHaveLength(8);
  });
});

describe('a list', () => {
  it('has a heading and a line each', () => {
    expect(linesMessage('Two', ['a', 'b'])).toEqual({ text: '*Two*\n• a\n• b', blocks: [{ type: 'section', text: { type: 'mrkdwn', text: '*Two*\n• a\n• b', verbatim: true } }] });
  });

  it.each([[20, 20, 0], [21, 20, 1], [50, 20, 30]])('of %d lines shows %d, and says how many there are more: %d', (count, shown, rest) => {
    const lines = linesMessage('Many', Array.from({ length: count }, (_, number) => `line ${number}`)).text.split('\n');
    expect(lines.filter((line) => line.startsWith('• '))).toHaveLength(shown);
    expect(lines.at(-1)).toBe(rest === 0 ? `• line ${count - 1}` : `… and ${rest} more`);
  });

  it('is as long as a section takes', () => {
    // Of 2,900 characters 40 are for how many there are more; each line has three more than it says.
    const room = 2_900 - 40 - 'H'.length;
    expect(linesMessage('H', ['x'.repeat(room - 3)]).text).toBe(`*H*\n• ${'x'.repeat(room - 3)}`);
    expect(linesMessage('H', ['x'.repeat(room - 2)]).text).toBe('*H*\n… and 1 more');
    expect(linesMessage('H', ['x'.repeat(room - 10), 'abcd', 'after']).text).toBe(`*H*\n• ${'x'.repeat(room - 10)}\n• abcd\n… and 1 more`);
    expect(linesMessage('H', ['x'.repeat(room - 10), 'abcde', 'a']).text).toBe(`*H*\n• ${'x'.repeat(room - 10)}\n… and 2 more`);
  });
});

describe('small parts', () => {
  it('are what Slack takes', () => {
    expect(section('')).toEqual({ type: 'section', text: { type: 'mrkdwn', text: '–', verbatim: true } });
    expect(plainMessage('words')).toEqual({ text: 'words', blocks: [section('words')] });
    expect(actions()).toEqual({ type: 'actions', elements: [] });
  });
});

describe('an End in one line', () => {
  const line = (end: Partial<EndEntry>): string => endLine([ANALYTICS], endAs({ began: NOON - HOUR_MS, by: 'ci', trigger: 'api', ...end }), NOW);
  it.each<[string, Partial<EndEntry>, string]>([
    ['of REST', { job: SEEN, why: 'it hangs' }, `*Killed* ${NAMED}, 1 h ago, asked for by \`ci\`, because it hangs`],
    ['of a person', { job: SEEN, trigger: 'slack', by: 'U045EF6GH', answeredBy: 'U0C3' }, `*Killed* ${NAMED}, 1 h ago, asked for by <@U045EF6GH>, answered by <@U0C3>`],
    ['that was refused', { outcome: 'refused', rule: 'paused', asked: 'etl' }, '*Refused: paused* `etl`, 1 h ago, asked for by `ci`'],
    ['of nothing known', { outcome: 'failed' }, '*Failed*, 1 h ago, asked for by `ci`'],
    ['of an alert, by its rule', { job: SEEN, trigger: 'alerts', by: 'Stuck', policyRule: 'alerts.1' }, `*Killed* ${NAMED}, 1 h ago, asked for by \`Stuck\`, by rule \`alerts.1\``],
    ['of cleanup, whose rule asks', { job: SEEN, trigger: 'cleanup', by: 'cleanup rule stale', why: 'stale', policyRule: 'stale' }, `*Killed* ${NAMED}, 1 h ago, asked for by \`cleanup rule stale\``],
    ['of a cluster that is not listed any more', { job: { ...SEEN, cluster: 'gone' } }, `*Killed* \`nightly-etl (${JOB.job_id})\` in \`gone\`, 1 h ago, asked for by \`ci\``],
  ])('%s', (_what, end, words) => {
    expect(line(end)).toBe(words);
    expect(toldLine([ANALYTICS], endAs({ began: NOON - HOUR_MS, by: 'ci', trigger: 'api', ...end }), NOW)).toBe(words);
  });
});

describe('a word beside the Ends', () => {
  const AT_14 = '<!date^1772373600^{date_short_pretty}, {time}|2026-03-01 14:00 UTC>';
  it.each<[Partial<Noted>, string]>([
    [{ what: 'kept', by: 'U0C3', job: SEEN, until: NOON + 2 * HOUR_MS, policyRule: 'stale' }, `*Kept* ${NAMED} until ${AT_14}, 1 h ago, by <@U0C3>, warned by rule \`stale\``],
    [{ what: 'kept', by: 'U0C3' }, '*Kept*, 1 h ago, by <@U0C3>'],
    [{ what: 'warned', job: SEEN, until: NOON + 2 * HOUR_MS, policyRule: 'stale' }, `*Warned* ${NAMED}, 1 h ago, by rule \`stale\`: it will be killed at ${AT_14} unless kept`],
    [{ what: 'warned' }, '*Warned*, 1 h ago'],
  ])('%j', (noted, words) => {
    expect(toldLine([ANALYTICS], { at: NOON - HOUR_MS, by: '', why: '', what: 'kept', ...noted }, NOW)).toBe(words);
  });
});
