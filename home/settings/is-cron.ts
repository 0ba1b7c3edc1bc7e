const NAMES_OF_MONTHS = 'jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec';
const NAMES_OF_DAYS = 'sun|mon|tue|wed|thu|fri|sat';
/** Of each field in its order: the least and the most it takes, and words that stand for numbers. */
const FIELDS = [[0, 59, ''], [0, 23, ''], [1, 31, ''], [1, 12, NAMES_OF_MONTHS], [0, 7, NAMES_OF_DAYS]] as const;

/** Whether a text is five fields of cron: numbers, `*`, ranges, lists, steps, and names of months and weekdays. */
export function isCron(text: string): boolean {
  const fields = text.trim().split(/\s+/);
  return fields.length === FIELDS.length && FIELDS.every((field, index) => fields[index]?.split(',').every((part) => isPart(part, field)));
}

function isPart(part: string, [least, most, names]: (typeof FIELDS)[number]): boolean {
  const [range = '', step, ...more] = part.split('/');
  if (more.length > 0 || (step !== undefined && !isNumber(step, 1, most))) return false;
  if (range === '*') return true;
  const isName = (text: string): boolean => names.split('|').includes(text.toLowerCase()) && text !== '';
  const ends = range.split('-');
  if (ends.length > 2 || !ends.every((end) => isName(end) || isNumber(end, least, most))) return false;
  // A step counts from a range; `5/15` means another thing to each that reads it.
  if (ends.length === 1) return step === undefined;
  return !ends.every((end) => isNumber(end, least, most)) || Number(ends[0]) <= Number(ends[1]);
}

function isNumber(text: string, least: number, most: number): boolean {
  return /^\d{1,2}$/.test(text) && Number(text) >= least && Number(text) <= most;
}
