import { describe, expect, it } from '@jest/globals';
import { PolicyInvalid } from '../../lib/policy/parse.ts';
import { parsePolicy } from '../support/parse-policy.ts';

const CLUSTERS = 'clusters:\n  dev: { id: x }\n';

/** `line:column key: message` of each mistake in what stands below the clusters, from line 3; [] for a good policy. */
function slipsOf(yamlText: string, above = CLUSTERS): string[] {
  try {
    parsePolicy(above + yamlText, { hasBotToken: true, file: 'policy.yml' });
    return [];
  } catch (error) {
    if (!(error instanceof PolicyInvalid)) throw error;
    return error.problems.map(({ line, column, key, message }) => `${line}:${column} ${key}: ${message}`);
  }
}

const TAB = 'is indented with a tab; YAML takes only spaces there';
const COMMA = 'a comma is missing before this';
const star = (word: string): string => `without quotes * begins an alias in YAML; write "${word}"`;
const quote = (sign: string): string => `the quote ${sign} that begins here is not closed in this line; close it with ${sign}`;
const open = (sign: string, end: string): string => `the ${sign} that begins here is not closed; close it with ${end}`;
const colon = (word: string): string => `a colon with a space behind it makes a key of this; write "${word}"`;
const noKey = (word: string, key: string): string => `${word} is no key with a value; write ${key}: and the value`;
const further = 'is indented further than the key above, which has a value already; begin both in one column';
const column = 'is indented differently from what stands beside it; begin both in one column';
const ended = 'nothing can stand here: the value has ended before it';

