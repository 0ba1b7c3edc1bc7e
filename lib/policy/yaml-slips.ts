import { type Document, isScalar, type LineCounter, Scalar, visit, type YAMLError } from 'yaml';
import { startOf } from './offsets.ts';

/** Something that YAML cannot read, or reads as something else than was meant; `message` says what to write. */
export type Slip = { offset: number; message: string };
/** After `misleads` YAML has taken the text behind it for something else: what it says of that is of no use. */
type Explained = Slip & { misleads?: boolean };

const COMMA = 'a comma is missing before this';
const keyOf = (word: string): string => `a colon with a space behind it makes a key of this; write ${JSON.stringify(word)}`;
const COLUMN = 'is indented differently from what stands beside it; begin both in one column';

type Source = { document: Document; text: string; lines: LineCounter };

/** What is wrong with the text as YAML, in the words of somebody who writes a policy: one slip for a line, in the order of the file. */
export function findSlips(source: Source): Slip[] {
  const all = [...source.document.errors, ...source.document.warnings];
  if (all.length === 0) return [];
  const errors = all.filter((error) => !isConsequence(error, all));
  const found: Explained[] = [...findTabs(source.text), ...errors.map((error) => explain(error, source))].toSorted((a, b) => a.offset - b.offset);
  const misleading = found.findIndex(({ misleads }) => misleads);
  const useful = misleading < 0 ? found : found.slice(0, misleading + 1);
  const lineOf = ({ offset }: Slip): number => source.lines.linePos(offset).line;
  return useful.filter((slip, index) => !useful.slice(0, index).some((earlier) => lineOf(earlier) === lineOf(slip))).map(({ offset, message }) => ({ offset, message }));
}

/** Where a comma is missing, YAML takes what stands before it for a key as well, and loses count of the brackets. */
function isConsequence({ code }: YAMLError, all: readonly YAMLError[]): boolean {
  if (code === 'MULTILINE_IMPLICIT_KEY') return all.some((other) => other.code === 'BLOCK_IN_FLOW');
  return (code === 'NON_STRING_KEY' || code === 'BAD_INDENT') && all.some(({ message }) => /^Missing ,|at node end$/.test(message));
}

/** A pattern that begins with a star is an alias in YAML: how to write it. `text` is the whole file, `offset` where the star stands. */
export function explainStar(text: string, offset: number): string {
  return `without quotes * begins an alias in YAML; write ${JSON.stringify(wordAt(text, offset))}`;
}

