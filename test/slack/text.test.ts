import { describe, expect, it } from '@jest/globals';
import { asker, clockTime, code, dayAndTime, escapeMrkdwn, foreign, foreignEnds, httpsLink, isChannel, jobAge, jobLine, momentFrom, owner, person } from '../../lib/slack/text.ts';
import { aJob, HOUR_MS, NOON } from '../core/a-job.ts';

describe('foreign words', () => {
  it.each([['<!channel> & <b>', '&lt;!channel&gt; &amp; &lt;b&gt;'], ['a\n\t b', 'a b'], [' a ', 'a'], ['a\u0000\u202eb', 'ab'], ['\ud800', '\ufffd']])('%j are shown as %j', (text, shown) => expect(foreign(text)).toBe(shown));

  it.each([['abcdef', 6, 'abcdef'], ['abcdefg', 6, 'abcde…'], ['&&', 10, '&amp;&amp;'], ['&&', 9, '&amp;…'], ['a&', 5, 'a…'], ['🦀🦀🦀', 5, '🦀🦀…'], ['', 3, '']])('%j of at most %d are %j', (text, longest, shown) => expect(foreign(text, longest)).toBe(shown));

  it('are cut at 300 where nothing else is said', () => expect([foreign('x'.repeat(300)).length, foreign('x'.repeat(301))]).toEqual([300, `${'x'.repeat(299)}…`]));

  it.each([['abcdefgh', 8, 'abcdefgh'], ['abcdefghi', 8, 'abc…fghi'], ['abcdefghij', 9, 'abc…ghij'], ['a&&&&&b', 12, 'a…&amp;b']])('%j keep both their ends in %d: %j', (text, longest, shown) => expect(foreignEnds(text, longest)).toBe(shown));

  it.each([['a`b', "`a'b`"], ['', '–'], [' ', '–'], ['x'.repeat(151), `\`${'x'.repeat(149)}…\``]])('%j is code as %j', (text, shown) => expect(code(text)).toBe(shown));
  it('escaped once', () => expect(escapeMrkdwn('&lt;')).toBe('&amp;lt;'));
});

describe('people and places', () => {
  it.each([['U0A', '<@U0A>'], ['W0A', '<@W0A>'], ['C0A', '`C0A`'], ['U0', '`U0`'], ['xU0A', '`xU0A`'], ['U0A b', '`U0A b`'], [`U${'0'.repeat(30)}`, `<@U${'0'.repeat(30)}>`], [`U${'0'.repeat(31)}`, `\`U${'0'.repeat(31)}\``]])('%s is %s', (name, shown) => expect(person(name)).toBe(shown));
  it.each([['C0A', true], ['G0A', true], ['U0A', false], ['xC0A', false], ['C0A ', false], ['C0', false]])('%j is a channel: %s', (id, is) => {
    expect(isChannel(id)).toBe(is);
    expect(owner(id)).toBe(is ? `<#${id}>` : person(id));
  });
  it('only in Slack a person asks', () => expect([asker('slack', 'U0A'), asker('api', 'U0A')]).toEqual(['<@U0A>', '`U0A`']));
});

describe('a job in a line', () => {
  it.each([[{}, '`etl (id-1)` in `dev`'], [{ job_name: '' }, '`id-1` in `dev`'], [{ job_name: 'n'.repeat(101) }, `\`${'n'.repeat(99)}… (id-1)\` in \`dev\``], [{ job_id: 'i'.repeat(101) }, `\`etl (${'i'.repeat(99)}…)\` in \`dev\``]])('%j', (fields, shown) => {
    expect(jobLine({ job_name: 'etl', job_id: 'id-1', cluster: 'dev', ...fields })).toBe(shown);
  });

  it.each<[Parameters<typeof aJob>[0], string]>([
    [{}, 'running for 1 h'], [{ started_time: 0, job_state: 'ACCEPTED' }, 'waiting for 1 h'], [{ started_time: 0, job_state: 'ACCEPTED', submitted_time: 0 }, 'not started'], [{ job_state: 'FINISHED', elapsed_time: 60_000 }, 'over, ran 1 min'],
  ])('%j is %s', (fields, words) => expect(jobAge(aJob(fields), new Date(NOON))).toMatch(new RegExp(`^${words}`)));
});

describe('a moment', () => {
  it('is a time, and from twenty hours on a day too', () => {
    expect(clockTime(NOON + 999)).toBe('<!date^1772366400^{time}|12:00 UTC>');
    expect(dayAndTime(NOON + 999)).toBe('<!date^1772366400^{date_short_pretty}, {time}|2026-03-01 12:00 UTC>');
    for (const sign of [1, -1]) {
      expect(momentFrom(NOON + sign * (20 * HOUR_MS - 1), new Date(NOON))).toContain('^{time}|');
      expect(momentFrom(NOON + sign * 20 * HOUR_MS, new Date(NOON))).toContain('{date_short_pretty}');
    }
  });
});

describe('a link', () => {
  it.each<[string, string]>([
    ['https://h.example/a b', '<https://h.example/a%20b|open>'], ['https://h.example/?a=1&b=2', '<https://h.example/?a=1&amp;b=2|open>'], ['https://h.example/a|b', '<https://h.example/a%7Cb|open>'], ['https://h.example/#<b>', '<https://h.example/#%3Cb%3E|open>'],
    ['http://h.example/', ''], ['javascript:alert(1)', ''], ['no url', ''], ['', ''],
  ])('%j is %j', (url, shown) => expect(httpsLink(url, 'open')).toBe(shown));

  it('is left out where it is too long, as it is given and as it is shown', () => {
    const long = (count: number): string => `https://h.example/${'a'.repeat(count)}`;
    const room = 1_500 - '<https://h.example/|open>'.length;
    expect([httpsLink(long(room), 'open').length, httpsLink(long(room + 1), 'open')]).toEqual([1_500, '']);
    expect(httpsLink(`https://h.example/${'./'.repeat(750)}`, 'open')).toBe('');
  });
});
