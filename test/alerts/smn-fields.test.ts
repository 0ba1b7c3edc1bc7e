import { describe, expect, it } from '@jest/globals';
import { readKeyValues } from '../../lib/alerts/key-values.ts';
import { readFields } from '../../lib/alerts/smn-fields.ts';

/** What is told apart: blanks around a name or a value are the business of whoever reads them. */
const trimmed = (fields: readonly (readonly [string, string])[]): string[] => [...new Set(fields.map(([name, value]) => `${name.trim()} = ${value.trim()}`))];
const said = (text: string): string[] => trimmed(readFields(text).said);
const across = (text: string): string[] => trimmed(readFields(text).across);
const down = (text: string): string[] => trimmed(readFields(text).down);

describe('the key=value words of a text', () => {
  it.each<[string, [string, string][]]>([
    ['cluster=analytics', [['cluster', 'analytics']]],
    ['Kills it (cluster=analytics, job_name="etl daily").', [['cluster', 'analytics'], ['job_name', 'etl daily']]],
    ['a=1;b=2,c=3 d=4', [['a', '1'], ['b', '2'], ['c', '3'], ['d', '4']]],
    ['a.b-c_d=e.f/g:h', [['a.b-c_d', 'e.f/g:h']]],
    ['a="x, (y); z" b', [['a', 'x, (y); z']]],
    ['a="say \\"no\\" to \\\\" b', [['a', 'say "no" to \\']]],
    ["a='x y', b=“u v”.", [['a', 'x y'], ['b', 'u v']]],
    ["a='say \"no\"'", [['a', 'say "no"']]],
    ['a=etl...', [['a', 'etl']]],
    ['a=e.t.l.', [['a', 'e.t.l']]],
    ['a=1.', [['a', '1']]],
    ['a=x"y', [['a', 'x"y']]],
    ['a=b=c', [['a', 'b=c']]],
    ['(a=1)', [['a', '1']]],
    ['a="1"; b="2")', [['a', '1'], ['b', '2']]],
    ['\ta=1\nb=2', [['a', '1'], ['b', '2']]],
  ])('of %j', (text, expected) => {
    expect(readKeyValues(text)).toEqual(expected);
  });

  it.each(['a = 1', 'a=', 'a= 1', '=1', 'a=""', "a=''", 'a=“”', 'a=...', 'a="x', 'a="x"y', "a='x", "a='x'y", 'a=“x', 'a=“x”y', 'a=(x)', 'a=;', 'a=,', 'x/a=1', '"a=1"', 'a!=1', 'a:b=1', '{a=1}', 'a="x\\"', 'a=”x'])('%j has none', (text) => {
    expect(readKeyValues(text)).toEqual([]);
  });
});

describe('the lines of a text', () => {
  it.each([
    ['Alarm Status: Cleared', ['Alarm Status = Cleared']],
    ['告警状态：已清除', ['告警状态 = 已清除']],
    ['AlarmStatus=Cleared', ['AlarmStatus = Cleared']],
    ['a: b: c = d', ['a = b: c = d']],
    ['a: 1\nb: 2\r\nc: 3\r\rd: 4', ['a = 1', 'b = 2', 'c = 3', 'd = 4']],
    ['a: 1;b: 2', ['a = 1;b: 2', 'a = 1', 'b = 2']],
    ['a: 1；b: 2', ['a = 1；b: 2', 'a = 1', 'b = 2']],
    ['x {a: 1} y', ['x {a = 1} y', 'a = 1', 'x a = 1 y']],
    ['a: 1, b: 2', ['a = 1, b: 2', 'a = 1', 'b = 2']],
    ['a: 1，b: 2、c: 3', ['a = 1，b: 2、c: 3', 'a = 1', 'b = 2', 'c = 3']],
    ['a: 1, b: 2, ', ['a = 1, b: 2,', 'a = 1', 'b = 2']],
    ['{a: 1, b: 2}', ['{a = 1, b: 2}', 'a = 1, b: 2', 'a = 1', 'b = 2']],
    ['a: 1, and so on', ['a = 1, and so on']],
    ['x, a: 1', ['x, a = 1']],
    ['The job a="b c" hangs', ['The job a = "b c" hangs', 'a = b c']],
    [':', []],
    [': x', []],
    ['a:', ['a = ']],
    ['', []],
    ['no field', []],
    [`${'n'.repeat(60)}: x`, [`${'n'.repeat(60)} = x`]],
    [`${'n'.repeat(61)}: x`, []],
  ])('%j', (text, expected) => {
    expect(said(text)).toEqual(expected);
  });

  it.each(['Auto Cleared=Yes', 'automatically cleared=yes', 'Self Cleared=Yes', 'auto-Cleared=Yes'])('%s as a word is not the word behind', (text) => {
    expect(said(`x ${text}`).some((field) => /^cleared = /i.test(field))).toBe(false);
  });

  it.each(['Not Cleared=Yes', 'Tauto Cleared=Yes', 'Auto, Cleared=Yes', 'Autox Cleared=Yes'])('%s is', (text) => {
    expect(said(`x ${text}`)).toContain('Cleared = Yes');
  });
});

