/** Why a text is no command; ends as an `unknown` one. */
export class Misread extends Error {}

/** One word or one quoted text. `raw` is what was typed, quotes and all, so that nothing quoted or linked is ever a keyword. */
export type Word = { raw: string; text: string; end: number };

/** Whether a word is one of these keywords, or of all where none is given. */
export function isKeyword({ raw }: Word, ...keywords: ('on' | 'because')[]): boolean {
  return (keywords.length === 0 ? ['on', 'because'] : keywords).some((keyword) => keyword === raw.toLowerCase());
}

/** What closes a quote. Phones make their own pairs of curly ones. */
const CLOSING: Record<string, RegExp> = {
  '"': /"/, "'": /'/, '`': /`/, '“': /[“”]/, '”': /”/, '„': /[“”]/, '‘': /[‘’]/, '’': /’/, '‚': /[‘’]/,
};

/** The word at or after `from`; undefined at the end. Throws Misread where its quotes are not in order. */
export function nextWord(text: string, from: number): Word | undefined {
  const at = from + text.slice(from).search(/\S|$/);
  if (at >= text.length) return undefined;
  const rest = text.slice(at);
  const close = CLOSING[rest.charAt(0)];
  if (close === undefined) {
    // A link may have blanks in its label.
    const raw = rest.slice(0, rest.replace(SLACK_TOKENS, (token) => '_'.repeat(token.length)).search(/\s|$/));
    return { raw, text: plainText(raw), end: at + raw.length };
  }
  const length = rest.slice(1).search(close);
  if (length < 0) throw new Misread('a quote is opened and not closed: write the name like `"etl daily"`');
  const end = at + length + 2;
  if (/^\S/.test(text.slice(end))) throw new Misread('a word follows a quote without a space: put one between them, as in `"etl daily" on analytics`');
  return { raw: text.slice(at, end), text: plainText(text.slice(at + 1, end - 1)), end };
}

/** Takes off quotes that stand around the whole of a text. */
export function unquote(given: string): string {
  const close = CLOSING[given.charAt(0)];
  const isQuoted = close !== undefined && given.length > 1 && given.slice(1).search(close) === given.length - 2;
  return isQuoted ? given.slice(1, -1) : given;
}

const SLACK_TOKENS = /<([@#!]|[a-z][a-z0-9+.-]*:)([^<>|\s]+)(?:\|([^<>]*))?>/gi;

/** Undoes Slack's markup, once. https://docs.slack.dev/messaging/formatting-message-text/ */
export function plainText(text: string): string {
  const unlinked = text.replace(SLACK_TOKENS, (_, kind: string, target: string, label = '') => {
    if (!kind.endsWith(':')) return label || target;
    // Slack makes links out of names such as `etl.sh`; those who typed them meant the name.
    return target.replace(/^\/\//, '') === label ? label : `${kind}${target}`;
  });
  return unlinked.replace(/&(amp|lt|gt);/g, (_, name: 'amp' | 'lt' | 'gt') => ({ amp: '&', lt: '<', gt: '>' })[name]);
}