describe('a slip is explained where it stands', () => {
  it.each<[string, string, string[]]>([
    ['no comma in braces', 'protected:\n  - { name: a user: b }\n', [`4:15 protected.0.name: ${COMMA}`]],
    ['no comma behind quotes', 'protected:\n  - { name: "a" user: "b" }\n', [`4:17 protected.0.name.a: ${COMMA}`]],
    ['no comma at the end of a line', 'limits: {\n  perHour: 1\n  perDelivery: 2\n }\n', [`5:3 limits.perHour: ${COMMA}`]],
    ['no comma between braces', 'protected: [{ name: a } { user: b }]\n', [`3:25 protected.0.?: ${COMMA}`]],
    ['no comma between braces, in two lines', 'protected: [{ name: a }\n { user: b }]\n', [`4:2 protected.0.?: ${COMMA}`]],
    ['no comma between texts', 'slack: { mayKill: ["U1" "U2"] }\n', [`3:25 slack.mayKill.0.U1: ${COMMA}`]],
    ['no comma in the next line', 'slack: { mayKill: [U1]\n channel: C1 }\n', [`4:2 slack.channel: ${COMMA}`]],
    ['no comma behind more than one blank', 'slack: { mayKill: [U1]   channel: C1 }\n', [`3:26 slack.mayKill.0: ${COMMA}`]],
    ['a colon in braces', 'protected:\n  - { name: a: b, user: x }\n', [`4:13 protected.0.name.a: ${colon('a: b')}`]],
    ['a dash amid brackets', 'protected: [\n  - user: x ]\n', ['4:3 protected.0: inside brackets nothing begins with a dash; separate the entries with commas']],
    ['a dash in another column', 'protected:\n  - name: x\n - user: y\n', [`5:2 ?: ${column}`]],
    ['a key that is a list', '? [a]\n: b\n', ['3:3 ?: a key has to be text']],
    ['a bracket that closes in the first column', 'slack:\n  mayKill: [\n    U1,\n]\n', [`4:12 slack.mayKill: ${open('[', ']')}`]],
    ['a bracket that stays open at the end', 'slack:\n  mayKill: [U1, U2\n', [`4:12 slack.mayKill: ${open('[', ']')}`]],
    ['a bracket in braces', 'protected:\n  - { name: x, user: [y }\n', [`4:22 protected.0.user: ${open('[', ']')}`]],
    ['a bracket above other slips', 'slack:\n  mayKill: [U1\nask: @x\n', [`4:12 slack.mayKill: ${open('[', ']')}`]],
    ['a tab in brackets and one above', '\tlimits: {}\nprotected: [\n', [`3:1 clusters.dev.id: ${TAB}`, `4:12 protected: ${open('[', ']')}`]],
    ['two tabs', 'limits:\n\t\tperHour: 1\n', [`4:1 limits: ${TAB}`]],
    ['a tab below an open quote', 'protected:\n  - name: "abc\n\t- user: x\n', [`4:11 protected.0.name: ${quote('"')}`]],
    ['an open quote above a key that stands twice', 'protected:\n  - name: "abc\n  - user: "x"\nlimits: {}\nlimits: {}\n', [`4:11 protected.0.name: ${quote('"')}`]],
    ['an open quote with nothing in it', 'protected:\n  - name: "\n', [`4:11 protected.0.name: ${quote('"')}`]],
    ['an open quote below another slip', 'protected:\n  - name: @x\n  - user: "abc\n', ['4:11 protected.0.name: without quotes nothing can begin with @ in YAML; write "@x"', `5:11 protected.1.user: ${quote('"')}`]],
    ['an open quote below a text in quotes', "protected:\n  - name: 'a'\n    user: 'abc\n    queue: ''\n", [`5:11 protected.0.user: ${quote("'")}`]],
    ['a sign below closed quotes', 'protected:\n  - name: ""\n    queue: "a" \n    user: @z\n', ['6:11 protected.0.user: without quotes nothing can begin with @ in YAML; write "@z"']],
    ['a text behind quotes', 'protected:\n  - name: "a" b\n', [`4:15 protected.0.name: ${ended}`]],
    ['an escape that there is not', 'protected:\n  - name: "\\q"\n', ['4:12 protected.0.name: cannot be read as YAML here: Invalid escape sequence \\q']],
    ['a bracket too many', 'dryRun: true\nask: ]\n', ['4:6 ask: nothing was opened that this ] closes; leave it out']],
    ['a line without a colon', 'limits\n', [`3:1 limits: ${noKey('limits', 'limits')}`]],
    ['a key without a colon', 'limits:\n  perHour 5\n  perDelivery: 2\n', [`4:3 limits: ${noKey('perHour 5', 'perHour')}`]],
    ['a key of two words with a glued value', 'a b:c\ndryRun: true\n', [`3:1 (file): ${noKey('a b:c', 'a')}`]],
    ['a colon behind a key', 'limits: perHour: 1\n', [`3:9 limits.perHour: ${colon('perHour: 1')}`]],
    ['a colon behind a key with a comment', 'alerts:\n  - match: { a: b }\n    name: stuck: jobs   # c: d # e\n    action: kill\n', [`5:11 alerts.0.name.stuck: ${colon('stuck: jobs')}`]],
    ['keys below a value', 'limits: 5\n  perHour: 1\n', [`4:3 limits: ${further}`]],
    ['keys below a value, and a blank line', 'limits: 5\n\n  perHour: 1\n', [`5:3 limits: ${further}`]],
    ['keys below a value, above other slips', 'limits: 5\n  perHour: 1\nask: @x\n', [`4:3 limits: ${further}`]],
    ['keys too far right in brackets above', 'protected: [{ user: x }]\nlimits:\n  perHour: 1\n    perDelivery: 2\n', [`6:5 limits.perHour: ${further}`]],
    ['a key twice in one line', 'limits: { perHour: 1, perHour: 2 }\n', ['3:23 limits.perHour: stands twice, first in line 3; keep one of them']],
    ['a key twice, once in quotes', 'limits: {}\n"limits": {}\n', ['4:1 limits: stands twice, first in line 3; keep one of them']],
    ['a tag above an alias', 'protected:\n  - name: !nb\n  - user: *x\n', ['4:11 protected.0.name: without quotes nothing can begin with ! in YAML; write "!nb"', `5:11 protected.1.user: ${star('*x')}`]],
    ['a star behind a text with a comma', "protected: [{ name: 'x, y', user: *z }]\n", [`3:35 protected.0.user: ${star('*z')}`]],
    ['a star behind a bracket in quotes', 'ask:\n  - "[": *z, b\n', [`4:10 ask.0.[: ${star('*z, b')}`, `4:12 ask.0.[: ${ended}`]],
    ['a star behind a brace in quotes', "ask:\n  - '{a': *z, b\n", [`4:11 ask.0.{a: ${star('*z, b')}`, `4:13 ask.0.{a: ${ended}`]],
    ['a star below braces', 'protected:\n  - { user: x }\n  - name: *z, b\n', [`5:11 protected.1.name: ${star('*z, b')}`, `5:13 protected.1.name: ${ended}`]],
    ['a star with blanks before the comma', 'protected: [{ name: *z  , user: x }]\n', [`3:21 protected.0.name: ${star('*z')}`]],
    ['a star in the last line', 'protected:\n  - name: *z', [`4:11 protected.0.name: ${star('*z')}`]],
  ])('%s', (_case, yamlText, lines) => {
    expect(slipsOf(yamlText)).toEqual(lines);
  });

  it('in the first line of the file', () => {
    expect(slipsOf('\tclusters: { dev: { id: x } }\n', '')).toEqual([`1:1 (file): ${TAB}`]);
    expect(slipsOf('*z', '')).toEqual([`1:1 (file): ${star('*z')}`]);
    expect(slipsOf('limits', '')).toEqual(['1:1 (file): is "limits" but has to be a mapping of dryRun, clusters, protected, ask, limits, slack, alerts, cleanup']);
  });
});

describe('beside a slip', () => {
  const DOCUMENT = 'a second document begins here (---); keep everything in one';
  it.each([
    ['quotes over two lines are none: a key that stands twice', 'protected:\n  - name: "a\n      b"\nlimits: {}\nlimits: {}\n', '7:1 limits: stands twice, first in line 6; keep one of them'],
    ['quotes over two lines are none: a second document', 'protected:\n  - name: "a\n      b"\n---\ndryRun: true\n', `6:1 protected.0.name: ${DOCUMENT}`],
    ['a tab behind a colon is none', 'limits:\tnone\nprotected:\n  - name: *z\n', `5:11 protected.0.name: ${star('*z')}`],
    ['a tab before a comment is none', 'limits:\n\t# none\nprotected:\n  - name: *z\n', `6:11 protected.0.name: ${star('*z')}`],
  ])('%s', (_case, yamlText, line) => {
    expect(slipsOf(yamlText)).toEqual([line]);
  });

  it('there is nothing to say of a tab in quotes that are closed in the next line', () => {
    expect(slipsOf('protected:\n  - name: "a\n      \tb"\n')).toEqual([]);
  });
});