function findTabs(text: string): Explained[] {
  return [...text.matchAll(/^ *\t[ \t]*(?=[^\s#])/gm)].map(({ index, 0: indent }) => ({ offset: index + indent.indexOf('\t'), message: 'is indented with a tab; YAML takes only spaces there' }));
}

function explain(error: YAMLError, source: Source): Explained {
  const { text } = source;
  const [offset] = error.pos;
  const isReadable = error.code === 'DUPLICATE_KEY' || error.code === 'MULTIPLE_DOCS';
  const quote = isReadable ? undefined : findOpenQuote(source, offset);
  if (quote !== undefined) return { offset: quote, misleads: true, message: `the quote ${text[quote]} that begins here is not closed in this line; close it with ${text[quote]}` };
  switch (error.code) {
    case 'MULTIPLE_DOCS':
      return { offset, message: 'a second document begins here (---); keep everything in one' };
    case 'DUPLICATE_KEY':
      return { offset, message: `stands twice${firstLine(source, offset)}; keep one of them` };
    case 'BAD_ALIAS':
      return { offset, message: explainStar(text, offset) };
    case 'BAD_SCALAR_START':
    case 'TAG_RESOLVE_FAILED':
      return { offset, message: `without quotes nothing can begin with ${text[offset]} in YAML; write ${JSON.stringify(wordAt(text, offset))}` };
    case 'BLOCK_IN_FLOW':
      return explainBlock(offset, text);
    case 'NON_STRING_KEY':
      return { offset, message: 'a key has to be text' };
    case 'BLOCK_AS_IMPLICIT_KEY':
    case 'MULTILINE_IMPLICIT_KEY':
    case 'MISSING_CHAR':
      return explainKey(error, source);
    case 'BAD_INDENT':
      return explainIndent(error, source);
    case 'UNEXPECTED_TOKEN':
      return explainUnexpected(offset, text);
    default:
      return { offset, message: `cannot be read as YAML here: ${error.message}` };
  }
}

/** Where a quote begins that goes on over the end of its line: in a policy it was forgotten at its end. */
function findOpenQuote({ document, text }: Source, before: number): number | undefined {
  let found: number | undefined;
  visit(document, {
    Scalar: (_key, { type, range }) => {
      if (found !== undefined || !range || range[0] >= before || (type !== Scalar.QUOTE_DOUBLE && type !== Scalar.QUOTE_SINGLE)) return;
      const written = text.slice(range[0], range[1]).trimEnd();
      if (written.length < 2 || written.at(-1) !== written[0] || written.includes('\n')) found = range[0];
    },
  });
  return found;
}

function firstLine({ document, lines }: Source, offset: number): string {
  let first: number | undefined;
  visit(document, {
    Map: (_key, { items }) => {
      const second = items.find(({ key }) => startOf(key) === offset)?.key;
      if (!isScalar(second)) return;
      first = startOf(items.find(({ key }) => isScalar(key) && key.value === second.value)?.key);
    },
  });
  return first === undefined ? '' : `, first in line ${lines.linePos(first).line}`;
}

/** Inside brackets: entries with dashes, or a second colon before the next comma. */
function explainBlock(offset: number, text: string): Explained {
  if (text[offset] === '-') return { offset, message: 'inside brackets nothing begins with a dash; separate the entries with commas' };
  const key = text.slice(offset).search(/[^\s"']+:\s/);
  return key > 0 ? { offset: offset + key, message: COMMA } : { offset, message: keyOf(wordAt(text, offset)) };
}

/** A key and its value that do not stand as YAML wants them. */
function explainKey({ code, message, pos: [offset, end] }: YAMLError, { text, lines }: Source): Explained {
  const word = wordAt(text, offset);
  if (message.includes('without - indicator')) return { offset: wordStart(text, offset), message: 'stands between two columns; indent it like the keys of the entry above, or begin an entry with - and a space' };
  if (/^\s*-\s/.test(word)) return { offset: wordStart(text, offset), message: COLUMN };
  if (message.startsWith('Missing ,')) return { offset, message: COMMA };
  const glued = /^([\w-]+):(\S.*)$/.exec(word);
  if (glued) return { offset, message: `a space is missing behind the colon; write ${glued[1]}: ${glued[2]}` };
  const [line, lastLine] = [lines.linePos(offset).line, lines.linePos(end).line];
  if (code === 'BLOCK_AS_IMPLICIT_KEY' && lineEnd(text, offset) >= end && /:\s/.test(word)) return { offset, message: keyOf(word) };
  if (lastLine > line || code === 'BLOCK_AS_IMPLICIT_KEY') {
    const next = wordStart(text, lineEnd(text, offset) + 1);
    const isAfterKey = /:\s/.test(text.slice(lineStart(text, offset), offset));
    if (isAfterKey) return { offset: next, misleads: true, message: 'is indented further than the key above, which has a value already; begin both in one column' };
  }
  return { offset, message: `${word} is no key with a value; write ${word.split(/\s/)[0]}: and the value` };
}

function explainIndent({ message, pos: [offset] }: YAMLError, { document, text }: Source): Explained {
  if (message.startsWith('All ')) return { offset: wordStart(text, offset), message: COLUMN };
  let open: number | undefined;
  visit(document, {
    Collection: (_key, { flow, range }) => {
      if (!flow || !range || range[0] >= offset) return;
      if (text[range[1] - 1] !== (text[range[0]] === '{' ? '}' : ']')) open = range[0];
    },
  });
  const tab = findTabs(text).find((one) => open !== undefined && one.offset > open && one.offset <= offset);
  if (tab) return { ...tab, misleads: true };
  if (open !== undefined) return { offset: open, misleads: true, message: `the ${text[open]} that begins here is not closed; close it with ${text[open] === '{' ? '}' : ']'}` };
  return { offset, message: 'has to be indented: what stands in brackets over several lines, the closing one too, begins with a space' };
}

function explainUnexpected(offset: number, text: string): Explained {
  if (/[\]}]/.test(text[offset] ?? '')) return { offset, message: `nothing was opened that this ${text[offset]} closes; leave it out` };
  if (/["']/.test(text[offset - 1] ?? '')) return { offset, message: 'the quote ends before this; put all of the value in quotes, and use the other kind of quotes around one' };
  if (/[\]},]\s*$/.test(text.slice(lineStart(text, offset), offset)) || isInBrackets(text, offset)) return { offset, message: COMMA };
  return { offset, message: 'nothing can stand here: the value has ended before it' };
}

/** What somebody wrote at `offset`, without a comment behind it: to the end of its line, in brackets to the next comma or bracket. */
function wordAt(text: string, offset: number): string {
  const rest = text.slice(offset, lineEnd(text, offset)).replace(/\s+#.*$/, '').trimEnd();
  return isInBrackets(text, offset) ? rest.split(/[,\]}]/, 1)[0]!.trimEnd() : rest;
}

/** Whether a bracket stands before it in its line, but for quotes. */
function isInBrackets(text: string, offset: number): boolean {
  return /[[{]/.test(text.slice(lineStart(text, offset), offset).replace(/"[^"]*"|'[^']*'/g, ''));
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

function lineEnd(text: string, offset: number): number {
  const end = text.indexOf('\n', offset);
  return end < 0 ? text.length : end;
}

function wordStart(text: string, offset: number): number {
  return offset + /^\s*/.exec(text.slice(offset))![0].length;
}
