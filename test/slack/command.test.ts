import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { jobRefText, type JobRef } from '../../lib/core/target.ts';
import { type Command, helpText, parseCommand } from '../../lib/slack/command.ts';
import { runs } from '../support/full-size.ts';

const MRS_ID = '12ee9ae4-6ee1-48c6-bb84-fb0b4f76cf03';
const YARN_ID = 'application_1564622673393_0007';
const name = (text: string): JobRef => ({ by: 'name', name: text });
const yarn: JobRef = { by: 'yarn-id', id: YARN_ID };
const kill = (job: JobRef, more: { cluster?: string; reason?: string } = {}): Command => ({ command: 'kill', job, reason: '', ...more });

/** What is said of a text that is no command. */
function problemOf(text: string): string {
  const read = parseCommand(text);
  if (read.command !== 'unknown') throw new Error(`${JSON.stringify(text)} was read as ${read.command}`);
  return read.problem;
}

describe('words that are too many', () => {
  it.each([
    ['kill etl daily', '`kill` takes one job, and there are more words than that: put a name with spaces in quotes, for example `/mrs kill "etl daily" on analytics because it hangs`'],
    ['jobs a b', '`jobs` takes one glob, and there are more words than that: put a name with spaces in quotes, for example `/mrs jobs on analytics nb-*`'],
    ['jobs on a on b', '`on` stands there twice: name one cluster, for example `/mrs jobs on analytics nb-*`'],
    ['status etl because x', '`status` takes no reason, for example `/mrs status "etl daily" on analytics`'],
    ['history a b', '`history` takes one job or rule, and there are more words than that: put a name with spaces in quotes, for example `/mrs history "etl daily"`'],
    ['history on a', '`history` is for all clusters, for example `/mrs history "etl daily"`'],
    ['history ""', 'the job is empty: leave it out to see all, for example `/mrs history "etl daily"`'],
    ['pause on a', '`pause` is for all clusters, for example `/mrs pause for 2h because of the migration`'],
    ['pause for 2h now', '`pause` takes `for` and a time, then `because` and a reason, for example `/mrs pause for 2h because of the migration`'],
    ['pause because " "', '`because` needs a reason after it, for example `/mrs pause for 2h because of the migration`'],
    ['resume now', '`resume` takes nothing after it: write `/mrs resume`'],
  ])('%s', (text, problem) => expect(problemOf(text)).toBe(problem));
});

