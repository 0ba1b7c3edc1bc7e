/**
 * A mutant that no test can notice, or none should: the text that it replaces, as it stands in the file, what with (any where that is left
 * out), and why it may live. `file` may be a pattern.
 */
export type Exempt = { file: string; was: string; now?: string; why: string };

const LABEL = 'a label of a case in which nothing is done: the switch names all of them, so that a new one cannot be forgotten';
const SHORTCUT = 'a shortcut: without it the same comes out, later';

export const EXEMPT: readonly Exempt[] = [
  ...['declined', 'expired', 'not-found', 'ambiguous', 'failed', 'notified', 'ignored'].map((outcome) => ({ file: 'lib/core/digest.ts', was: `'${outcome}'`, now: '""', why: LABEL })),
  { file: 'lib/core/digest.ts', was: "case 'ignored': break;", now: "case 'ignored':", why: LABEL },
  { file: 'lib/core/digest.ts', was: 'a.name < b.name', now: 'a.name <= b.name', why: 'no two have one name' },
  { file: 'lib/core/near-names.ts', was: 'best.length === MOST_NEAR && typos >= (best.at(-1)?.typos ?? 0)', now: 'false', why: SHORTCUT },
  { file: 'lib/core/near-names.ts', was: 'typos >= (best.at(-1)?.typos ?? 0)', now: 'typos > (best.at(-1)?.typos ?? 0)', why: SHORTCUT },
  { file: 'lib/core/near-names.ts', was: 'best.at(-1)?.typos', now: 'best.at(-1).typos', why: 'three stand there: the question mark is for the type checker' },
  { file: 'lib/core/near-names.ts', was: 'mostTypos + name.length - wanted.length', now: 'mostTypos + name.length + wanted.length', why: 'it only puts them in order, and each is longer by as much' },
  { file: 'lib/core/near-names.ts', was: 'asTyped(name).toLowerCase()', now: 'asTyped(name).toUpperCase()', why: 'either case compares without regard to case' },
  { file: 'lib/core/week.ts', was: "''", now: '"Stryker was here!"', why: 'all three parts stand there, as the check of the policy saw to it' },
  { file: 'lib/core/covers.ts', was: 'seen.has(state)', now: 'false', why: SHORTCUT },
  { file: 'lib/core/covers.ts', was: 'seen.add(state);', now: ';', why: SHORTCUT },
  { file: 'lib/core/covers.ts', was: 'places.length === 0', now: 'false', why: SHORTCUT },
  { file: 'lib/core/covers.ts', was: "'?'", now: '""', why: 'a question mark of the glob takes any letter before letters are compared' },
  { file: 'lib/core/choose.ts', was: '[]', now: '["Stryker was here"]', why: 'what is no standing is left out of the count' },
  { file: 'lib/core/errors.ts', was: '/^APIG\\./', now: '/APIG\\./', why: 'what has it further behind is no code that we know, either way' },
  { file: 'lib/core/explain.ts', was: 'findGuard(policy.protected, job, now)?.place', now: 'findGuard(policy.protected, job, now).place', why: 'where the policy protects the job there is one: the question mark is for the type checker' },
  { file: 'lib/{alerts/smn-signature,core/sha256,settings/secret,mrs/sign,aws/sign-aws}.ts', was: "'utf8'", now: '""', why: 'without a word Node takes UTF-8 too' },
  { file: 'lib/aws/sign-aws.ts', was: 'derived?.from !== from', now: 'true', why: SHORTCUT },
  { file: 'lib/slack/verify.ts', was: "''", now: '"Stryker was here!"', why: 'a header that is not there: the other words are no time and no signature either' },
  { file: 'lib/core/covers.ts', was: '[]', now: '["Stryker was here"]', why: 'a place that is none leads nowhere' },
  { file: 'lib/core/covers.ts', was: '(a, b) => a - b', now: '() => undefined', why: 'in another order the same places are looked at twice, and nothing else' },
  { file: 'lib/core/covers.ts', was: 'a - b', now: 'a + b', why: 'in another order the same places are looked at twice, and nothing else' },
  { file: 'lib/core/explain.ts', was: "decision.verdict === 'refuse'", now: 'true', why: 'nothing else than a refusal has that rule: it is for the type checker' },
  { file: 'lib/core/match-alert.ts', was: '() => false', now: '() => undefined', why: 'either is no' },
  { file: 'lib/core/plan-cleanup.ts', was: "trigger === 'cleanup'", now: 'false', why: 'a schedule asks an approver or nobody' },
  { file: 'lib/core/plan-cleanup.ts', was: "'cleanup'", now: '""', why: 'a schedule asks an approver or nobody' },
  ...["{ killId: '', dryRun: false, receivedAt: 0 }", "''", 'false'].map((was) => ({ file: 'lib/core/plan-cleanup.ts', was, why: 'nothing of it is decided by' })),
  { file: 'lib/core/selector.ts', was: "'yes'", now: '""', why: 'yes is whatever is neither no nor open' },
  { file: 'lib/core/selector.ts', was: 'job.submitted_time > 0', why: 'without a time of submission the age is fifty years, and no rule waits for that' },
  { file: 'lib/core/time.ts', was: '/(\\d+) ([dhms])(?:in)?/g', now: '/(\\d) ([dhms])(?:in)?/g', why: 'the digits before the last one stay as they are' },
  { file: 'lib/core/week.ts', was: 'written.find((one) => one.type === type)?.value', why: 'each part is there: the question mark is for the type checker' },
  ...["Date.UTC(part('year'), part('month') - 1, part('day'), part('hour'), part('minute'), part('second')) + (((at % 1_000) + 1_000) % 1_000)", '(at % 1_000) + 1_000', 'at % 1_000'].map((was) => ({
    file: 'lib/core/week.ts', was, why: 'parts of a second count for no week, and cancel out between two of them',
  })),
  { file: 'lib/alerts/alert.ts', was: 'a < b', now: 'a <= b', why: 'no two have one name' },
  { file: 'lib/alerts/alert.ts', was: 'value === undefined', now: 'false', why: 'each name has a value: it is for the type checker' },
  { file: 'lib/alerts/alert-group.ts', was: '() => false', now: '() => undefined', why: 'either is no' },
  { file: 'lib/alerts/{alert-facts,alert-group,bearer,cloud-eye,cloudwatch,datadog,grafana,pagerduty,smn,smn-hosts}.ts', was: "''", now: '"Stryker was here!"', why: 'either is no word, pair, time, token or key that is looked for; or it is for the type checker' },
  { file: 'lib/alerts/{call-back,cloud-eye,cloudwatch,cloudwatch-data,pagerduty}.ts', was: '[]', now: '["Stryker was here"]', why: 'a text is no time or part of one, no metric, no number and no signature' },
  { file: 'lib/alerts/bearer.ts', was: "token !== ''", now: 'true', why: 'no token of the settings is empty' },
  { file: 'lib/alerts/cloudwatch.ts', was: '!(error instanceof InvalidRequest)', now: 'false', why: 'nothing else is thrown there' },
  { file: 'lib/alerts/smn-signature.ts', was: '{ return undefined; }', now: '{}', why: 'either gives nothing' },
  ...["typeof value === 'string'", "'string'"].map((was) => ({ file: 'lib/alerts/loose.ts', was, why: SHORTCUT })),
  { file: 'lib/alerts/key-values.ts', was: "''", now: '"Stryker was here!"', why: 'the name stands there, and one of the four values: it is for the type checker' },
  { file: 'lib/alerts/smn-fields.ts', was: "''", now: '"Stryker was here!"', why: 'the rows of a table have as many cells: it is for the type checker' },
  { file: 'lib/alerts/smn-fields.ts', was: '[]', now: '["Stryker was here"]', why: 'each table has a row, and what is none has no two cells' },
  { file: 'lib/alerts/smn-recovery.ts', was: "'nothing'", now: '""', why: 'a word that is only counted, whatever it is' },
  { file: 'lib/alerts/smn-recovery.ts', was: "''", now: '"Stryker was here!"', why: 'either has no brackets' },
  { file: 'lib/core/glob.ts', was: 'p < pattern.length', why: 'behind the end of the pattern stands no letter, and each of the text is another one' },
];