describe('the tables of a text', () => {
  it.each([
    ['of Markdown', '| a | b |\n|---|:-:|\n| 1 | 2 |\n| 3 | 4 |', ['a = b', '1 = 2', '3 = 4'], ['a = 1', 'b = 2', 'a = 3', 'b = 4']],
    ['without an edge', 'a | b\n--|--\n1 | 2', ['a = b', '1 = 2'], ['a = 1', 'b = 2']],
    ['with tabs', 'a\tb\tc\n1\t2\t3', ['a = b', 'b = c', '1 = 2', '2 = 3'], ['a = 1', 'b = 2', 'c = 3']],
    ['in lines of a text', 'Dear all\n\n| a | b |\n| 1 | 2 |\nBye', ['a = b', '1 = 2'], ['a = 1', 'b = 2']],
    ['that follow each other with another number of columns', 'a | b\n1 | 2\nc | d | e\n3 | 4 | 5', ['a = b', '1 = 2', 'c = d', 'd = e', '3 = 4', '4 = 5'], ['a = 1', 'b = 2', 'c = 3', 'd = 4', 'e = 5']],
    ['that a line parts', 'a | b\n1 | 2\nx\nc | d\n3 | 4', ['a = b', '1 = 2', 'c = d', '3 = 4'], ['a = 1', 'b = 2', 'c = 3', 'd = 4']],
    ['with empty cells', 'a | b | c\nx |  | 2', ['a = b', 'b = c', 'x = ', ' = 2'], ['a = x', 'b = ', 'c = 2']],
    ['of one column', '| a |\n| 1 |', [], []],
    ['of one row', 'a | b', ['a = b'], []],
    ['with rules of any kind', 'a | b\n===|===\n+ | -\n:= | :\n1 | 2', ['a = b', '1 = 2'], ['a = 1', 'b = 2']],
    ['with a row of no rule', 'a | b\n-x | -\n', ['a = b', '-x = -'], ['a = -x', 'b = -']],
    ['with a blank before and behind', '  | a | b |  \n\t| 1 | 2 |', ['a = b', '1 = 2'], ['a = 1', 'b = 2']],
  ])('%s', (_, text, besides, unders) => {
    expect([across(text), down(text)]).toEqual([besides, unders]);
  });

  it('of HTML are tables', () => {
    const html = '<TABLE border="1">\n <tr class="x"><TH> a </TH> <th>b</th>\n</tr>\n <tr><td colspan=1> 1\t</td><td><b>2</b> </td></tr> </table>';
    expect([across(html), down(html)]).toEqual([['a = b', '1 = 2'], ['a = 1', 'b = 2']]);
  });

  it.each([
    '<tr><td class="x">a</td><td>b</td></tr><tr><td>1</td><td>2</td></tr>',
    '<tr>\n<td class="x">\n  a\n \t</td>\n<td>\n\n b</td></tr><tr><td>1</td>\n\n<td class="y">\n2</td>\n</tr>',
  ])('of HTML have cells of several lines: %j', (html) => {
    expect([across(html), down(html)]).toEqual([['a = b', '1 = 2'], ['a = 1', 'b = 2']]);
  });

  it('have fields in their cells too', () => {
    expect(said('x | Alarm Status: Cleared\ny | b: c')).toEqual(expect.arrayContaining(['Alarm Status = Cleared', 'b = c']));
  });
});

describe('HTML', () => {
  it.each([
    ['a&nbsp;b: c', 'a b = c'],
    ['a&#160;b: c', 'a b = c'],
    ['a&#xA0;b&NBSP;c: d', 'a b c = d'],
    ...['<br>', '<BR/>', '<br />', '<tr>', '</tr>', '<p>', '</p>', '<div class="y">', '<li>', '<ul>', '<ol>', '<table>', '<h1>', '</h6>'].map((tag) => [`x${tag}a: b`, 'a = b']),
    ['<b>a</b>: <i class="z">b</i>', 'a = b'],
    ['a<wbr>b: c', 'ab = c'],
    ['<b>a</b>\n  <i>: b</i>', 'a = b'],
    ['a: b</p>x: y', 'x = y'],
  ])('%s has the field %s', (text, expected) => {
    expect(said(text)).toContain(expected);
  });

  it.each([
    ['a <b: c', ['a <b = c']],
    ['a > b: c', ['a > b = c']],
    ['a < 3> b: c', ['a < 3> b = c']],
    ['x<hr>a: b', ['xa = b']],
    ['x<brx>a: b', ['xa = b']],
    ['x<link>a: b', ['xa = b']],
    ['x<h7>a: b', ['xa = b']],
    ['x<pre>a: b', ['xa = b']],
    ['x<tdx>a: b', ['xa = b']],
  ])('%s is no line of its own', (text, expected) => {
    expect(said(text)).toEqual(expected);
  });
});