describe('kill', () => {
  it.each<[string, Command]>([
    ['kill nightly-etl', kill(name('nightly-etl'))],
    [`kill ${MRS_ID}`, kill({ by: 'mrs-id', id: MRS_ID })],
    [`kill ${YARN_ID}`, kill(yarn)],
    ['kill nightly-etl on analytics', kill(name('nightly-etl'), { cluster: 'analytics' })],
    ['kill nightly-etl because it hangs', kill(name('nightly-etl'), { reason: 'it hangs' })],
    ['kill nightly-etl on analytics because it hangs', kill(name('nightly-etl'), { cluster: 'analytics', reason: 'it hangs' })],
    ['kill nightly-etl ON analytics Because it hangs', kill(name('nightly-etl'), { cluster: 'analytics', reason: 'it hangs' })],
    ['  kill \t nightly-etl\n on\u00a0analytics  ', kill(name('nightly-etl'), { cluster: 'analytics' })],
    ['kill etl on " dev "', kill(name('etl'), { cluster: 'dev' })],
    ['kill etl because " it hangs "', kill(name('etl'), { reason: 'it hangs' })],
    ['history " etl "', { command: 'history', of: 'etl' }],
    ['pause for " 2h " because " us "', { command: 'pause', forMs: 7_200_000, reason: 'us' }],
    ['kill kill', kill(name('kill'))],
    ['kill ジョブ-ü🦀', kill(name('ジョブ-ü🦀'))],
    ["kill ana's-job", kill(name("ana's-job"))],
    ['kill __proto__', kill(name('__proto__'))],
  ])('reads %j', (text, command) => {
    expect(parseCommand(text)).toEqual(command);
  });

  it.each(['"etl daily"', "'etl daily'", '`etl daily`', '“etl daily”', '„etl daily“', '“etl daily“', '”etl daily”', '‘etl daily’', '‚etl daily‘', '’etl daily’'])(
    'takes a name in quotes: %s',
    (quoted) => {
      expect(parseCommand(`kill ${quoted} on ${quoted} because ${quoted}`)).toEqual(kill(name('etl daily'), { cluster: 'etl daily', reason: 'etl daily' }));
    },
  );

  it.each(['on', 'because', 'On', 'kill'])('takes a job and a cluster that are called %s in quotes', (word) => {
    expect(parseCommand(`kill "${word}" on "${word}" because ${word}`)).toEqual(kill(name(word), { cluster: word, reason: word }));
  });

  it.each([
    [`<https://yarn.example.com/proxy/${YARN_ID}/>`, yarn],
    [`<https://yarn.example.com/proxy/${YARN_ID}/|the job>`, yarn],
    [`<https://yarn.example.com/cluster/app/${YARN_ID}|https://yarn.example.com/cluster/app/${YARN_ID}>`, yarn],
    [`"<https://yarn.example.com/proxy/${YARN_ID}/|the job>"`, yarn],
    [`https://yarn.example.com/proxy/${YARN_ID}/`, yarn],
    [`\`${YARN_ID}\``, yarn],
    [`${YARN_ID}_driver_heap`, yarn],
    [`<HTTPS://YARN.example.com/proxy/${YARN_ID}/|the job>`, yarn],
    ['<http://etl.sh|etl.sh>', name('etl.sh')],
    ['<mailto:etl@prod.example|etl@prod.example>', name('etl@prod.example')],
    ['nb-<http://etl.sh|etl.sh>', name('nb-etl.sh')],
    ['<https://a.example/?x=1&amp;y=2>', name('https://a.example/?x=1&y=2')],
    ['<#C123|nightly>', name('nightly')],
    ['<#C123|>', name('C123')],
    ['<#C123>', name('C123')],
    ['<@U123|ana>', name('ana')],
    ['<@U123>', name('U123')],
    ['<!here>', name('here')],
    ['a&amp;b&lt;c&gt;d', name('a&b<c>d')],
    ['a&amp;lt;b', name('a&lt;b')],
    ['&quot;a', name('&quot;a')],
    ['&lt;https://a.example|b&gt;', name('<https://a.example|b>')],
    ['<nightly>', name('<nightly>')],
    ['a<b', name('a<b')],
  ])("undoes Slack's markup once: %s", (text, job) => {
    expect(parseCommand(`kill ${text} on dev because x`)).toEqual(kill(job, { cluster: 'dev', reason: 'x' }));
  });

  it('takes nothing inside markup for a keyword or a quote', () => {
    expect(parseCommand('kill <#C1|on>')).toEqual(kill(name('on')));
    expect(problemOf('kill a <#C1|on> b')).toMatch(/one job/);
    expect(problemOf('kill a <#C1|because> b')).toMatch(/one job/);
    expect(parseCommand('kill <#C1|"a b">')).toEqual(kill(name('"a b"')));
    expect(problemOf('<#C1|kill> a')).toMatch(/no such command/);
  });

  it.each<[string, string]>([
    ['on dev, says ana', 'on dev, says ana'],
    ["it's stuck", "it's stuck"],
    ['"it hangs"', 'it hangs'],
    ['“it hangs”', 'it hangs'],
    ['"a" and "b"', '"a" and "b"'],
    ['"it hangs', '"it hangs'],
    ['it "hangs"', 'it "hangs"'],
    ['"', '"'],
    ['a &amp; b &lt;c&gt;', 'a & b <c>'],
    ['see <https://wiki.example/x|the page>', 'see https://wiki.example/x'],
    ['<@U123|ana> asked', 'ana asked'],
    ['because', 'because'],
    ['ends\nhere  ', 'ends\nhere'],
  ])('takes all the rest as the reason: %s', (given, reason) => {
    expect(parseCommand(`kill etl because ${given}`)).toEqual(kill(name('etl'), { reason }));
  });

  it('cuts a reason at 500 characters, and none of them in two', () => {
    expect(parseCommand(`kill etl because ${'🦀'.repeat(500)}`)).toEqual(kill(name('etl'), { reason: '🦀'.repeat(500) }));
    expect(parseCommand(`kill etl because ${'🦀'.repeat(501)}`)).toEqual(kill(name('etl'), { reason: `${'🦀'.repeat(499)}…` }));
  });

  it.each([
    ['no job', 'kill', /needs a job/],
    ['a cluster without job', 'kill on dev', /needs a job/],
    ['a reason without job', 'kill because it hangs', /needs a job/],
    ['an empty job', 'kill ""', /the job is empty/],
    ['a blank job', "kill '  ' on dev", /the job is empty/],
    ['no cluster after on', 'kill etl on', /`on` needs a cluster/],
    ['a keyword after on', 'kill etl on because it hangs', /`on` needs a cluster/],
    ['an empty cluster', 'kill etl on ""', /`on` needs a cluster/],
    ['no reason after because', 'kill etl because', /`because` needs a reason/],
    ['an empty reason', 'kill etl because ""', /`because` needs a reason/],
    ['two jobs', 'kill a b', /takes one job/],
    ['two jobs, one in quotes', 'kill "a" "b"', /takes one job/],
    ['two jobs and a cluster', 'kill a b on dev', /takes one job/],
    ['words after the cluster', 'kill etl on dev now', /takes one job/],
    ['two clusters', 'kill etl on dev on prod', /`on` stands there twice/],
    ['two clusters in upper case', 'kill etl ON dev ON prod', /`on` stands there twice/],
    ['a keyword in quotes', 'kill etl "on" dev', /takes one job/],
    ['two YARN ids in one word', `kill ${YARN_ID},application_1564622673393_0008`, /two YARN ids/],
    ['two YARN ids in one quote', `kill "${YARN_ID} ${YARN_ID}1"`, /two YARN ids/],
    ['a link that shows another job than it leads to', `kill <https://yarn.example.com/${YARN_ID}|application_1564622673393_0008>`, /two YARN ids/],
    ['an open quote', 'kill "etl daily on dev', /not closed/],
    ['another quote at the end', 'kill "etl daily\' on dev', /not closed/],
    ['an open curly quote', 'kill “etl daily', /not closed/],
    ['an open quote in the cluster', 'kill etl on "dev', /not closed/],
    ['an open quote after the job', 'kill etl `because', /not closed/],
    ['a word that sticks to a quote', 'kill "etl"daily', /a word follows a quote without a space/],
    ['a quote in a quote', 'kill "etl "daily" run"', /a word follows a quote without a space/],
  ])('asks again where there is %s', (_, text, problem) => {
    expect(problemOf(text)).toMatch(problem);
    expect(problemOf(text)).toMatch(/`(?:\/mrs kill )?"etl daily"/);
    expect(parseCommand(text)).not.toHaveProperty('nearest');
  });
});

describe('the reads', () => {
  it.each<[string, Command]>([
    ['jobs', { command: 'jobs' }],
    ['jobs on dev', { command: 'jobs', cluster: 'dev' }],
    ['jobs nb-*', { command: 'jobs', glob: 'nb-*' }],
    ['jobs on dev nb-*', { command: 'jobs', cluster: 'dev', glob: 'nb-*' }],
    ['jobs nb-* ON dev', { command: 'jobs', cluster: 'dev', glob: 'nb-*' }],
    ['jobs "on" on "on"', { command: 'jobs', cluster: 'on', glob: 'on' }],
    ['jobs "* daily"', { command: 'jobs', glob: '* daily' }],
    ['status etl', { command: 'status', job: name('etl') }],
    [`status <https://yarn.example.com/${YARN_ID}> on dev`, { command: 'status', job: yarn, cluster: 'dev' }],
    ['history', { command: 'history' }],
    [' clusters\n', { command: 'clusters' }],
    ['kept', { command: 'kept' }],
    ['help', { command: 'help' }],
    ['', { command: 'help' }],
    [' \t\n\u00a0', { command: 'help' }],
  ])('reads %j', (text, command) => {
    expect(parseCommand(text)).toEqual(command);
  });

  it.each([
    ['two globs', 'jobs a* b*', /takes one glob/],
    ['two clusters', 'jobs on dev on prod', /`on` stands there twice/],
    ['no cluster', 'jobs a* on', /`on` needs a cluster/],
    ['an empty glob', 'jobs ""', /the glob is empty/],
    ['a reason', 'jobs because I want to', /takes no reason/],
    ['an open quote', 'jobs "nb-', /not closed/],
    ['no job', 'status', /needs a job/],
    ['no job but a cluster', 'status on dev', /needs a job/],
    ['a reason for a status', 'status etl because I want to', /takes no reason/],
    ['two jobs', 'status a b', /takes one job/],
    ['words after clusters', 'clusters on dev', /takes nothing/],
    ['words after kept', 'kept etl', /takes nothing/],
    ['words after help', 'help kill', /takes nothing/],
  ])('ask again where there is %s', (_, text, problem) => {
    expect(problemOf(text)).toMatch(problem);
    expect(problemOf(text)).toMatch(/`(?:\/mrs (?:jobs|status|history|kept|clusters|help))|"etl daily"/);
  });
});

describe('a typo', () => {
  it.each([
    ['klil etl', 'kill'],
    ['kil etl', 'kill'],
    ['killl etl', 'kill'],
    ['Kill etl', 'kill'],
    ['KILL etl', 'kill'],
    ['"kill" etl', 'kill'],
    ['`kill etl`', 'kill'],
    ['kill, etl', 'kill'],
    ['job', 'jobs'],
    ['stauts etl', 'status'],
    ['hisotry', 'history'],
    ['cluster', 'clusters'],
    ['hlep', 'help'],
  ])('is not carried out, but gets the nearest command: %j', (text, nearest) => {
    expect(parseCommand(text)).toEqual({ command: 'unknown', problem: expect.stringContaining('no such command'), nearest });
  });

  it.each(['terminate etl', 'etl', 'x', '/mrs kill etl', 'yarn application -kill', 'killkill', '🦀', '__proto__', 'constructor', YARN_ID, 'k'.repeat(99)])(
    'gets none where nothing is near: %j',
    (text) => {
      expect(parseCommand(text)).toEqual({ command: 'unknown', problem: expect.stringContaining('no such command') });
    },
  );

  it('is nothing that its own words can put into a message', () => {
    for (const text of ['<!channel> x', 'kill <!channel> <!here>', 'help <@U1>', 'status "<!channel>" x']) expect(problemOf(text)).not.toMatch(/channel|here>|U1|[<>&]/);
  });
});

describe('the help', () => {
  it('has one line for each command, and nothing that escaping would change', () => {
    const lines = helpText().split('\n');
    expect(lines.map((line) => /^`\/mrs (\w+)/.exec(line)?.[1])).toEqual(['kill', 'jobs', 'status', 'why', 'history', 'cleanup', 'kept', 'pause', 'resume', 'clusters', 'help']);
    expect(helpText()).not.toMatch(/[<>&]/);
  });
});

