import { readKeyValues } from './key-values.ts';

const LONGEST_NAME = 60;

/** A name and a value, as they stand in a text. */
export type Field = [name: string, value: string];

/** The fields of a text: what surely are some, and what its tables have by either way of reading them. */
export type Fields = {
  /** Lines with a name and a value, columns with both, `key=value` words. */
  said: Field[];
  /** Names with their values beside them. */
  across: Field[];
  /** A head of names with values under it. */
  down: Field[];
};

/** Reads the fields of a text that people or their templates wrote, HTML too. Pure; most of what it finds is none. */
export function readFields(text: string): Fields {
  const lines = withoutTags(text).split(/[\r\n]/);
  const rows = lines.map((line) => line.replace(/^\s*\||\|\s*$/g, '').split(/[|\t]/)).filter((cells) => !cells.every((cell) => /^[\s:=+-]*$/.test(cell)));
  const tables = tablesIn(rows);
  return {
    said: [
      ...lines.flatMap((line) => pairsIn([line])),
      ...tables.flatMap((table) => table.flatMap((cells) => pairsIn(cells))),
      ...lines.flatMap((line) => pairsIn(line.split(/[;；{}]/))),
      ...lines.flatMap((line) => allPairsIn(line.replace(/[{}]/g, '').split(/[,，、]/))),
      ...lines.flatMap((line) => readKeyValues(line.replace(/\b(auto|automatically|self)[ -]/gi, '$1'))), // `Auto Cleared=Yes` says nothing of `Cleared`
    ],
    across: tables.flatMap((table) => table.flatMap((cells) => cells.slice(1).map((value, at): Field => [cells[at] ?? '', value]))),
    down: tables.flatMap(([head = [], ...others]) => others.flatMap((values) => values.map((value, at): Field => [head[at] ?? '', value]))),
  };
}

/** Rows that follow each other and have as many cells, two at least. */
function tablesIn(rows: string[][]): string[][][] {
  const tables: string[][][] = [];
  let table: string[][] = [];
  for (const cells of rows) {
    if (table[0]?.length !== cells.length) {
      table = [];
      tables.push(table);
    }
    table.push(cells);
  }
  return tables.filter(([head = []]) => head.length > 1);
}

/** The rows, cells and lines of HTML as those of a text. No pattern begins with a run of blanks: texts are long. */
function withoutTags(text: string): string {
  return text
    .replace(/&(?:nbsp|#160|#xa0);/gi, ' ')
    .replace(/>\s+</g, '><')
    .replace(/<t[dh]\b[^<>]*>/gi, '')
    .replace(/(?:(?<=\S)\s+)?<\/t[dh]>\s*/gi, '|')
    .replace(/<(?:br|\/?(?:tr|p|div|li|ul|ol|table|h[1-6]))\b[^<>]*>/gi, '\n')
    .replace(/<\/?[a-z][^<>]*>/gi, '');
}

function pairsIn(parts: string[]): Field[] {
  return parts.flatMap((part): Field[] => {
    const end = part.search(/[:：=]/);
    return end < 1 || end > LONGEST_NAME ? [] : [[part.slice(0, end), part.slice(end + 1)]];
  });
}

/** What commas divide are columns only where each of them is one: else it is a sentence. */
function allPairsIn(parts: string[]): Field[] {
  const pairs = pairsIn(parts);
  return pairs.length === parts.filter((part) => part.trim() !== '').length ? pairs : [];
}
