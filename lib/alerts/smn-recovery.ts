import { type Field, readFields } from './smn-fields.ts';

// How MRS words its messages is documented nowhere; the names of these fields are those of its alarm pages and of the console.
// https://support.huaweicloud.com/intl/en-us/usermanual-mrs/ALM-18020.html
const STATUS = /^(?:(?:alarm|alert|clear|cleared|clearance|recovery)(?:status|state)|(?:告警|报警)(?:清除|恢复)?(?:当前)?状态|(?:清除|恢复)状态)$/;
/** Of the alarm, the job or a node: nobody knows. */
const ANY_STATUS = /^(?:(?:current)?(?:status|state)|(?:当前)?状态)$/;
const IS_CLEARED = /^(?:(?:is)?(?:alarm)?(?:cleared|recovered|resolved|restored)|是否(?:已)?(?:清除|恢复)|(?:告警)?已(?:清除|恢复))$/;
const CLEARED_AT =
  /^(?:alarm)?(?:(?:clear|cleared|clearance|recovery|recovered|resolved|restored)(?:time|at|on)|(?:告警)?(?:清除|恢复)时间)$/;

/** What is said of alarms alone, whatever the name of the column. */
const SAYS_CLEARED = /^(?:(?:(?:has been|is|was) )?(?:(?:auto(?:matically)?|manually) )?(?:cleared|resolved)(?: (?:automatically|manually))?|(?:告警|报警)?已?(?:(?<=已)(?:自动|手动))?(?:清除|恢复(?:正常)?|解决|解除|消除))$/i;
/** What an alarm's own status says besides. */
const SAYS_OVER = /^(?:(?:(?:has been|is|was) )?(?:(?:auto(?:matically)?|manually) )?(?:recovered|restored)(?: (?:automatically|manually))?|alarm (?:cleared|resolved|recovered)|ok|normal|clear|recovery|inactive|closed|(?:告警|报警)?已?(?:恢复)?正常)$/i;
const SAYS_STANDS =
  /^(?:alarm|alarming|alerting|firing|active|raised|open|triggered|(?:not (?:yet )?|un)(?:cleared|recovered|resolved|restored)|(?:正在|持续)?(?:告警|报警)中?|(?:尚)?未(?:清除|恢复|解决|解除|消除))$/i;
const SAYS_YES = /^(?:yes|true|y|1|是|已)$/i;
const SAYS_NO = /^(?:no|false|n|0|否|未)$/i;
const SAYS_NOTHING = /^[\s—/-]*$|^(?:n\/?a|none|null|无)$/i;
const LONGEST_VALUE = 100;
/** A moment of this century and nothing else: a column that is not filled in has `-`, or the year 0 or 1970. */
const SAYS_WHEN = /^(?=.*(?:\b20\d\d|\b1\d{9}(?:\d{3})?\b))[\d\s\-/:.,+()TZGMUCS年月日时分秒]+$/;
const NAMES_OF_DAYS = /\b(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|mon|tue|wed|thu|fri|sat|sun)[a-z]*\b|\b[ap]m\b|[上下]午/gi;
const BEFORE_TIME = /[\s,，;；@-]+(?:(?:at|on|since)\s|于)?|于|(?<=\p{Script=Han})(?=\d)/giu;