describe('pause and resume', () => {
  const HOUR_MS = 3_600_000;

  it.each<[string, number, string]>([
    ['pause', 24 * HOUR_MS, ''],
    ['pause for 2h', 2 * HOUR_MS, ''],
    ['pause FOR 30m Because it <!channel> hangs', HOUR_MS / 2, 'it channel hangs'],
    ['pause because “of the migration”', 24 * HOUR_MS, 'of the migration'],
    ['pause for 14d', 336 * HOUR_MS, ''],
    ['pause for 2w because on call', 336 * HOUR_MS, 'on call'],
    ['pause for "2h"', 2 * HOUR_MS, ''],
  ])('reads %j', (text, forMs, reason) => {
    expect(parseCommand(text)).toEqual({ command: 'pause', forMs, reason });
  });

  it.each([
    ['pause for', /`for` needs a time/],
    ['pause for 2', /`for` needs a time/],
    ['pause for ever', /`for` needs a time/],
    ['pause for 0h', /`for` needs a time/],
    ['pause for because', /`for` needs a time/],
    ['pause for 2 h', /`for` needs a time/],
    ['pause 2h', /`pause` takes `for` and a time/],
    ['pause for 2h please', /`pause` takes `for` and a time/],
    ['pause on analytics', /for all clusters/],
    ['pause for 2h because', /needs a reason/],
    ['pause for 15d', /14 days at most/],
    ['pause for 337h', /14 days at most/],
    ['resume now', /takes nothing after it/],
  ])('does not read %j', (text, problem) => {
    expect(problemOf(text)).toMatch(problem);
  });

  it.each([
    ['puase', 'pause'], ['resum', 'resume'], ['wy', 'why'], ['histroy', 'history'], ['kpet', 'kept'], ['keep', 'kept'],
  ])('%s may be meant as %s, and is not done', (typed, nearest) => {
    expect(parseCommand(`${typed} for 2h`)).toMatchObject({ command: 'unknown', nearest });
  });
});

