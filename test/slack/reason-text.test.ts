import { describe, expect, it } from '@jest/globals';
import { endReasonText, quietReasonText, reasonText } from '../../lib/slack/reason-text.ts';

const STAMP = '2026-11-28 14:30 UTC';
const SHOWN = `<!date^1795876200^{date_short_pretty}, {time}|${STAMP}>`;

describe('a reason in Slack', () => {
  it.each([
    ['a moment', `the off switch is on until ${STAMP}; /mrs resume ends it`, `the off switch is on until ${SHOWN}; /mrs resume ends it`],
    ['who keeps the job', `kept until ${STAMP} by U012AB3CD`, `kept until ${SHOWN} by <@U012AB3CD>`],
    ['who kept a job that was killed', `MRS says that the job was killed; it was kept until ${STAMP} by U012AB3CD`, `MRS says that the job was killed; it was kept until ${SHOWN} by <@U012AB3CD>`],
    ['who said no', `stale leaves etl alone: declined by U012AB3CD, until ${STAMP}`, `stale leaves etl alone: declined by <@U012AB3CD>, until ${SHOWN}`],
    ['what holds a job', `kept by U012AB3CD, until ${STAMP}`, `kept by <@U012AB3CD>, until ${SHOWN}`],
  ])('shows %s', (_what, reason, shown) => expect(reasonText(reason, 300)).toBe(shown));

  it.each([
    ['the name of a job', `U012AB3CD does not fit its rule any more`],
    ['words before our own', `; it was kept until ${STAMP} by U012AB3CD is protected by name: x`],
    ['a name that is no moment', 'kept until 2026-99-99 99:99 UTC by U012AB3CD and more'],
  ])('mentions nobody for %s', (_what, reason) => expect(reasonText(reason, 300)).not.toContain('<@'));

  it('mentions nobody where it is posted each hour', () => expect(quietReasonText(`kept by U012AB3CD, until ${STAMP}`, 300)).toBe(`kept by U012AB3CD, until ${SHOWN}`));

  it('leaves out the rule that the first words name', () => {
    expect(endReasonText({ rule: 'kept', reason: `kept: kept until ${STAMP} by U012AB3CD` }, 300)).toBe(`kept until ${SHOWN} by <@U012AB3CD>`);
    expect(endReasonText({ reason: 'paused: x' }, 300)).toBe('paused: x');
  });

  it('is made harmless, and cut in its middle', () => {
    expect(reasonText('<!channel> & more', 300)).toBe('&lt;!channel&gt; &amp; more');
    expect(reasonText(`${'x'.repeat(500)} until ${STAMP}`, 100)).toMatch(/^x{40,50}…x* until <!date/);
  });
});
