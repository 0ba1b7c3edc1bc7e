import { type Document, isScalar, LineCounter, parseDocument, visit } from 'yaml';
import type * as z from 'zod';
import { AppError } from '../core/errors.ts';
import { checkPolicy } from './check.ts';
import { readOutline } from './outline.ts';
import { findEmptyKeyAbove, findOffset, findPath, startOf } from './offsets.ts';
import type { Policy } from './policy.ts';
import { brokenParts, type Surroundings } from './problem.ts';
import { PolicySchema } from './schema.ts';
import { explainStar, findSlips, type Slip } from './yaml-slips.ts';

type Problem = { line: number; column: number; key: string; message: string };

/** A policy file that cannot be used. `problems` are in the order of the file; the message has one line for each. */
export class PolicyInvalid extends AppError {
  readonly code = 'policy_invalid';
  readonly problems: readonly Problem[];

  override get name(): string {
    return 'PolicyInvalid';
  }

  constructor(file: string, problems: readonly Problem[]) {
    super(problems.map(({ line, column, key, message }) => `${file}:${line}:${column} ${key}: ${message}`).join('\n'));
    this.problems = problems;
  }
}

/** Where in the text, by offset, and under which key. */
type Finding = { offset: number; path: PropertyKey[]; message: string };

/** Reads policy.yml, text in, and checks it as a whole. Throws PolicyInvalid with every mistake; `file` is only for its message. */
export function parsePolicy(yamlText: string, context: Surroundings & { file: string }): Policy {
  const lineCounter = new LineCounter();
  const document = parseDocument(yamlText, { lineCounter, prettyErrors: false, stringKeys: true });
  const fail = (findings: Finding[]): never => {
    throw new PolicyInvalid(context.file, toProblems(findings, lineCounter));
  };

  const slips = findSlips({ document, text: yamlText, lines: lineCounter });
  const badKeysAndAliases = findBadKeysAndAliases(document, yamlText);
  const syntax = [...slips, ...badKeysAndAliases].map((slip) => ({ ...slip, path: readable(findPath(document.contents, slip.offset)) }));
  // A key that stands twice leaves the rest readable; after other mistakes the rest would be guesswork.
  const isReadable = document.errors.every(({ code }) => code === 'DUPLICATE_KEY') && document.warnings.length + badKeysAndAliases.length === 0;
  if (!isReadable) return fail(syntax);

  let raw: unknown;
  try {
    raw = document.toJS(); // throws where aliases stand for more than a hundred values, unless told otherwise
  } catch {
    return fail([...syntax, tooManyAliases(document)]);
  }
  const parsed = PolicySchema.safeParse(raw);
  const ofForm = (parsed.error?.issues ?? []).flatMap((issue) => toFindings(document, issue));
  const findings = [
    ...syntax,
    ...ofForm,
    ...checkPolicy(readOutline(raw), context, brokenParts(ofForm.map(({ path }) => path))).map(({ path, message }) => ({
      path,
      message,
      offset: findOffset(document, path),
    })),
  ];
  if (!parsed.success || findings.length > 0) return fail(findings);
  return parsed.data;
}

/** The keys down to the first that somebody did not mean as one: a slip can make a key of half a line. */
function readable(path: PropertyKey[]): PropertyKey[] {
  const end = path.findIndex((key) => /[\s:]/.test(String(key)));
  return end < 0 ? path : path.slice(0, end);
}

function findBadKeysAndAliases(document: Document, text: string): Slip[] {
  const found: Slip[] = [];
  visit(document, {
    Alias: (_key, alias) => {
      if (alias.source === '' || alias.resolve(document) !== undefined) return; // a star alone is a slip already
      const offset = startOf(alias) ?? 0;
      found.push({ offset, message: explainStar(text, offset) });
    },
    Pair: (_key, { key }) => {
      // JavaScript reads it as something else than a key, and zod passes over it.
      if (isScalar(key) && key.value === '__proto__') found.push({ offset: startOf(key) ?? 0, message: 'unknown key' });
    },
  });
  return found;
}

/** A few nested aliases can stand for billions of values. */
function tooManyAliases(document: Document): Finding {
  let offset = 0;
  visit(document, { Alias: (_key, alias) => void (offset = startOf(alias) ?? offset) });
  return { offset, path: findPath(document.contents, offset), message: 'too many nested aliases; write the values out' };
}

function toFindings(document: Document, issue: z.core.$ZodIssue): Finding[] {
  const { path, message } = issue;
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.map((key, index) => ({
        path: [...path, key],
        message: `${message.split('\n')[index] ?? message}${belongsAbove(document, [...path, key])}`,
        offset: findOffset(document, [...path, key], 'key'),
      }));
    case 'invalid_key':
      return [{ path, message, offset: findOffset(document, path, 'key') }];
    default:
      return [{ path, message, offset: findOffset(document, path) }];
  }
}

/** A key behind one without a value was meant to be a part of that most likely. */
function belongsAbove(document: Document, path: PropertyKey[]): string {
  const above = findEmptyKeyAbove(document, path);
  return above === undefined ? '' : `; where it belongs to ${above}, indent it`;
}

function toProblems(findings: Finding[], lineCounter: LineCounter): Problem[] {
  return findings
    .toSorted((a, b) => a.offset - b.offset)
    .map(({ offset, path, message }) => {
      const { line, col } = lineCounter.linePos(offset);
      // linePos answers 0 for a text without any line.
      return { line: Math.max(1, line), column: Math.max(1, col), key: path.map(String).join('.') || '(file)', message };
    });
}