describe('why and history', () => {
  it.each<[string, Command]>([
    ['why "etl daily" on analytics', { command: 'why', job: name('etl daily'), cluster: 'analytics' }],
    [`why ${YARN_ID}`, { command: 'why', job: yarn }],
    ['history', { command: 'history' }],
    ['history perHour', { command: 'history', of: 'perHour' }],
    ['history "etl daily"', { command: 'history', of: 'etl daily' }],
    ['history <http://etl.sh|etl.sh>', { command: 'history', of: 'etl.sh' }],
    ['history "on"', { command: 'history', of: 'on' }],
  ])('reads %j', (text, command) => {
    expect(parseCommand(text)).toEqual(command);
  });

  it.each([
    ['why', /needs a job/], ['why etl because', /takes no reason/], ['why etl daily', /takes one job/], ['history etl daily', /takes one job or rule/], ['history on dev', /for all clusters/], ['history " "', /is empty/],
  ])('does not read %j', (text, problem) => {
    expect(problemOf(text)).toMatch(problem);
  });
});

/** Words and signs of the grammar, so that chance comes near it. */
const pieces = fc.constantFrom('kill', 'Kill', 'jobs', 'status', 'on', 'ON', 'because', 'etl', 'dev', YARN_ID, MRS_ID, '"', "'", '`', '“', '”', ' ', '\n', '<', '>', '|', '<@U1|kill>', '<#C1|a b>', '<https://a|b>', '&lt;', '&amp;', '🦀', '\ud83e');
const first = fc.constantFrom('', ' ', 'kill ', '\nkill\n', 'Kill ', '"kill" ', 'kill\u200b ', '<#C1|kill> ', 'k<#C1|il>l ', '&amp;kill ', 'kil ');
const anyText = fc.oneof(
  fc.string({ unit: 'binary' }),
  fc.tuple(first, fc.array(pieces, { maxLength: 8 }), fc.constantFrom('', ' ')).map(([start, parts, between]) => start + parts.join(between)),
);

