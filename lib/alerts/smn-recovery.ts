import { readKeyValues } from './key-values.ts';

// How MRS words its messages is documented nowhere; the names of these fields are those of its alarm pages and of the console.
// https://support.huaweicloud.com/intl/en-us/usermanual-mrs/ALM-18020.html
const STATUS = /^(?:(?:alarm|clear|cleared|clearance|recovery)?(?:status|state)|(?:告警)?(?:清除|恢复)?状态)$/;
const IS_CLEARED = /^(?:(?:is)?(?:alarm)?cleared|是否(?:已)?清除|(?:告警)?已清除)$/;
const CLEARED_AT = /^(?:alarm)?(?:(?:clear|cleared|clearance|recovery|recovered)(?:time|at|on)|(?:告警)?(?:清除|恢复)时间)$/;

const SAYS_CLEARED = /^(?:(?:(?:auto(?:matically)?|manually) )?(?:ok|normal|cleared|recovered|resolved)|(?:已(?:自动|手动)?)?(?:清除|恢复|解决)|正常)$/i;
const LONGEST_VALUE = 100;
const SAYS_YES = /^(?:yes|true|y|1|是)$/i;
/** A moment of this century and nothing else: a column that is not filled in has `-`, or the year 0 or 1970. */
const SAYS_WHEN = /^(?=.*(?:\b20\d\d|\b1\d{9}(?:\d{3})?\b))[\d\s\-/:.,+()TZGMUC年月日时分秒]+$/;
const NAMES_OF_DAYS = /\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun)[a-z]*\b|\b[ap]m\b|[上下]午/gi;

/** Names of a pair as they are compared: `Alarm Status`, `alarm_status` and `alarmStatus` are one. */
const plain = (text: string): string => text.replace(/[\s_"'*•·-]/g, '').toLowerCase();
/** Without what stands around a value: `"Cleared".`, `Cleared (by admin)`. */
const bare = (text: string): string => text.replace(/^[\s"'*`]+|[\s"'*`.。!！]+$/g, '').replace(/(?<=\S)\s*[(（][^()（）]*[)）]$/, '');

/**
 * Whether a message that is a text says in a field of its own that its alarm is over: in the bracketed head of its subject, as
 * Cloud Eye does, or in a line, column or word that has one of the names above and nothing but such a value. What a sentence
 * says, or whether an alarm clears by itself one day, is nothing of the kind.
 */
export function saysRecovery(message: string, subject: string): boolean {
  if (isRecoveredHead(subject)) return true;
  return [...fieldsIn(subject), ...fieldsIn(message)].some(
    ([name, value]) => value.length <= LONGEST_VALUE && isRecoveredField(plain(name), bare(value)),
  );
}

/** `[Critical Ok]From Cloud Eye: …`, `[华为云][紧急告警恢复]云监控通知：…`; not `[Not Resolved]` or `[未恢复]`. */
function isRecoveredHead(subject: string): boolean {
  const head = /^(?:\s*(?:\[[^[\]]*\]|【[^【】]*】))+/.exec(subject)?.[0] ?? '';
  const groups = head.split(/[[\]【】]/).map(bare);
  return groups.some((group) => /(?:^|\s)(?:ok|cleared|recovered|resolved)$|(?<!未|没|没有|不|可|自动)(?:恢复|清除)$/i.test(group) && !/\b(?:not|never|auto|automatically)\b/i.test(group));
}

function isRecoveredField(name: string, value: string): boolean {
  if (STATUS.test(name)) return SAYS_CLEARED.test(value);
  if (IS_CLEARED.test(name)) return SAYS_YES.test(value) || SAYS_CLEARED.test(value) || saysWhen(value);
  return CLEARED_AT.test(name) && saysWhen(value);
}

function saysWhen(value: string): boolean {
  return SAYS_WHEN.test(value.replace(NAMES_OF_DAYS, ''));
}

/** Lines with a name and a value, columns with both or under a head of names, `key=value` words. */
function fieldsIn(text: string): [string, string][] {
  const lines = text.split(/[\r\n]+/);
  const rows = lines.map((line) => line.split(/[|\t]/));
  return [
    ...lines.flatMap((line) => pairsIn([line])),
    ...rows.flatMap((cells, at) => (cells.length > 1 ? [...pairsIn(cells), ...besides(cells), ...under(cells, rows[at + 1] ?? [])] : [])),
    ...lines.flatMap((line) => pairsIn(line.split(/[;；{}]/))),
    ...lines.flatMap((line) => allPairsIn(line.replace(/[{}]/g, '').split(/[,，、]/))),
    ...readKeyValues(text),
  ];
}

function pairsIn(parts: string[]): [string, string][] {
  return parts.flatMap((part): [string, string][] => {
    const [, name, value] = /^([^:：=]{1,60})[:：=](.*)$/s.exec(part) ?? [];
    return name === undefined || value === undefined ? [] : [[name, value]];
  });
}

/** What commas divide are columns only where each of them is one: else it is a sentence. */
function allPairsIn(parts: string[]): [string, string][] {
  const pairs = pairsIn(parts);
  return pairs.length === parts.filter((part) => part.trim() !== '').length ? pairs : [];
}

function besides(cells: string[]): [string, string][] {
  return cells.slice(1).map((value, at) => [cells[at] ?? '', value]);
}

function under(names: string[], values: string[]): [string, string][] {
  return names.length === values.length ? names.map((name, at) => [name, values[at] ?? '']) : [];
}
