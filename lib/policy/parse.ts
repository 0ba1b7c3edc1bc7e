import { type Document, isAlias, isMap, isNode, isScalar, isSeq, LineCounter, parseDocument, visit } from 'yaml';
import type * as z from 'zod';
import { AppError } from '../core/errors.ts';
import { checkPolicy } from './check.ts';
import { readOutline } from './outline.ts';
import type { Policy } from './policy.ts';
import { brokenParts, type Surroundings } from './problem.ts';
import { PolicySchema } from './schema.ts';

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

  const syntax = [...findSyntaxErrors(document), ...findBadKeysAndAliases(document)];
  // A key that stands twice leaves the rest readable; after other mistakes the rest would be guesswork.
  const isReadable = document.errors.every(({ code }) => code === 'DUPLICATE_KEY') && syntax.length === document.errors.length;
  if (!isReadable) return fail(syntax);

  let raw: unknown;
  try {
    raw = document.toJS({ maxAliasCount: 100 });
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
      offset: findOffset(document, path, 'value'),
    })),
  ];
  if (!parsed.success || findings.length > 0) return fail(findings);
  return parsed.data;
}

function findSyntaxErrors(document: Document): Finding[] {
  return [...document.errors, ...document.warnings].map(({ pos, code, message }) => ({
    offset: pos[0],
    path: findPath(document.contents, pos[0]),
    message: code === 'MULTIPLE_DOCS' ? 'a second document begins here (---); keep everything in one' : message,
  }));
}

function findBadKeysAndAliases(document: Document): Finding[] {
  const findings: Finding[] = [];
  const add = (offset: number, message: string): void => {
    findings.push({ offset, path: findPath(document.contents, offset), message });
  };
  visit(document, {
    Alias: (_key, alias) => {
      if (alias.resolve(document) === undefined) add(startOf(alias) ?? 0, `no anchor &${alias.source} stands before this alias`);
    },
    Pair: (_key, { key }) => {
      // JavaScript reads it as something else than a key, and zod passes over it.
      if (isScalar(key) && key.value === '__proto__') add(startOf(key) ?? 0, 'unknown key');
    },
  });
  return findings;
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
      return issue.keys.map((key) => ({
        path: [...path, key],
        message,
        offset: findOffset(document, [...path, key], 'key'),
      }));
    case 'invalid_key':
      return [{ path, message, offset: findOffset(document, path, 'key') }];
    default:
      return [{ path, message, offset: findOffset(document, path, 'value') }];
  }
}

/** Offset of the value (or the key) at `path`; of the closest one around it where the path leads to nothing. */
function findOffset(document: Document, path: readonly PropertyKey[], wanted: 'key' | 'value'): number {
  let node: unknown = document.contents;
  let offset = startOf(node) ?? 0;
  for (const [depth, step] of path.entries()) {
    if (isAlias(node)) node = node.resolve(document);
    if (isMap(node)) {
      const pair = node.items.find(({ key }) => isScalar(key) && key.value === String(step));
      if (pair === undefined) return offset;
      offset = startOf(pair.key) ?? offset;
      if (wanted === 'key' && depth === path.length - 1) return offset;
      node = pair.value;
    } else if (isSeq(node)) {
      node = node.items[Number(step)];
    }
    offset = startOf(node) ?? offset;
  }
  return offset;
}

/** The keys that lead to `offset`, for trouble that only knows its place. */
function findPath(node: unknown, offset: number): PropertyKey[] {
  const isBefore = (other: unknown): boolean => (startOf(other) ?? Infinity) <= offset;
  if (isMap(node)) {
    const pair = node.items.findLast(({ key }) => isBefore(key));
    if (pair === undefined) return [];
    return [isScalar(pair.key) ? String(pair.key.value) : '?', ...findPath(pair.value, offset)];
  }
  if (isSeq(node)) {
    const index = node.items.findLastIndex(isBefore);
    return index < 0 ? [] : [index, ...findPath(node.items[index], offset)];
  }
  return [];
}

function startOf(node: unknown): number | undefined {
  return isNode(node) ? node.range?.[0] : undefined;
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