const quoteFor = (text: string): string => ['"', "'", '`'].find((quote) => !text.includes(quote)) ?? '"';
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
const quoted = (text: string): string => `${quoteFor(text)}${escaped(text)}${quoteFor(text)}`;

/** A command as a person would type it and Slack would send it. */
function print(command: Exclude<Command, { command: 'unknown' }>): string {
  const on = 'cluster' in command ? ` on ${quoted(command.cluster)}` : '';
  switch (command.command) {
    case 'kill':
      return `kill ${quoted(jobRefText(command.job))}${on}${command.reason === '' ? '' : ` because ${quoted(command.reason)}`}`;
    case 'status':
      return `status ${quoted(jobRefText(command.job))}${on}`;
    case 'why':
      return `why ${quoted(jobRefText(command.job))}${on}`;
    case 'jobs':
      return `jobs${on}${command.glob === undefined ? '' : ` ${quoted(command.glob)}`}`;
    case 'history':
      return `history${command.of === undefined ? '' : ` ${quoted(command.of)}`}`;
    case 'pause':
      return `pause for ${command.forMs / 1_000}s${command.reason === '' ? '' : ` because ${quoted(command.reason)}`}`;
    case 'resume':
    case 'clusters':
    case 'cleanup':
    case 'kept':
    case 'help':
      return command.command;
  }
}

