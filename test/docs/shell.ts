/** One command of a shell: its first word, all its words (quotes taken off), as it was written. */
export type Command = { name: string; words: string[] };

const QUOTED = /'[^']*'|"(?:\\.|[^"\\])*"/g;

/**
 * The commands of a text for a shell, those in `$(…)` too, as far as the examples of the documents need it: placeholders (`<id>`, `…`), quotes over
 * several lines, here-documents, `&&`, `|`, `;`.
 */
export function commandsOf(text: string): Command[] {
  const quotes: string[] = [];
  const plain = asShell(text)
    .replaceAll(/<<'?(\w+)'?([^\n]*)\n[^]*?\n\1$/gm, '$2')
    .replaceAll(QUOTED, (quoted) => `@quoted${quotes.push(quoted.slice(1, -1)) - 1}@`)
    .replaceAll(/(^|\s)#.*$/gm, '$1')
    .replaceAll('\\\n', ' ')
    .replaceAll(/\$\(([^()]*)\)/g, 'X\n$1\n');
  return plain.split(/\n|&&|\|\|?|;/).flatMap((one) => {
    const words = one.trim().split(/\s+/).map((word) => word.replaceAll(/@quoted(\d+)@/g, (_, at: string) => quotes[Number(at)] ?? ''));
    const first = words.findIndex((word) => !/^\w+=/.test(word));
    const name = words[first];
    return name === undefined || name === '' ? [] : [{ name, words: words.slice(first) }];
  });
}

/** The text with each placeholder as a word, so that a shell can read it. */
export function asShell(text: string): string {
  return text.replaceAll(/<[a-z][a-z ]*>/g, 'X');
}
