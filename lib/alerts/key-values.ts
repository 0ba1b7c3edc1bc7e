const WORD = /(?<![^\s,;(])([\w.-]+)=(?:"((?:[^"\\]|\\.)*)"|“([^“”]*)”|'([^']*)'|([^\s,;()"'“”][^\s,;()]*))(?=[\s,;.)]|$)/g;

/**
 * The `key=value` words of a text that people wrote. A value with blanks, commas or brackets in it stands in quotes:
 * `Kills the job (cluster=analytics, job_name="etl daily").` has two words. Half a quoted value is none.
 */
export function readKeyValues(text: string): [string, string][] {
  return [...text.matchAll(WORD)].flatMap(([, key = '', double, curly, single, plain = '']): [string, string][] => {
    const value = double?.replace(/\\(.)/g, '$1') ?? curly ?? single ?? plain.replace(/\.+$/, '');
    return value === '' ? [] : [[key, value]];
  });
}