const filled = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 60 }).filter((text) => text.trim() === text && !text.includes('"'));
const job = fc.oneof(
  filled.filter((text) => !text.includes('application_')).map(name),
  fc.uuid().map((id): JobRef => ({ by: 'mrs-id', id })),
  fc.tuple(fc.nat(), fc.nat()).map(([ms, number]): JobRef => ({ by: 'yarn-id', id: `application_${ms}_${number}` })),
);
const command = fc.oneof(
  fc.record({ command: fc.constant('kill' as const), job, cluster: filled, reason: fc.oneof(fc.constant(''), filled) }, { requiredKeys: ['command', 'job', 'reason'] }),
  fc.record({ command: fc.constant('status' as const), job, cluster: filled }, { requiredKeys: ['command', 'job'] }),
  fc.record({ command: fc.constant('jobs' as const), cluster: filled, glob: filled }, { requiredKeys: ['command'] }),
  fc.record({ command: fc.constant('why' as const), job, cluster: filled }, { requiredKeys: ['command', 'job'] }),
  fc.record({ command: fc.constant('history' as const), of: filled }, { requiredKeys: ['command'] }),
  fc.record({ command: fc.constant('pause' as const), forMs: fc.integer({ min: 1, max: 999_999 }).map((seconds) => seconds * 1_000), reason: fc.oneof(fc.constant(''), filled) }),
  fc.constantFrom('resume' as const, 'cleanup' as const, 'kept' as const, 'clusters' as const, 'help' as const).map((word) => ({ command: word })),
);

describe('whatever is typed', () => {
  it('is read without an exception, and what is unknown comes with words', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const read = parseCommand(text);
        return read.command !== 'unknown' || (read.problem !== '' && !/[<>&]/.test(read.problem));
      }),
      { numRuns: runs(3_000) },
    );
  });

  it('is a kill only where the first word is exactly kill, and names a job', () => {
    fc.assert(
      fc.property(anyText, (text) => {
        const read = parseCommand(text);
        return read.command !== 'kill' || (text.trim().split(/\s/)[0] === 'kill' && jobRefText(read.job).trim() !== '');
      }),
      { numRuns: runs(3_000) },
    );
  });

  it('never means two jobs: one word more than the grammar has is a problem', () => {
    fc.assert(
      fc.property(fc.stringMatching(/^[a-z0-9-]{1,10}$/), fc.stringMatching(/^[a-z0-9-]{1,10}$/), (one, other) => {
        fc.pre(![one, other].some((word) => word === 'on' || word === 'because'));
        expect(problemOf(`kill ${one} ${other}`)).toMatch(/takes one job/);
        expect(problemOf(`kill ${one} on dev ${other}`)).toMatch(/takes one job/);
      }),
    );
  });

  it('is what was meant: a printed command is read as itself', () => {
    fc.assert(fc.property(command, (meant) => expect(parseCommand(print(meant))).toEqual(meant)), { numRuns: runs(1_000) });
  });

  it.each([
    ['letters', 'a'.repeat(1_000_000)],
    ['brackets', '<'.repeat(1_000_000)],
    ['links', '<@U1|a b>'.repeat(100_000)],
    ['open links', '<a:'.repeat(300_000)],
    ['an open link', `<@${'a'.repeat(1_000_000)}`],
    ['quotes', '"'.repeat(1_000_000)],
    ['blanks', ' '.repeat(1_000_000)],
    ['words', 'on '.repeat(300_000)],
  ])('comes to an end, however long: %s', (_, text) => {
    for (const start of ['', 'kill ', 'jobs ', 'kill etl because ', 'kill "']) expect(parseCommand(start + text)).toHaveProperty('command');
  });
});
