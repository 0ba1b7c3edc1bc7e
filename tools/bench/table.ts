import { compare, spreadOf, type Spread } from './numbers.ts';
import type { Row } from './part.ts';

/** The rows of one part as a table of Markdown, under its title, with what makes it again: `--only …` behind `options`. */
export function tableOf({ name, about, rows }: { name: string; about: string; rows: readonly Row[] }, options = ''): string {
  const lines = rows.map((row) => {
    const { what, unit, ours, peer, note } = row;
    const beside = peer && compare(ours, peer.values);
    const cells = [
      what + (note === undefined ? '' : ` (${note})`),
      amountText(ours, unit),
      peer ? `${amountText(peer.values, unit)}: ${peer.name}` : '–',
      beside ? `${spreadText(beside.difference, '+')} ${unit}` : '–',
      beside ? `${beside.ratio.toFixed(2)} ×` : '–',
      goalText(row),
    ];
    return `| ${cells.join(' | ')} |`;
  });
  return [`### ${about} (\`${options}--only ${name}\`)`, '', '| Measured | Ours | Beside | Difference | Ratio | To reach |', '|---|---|---|---|---|---|', ...lines, ''].join('\n');
}

/** What each row came to, for those with something to reach. */
export function isReached({ ours, peer, most }: Row): boolean | undefined {
  if (most === undefined) return undefined;
  if ('value' in most) return spreadOf(ours).median <= most.value;
  return peer && compare(ours, peer.values).ratio <= most.ratio;
}

function goalText(row: Row): string {
  const { most, unit } = row;
  if (most === undefined) return '–';
  const goal = 'ratio' in most ? `≤ ${most.ratio} ×` : `≤ ${most.value} ${unit}`;
  return `${goal}: ${isReached(row) === true ? 'reached' : '**not reached**'}`;
}

/** With its unit, which is one where that is one. */
function amountText(values: readonly number[], unit: string): string {
  const text = spreadText(spreadOf(values));
  return `${text} ${text === '1' && unit.length > 3 ? unit.replace(/s$/, '') : unit}`;
}

/** `12.3 (11.8 to 13.0)`: the median and the quartiles; alone where there is nothing to spread. */
function spreadText({ low, median, high }: Spread, sign: '+' | '' = ''): string {
  const text = (value: number): string => (sign !== '' && value > 0 ? sign : '') + rounded(value);
  return low === high ? text(median) : `${text(median)} (${text(low)} to ${text(high)})`;
}

function rounded(value: number): string {
  const digits = Math.abs(value) >= 100 || Number.isInteger(value) ? 0 : Math.abs(value) >= 10 ? 1 : 2;
  return value.toFixed(digits);
}

const END = '<!-- to here -->';

/** The page with `tables` between the markers of that command. Throws where it has none. */
export function putTables(page: string, tables: string, command: string): string {
  const begin = `<!-- ${command} writes from here -->`;
  const from = page.indexOf(begin);
  const to = page.indexOf(END, from);
  if (from < 0 || to < from) throw new Error(`docs/performance.md needs the lines ${begin} and ${END}`);
  return `${page.slice(0, from + begin.length)}\n\n${tables.trim()}\n\n${page.slice(to)}`;
}