/** Names of a pair as they are compared: `Alarm Status`, `alarm_status` and `alarmStatus` are one. */
const plain = (text: string): string => text.replace(/[\s>]*(?:\d{1,2}[.)、])?/, '').replace(/[\s_"'*•·`:：-]/g, '').toLowerCase();
/** Without what stands around a value: `"Cleared".`, `Cleared (by admin)`. */
const bare = (text: string): string =>
  text.replace(/^[\s"'*`|\p{Extended_Pictographic}\uFE0F]+|[\s"'*`|.,。，!！]+$/gu, '').replace(/(?<=\S)\s*[(（][^()（）]*[)）]$/, '');

/** What a field says: that the alarm is over, that it stands, that something is over, or which may be asked and says none of these. */
type Word = 'over' | 'stands' | 'may be over' | 'nothing';

/**
 * Whether a message that is a text says in a field of its own that its alarm is over: in the head of its subject, as Cloud Eye
 * does, or in a line, column or word that has one of the names above and nothing but such a value. What a sentence says, or whether
 * an alarm clears by itself one day, is nothing of the kind. Where one field of the alarm says that it is over, and another that it
 * stands, it is over: whom a stale alarm means must not be killed. A column that is called just `status` may be the job's: it
 * counts where its word is one for alarms alone, and none of the alarm's own fields says that it stands.
 */
export function saysRecovery(message: string, subject: string): boolean {
  if (isRecoveredHead(subject) || isRecoveryNotice(message)) return true;
  const words = [...wordsIn(subject), ...wordsIn(message)];
  return words.includes('over') || (words.includes('may be over') && !words.includes('stands'));
}

/** Of the two ways to read a table that one counts which makes more sense: `Cleared` is a name, and a value too. */
function wordsIn(text: string): Word[] {
  const { said, across, down } = readFields(text);
  const [beside, under] = [across.flatMap(wordOf), down.flatMap(wordOf)];
  const most = Math.max(beside.length, under.length);
  return [...said.flatMap(wordOf), ...[beside, under].filter(({ length }) => length === most).flat()];
}

function wordOf([name, value]: Field): Word[] {
  if (value.length > LONGEST_VALUE) return [];
  const word = judge(plain(name), bare(value));
  return word === undefined ? [] : [word];
}

function judge(name: string, value: string): Word | undefined {
  if (CLEARED_AT.test(name)) return saysWhen(value) ? 'over' : blank(value);
  const said = withoutTime(value);
  if (ANY_STATUS.test(name)) return SAYS_CLEARED.test(said) ? 'may be over' : SAYS_STANDS.test(said) ? 'nothing' : blank(said);
  const isYes = IS_CLEARED.test(name);
  if (!isYes && !STATUS.test(name)) return undefined;
  if (SAYS_CLEARED.test(said) || SAYS_OVER.test(said) || (isYes && (SAYS_YES.test(said) || saysWhen(value)))) return 'over';
  return SAYS_STANDS.test(said) || (isYes && SAYS_NO.test(said)) ? 'stands' : blank(said);
}

function blank(value: string): Word | undefined {
  return SAYS_NOTHING.test(value) ? 'nothing' : undefined;
}

/** `Cleared, 2026-11-22 11:59:00` says what `Cleared` does. */
function withoutTime(value: string): string {
  for (const { index, 0: gap } of value.matchAll(BEFORE_TIME)) {
    if (saysWhen(value.slice(index + gap.length))) return bare(value.slice(0, index));
  }
  return value;
}

function saysWhen(value: string): boolean {
  return SAYS_WHEN.test(value.replace(NAMES_OF_DAYS, ''));
}

const FORWARDED = /^(?:\s*(?:re|fwd?|aw|wg|tr|回复|答复|转发)\s*[:：])+/i;
const GROUPS = /^(?:\s*(?:\[[^[\]]*\]|【[^【】]*】))+/;
const RECOVERED_GROUP =
  /(?:^|\s)(?:ok|cleared|recovered|resolved)(?::\d+)?$|^(?:(?:critical|major|minor|info|informational|warning|alarm|alert)\s+)*(?:clear|recovery|restored)$/i;
const NOT_RECOVERED = /\b(?:not|never|auto|automatically)\b/i;
const RECOVERED_IN_CHINESE = /(?<!未|没|没有|不|可|(?<!已)自动)(?:恢复(?:正常)?|清除|解除|消除)(?:通知|提醒|消息)?$/;

/** `[Critical Ok]From Cloud Eye: …`, `[华为云][紧急告警恢复]云监控通知：…`; not `[Not Resolved]` or `[未恢复]`. */
function isRecoveredHead(subject: string): boolean {
  const own = subject.replace(FORWARDED, '');
  const groups = (GROUPS.exec(own)?.[0] ?? '').split(/[[\]【】]/).map(bare);
  return isRecoveryNotice(own) || groups.some((group) => (RECOVERED_GROUP.test(group) && !NOT_RECOVERED.test(group)) || RECOVERED_IN_CHINESE.test(group));
}

/** A text that begins as a notice: `告警恢复通知：…`, `【告警恢复】…`. */
function isRecoveryNotice(text: string): boolean {
  return /^\s*(?:(?:告警|报警)已?(?:恢复|清除|解除|消除)(?:通知|提醒|消息)(?![\p{Script=Han}\w])|[[【]\s*(?:告警|报警)已?(?:恢复(?:正常)?|清除|解除|消除)(?:通知|提醒|消息)?\s*[\]】])/u.test(text);
}
