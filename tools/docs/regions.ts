/** Text by the name of its region. */
export type Regions = Record<string, string>;

const BEGIN = /^( *)(?:<!--|#) ((?:sources|policy|settings|faults)[a-z-]*):begin\b/;
const END = /^ *(?:<!--|#) ((?:sources|policy|settings|faults)[a-z-]*):end\b/;

/**
 * The text with its regions filled: what stands between a line `<!-- name:begin … -->` and `<!-- name:end -->` (in YAML
 * `# name:begin …` and `# name:end`), each line indented like the mark. Throws where marks and regions do not fit together.
 */
export function fillRegions(text: string, regions: Regions): string {
  const filled = new Set<string>();
  const lines: string[] = [];
  let open: string | undefined;
  for (const line of text.split('\n')) {
    const [, indent = '', begun] = BEGIN.exec(line) ?? [];
    const ended = END.exec(line)?.[1];
    if ((begun !== undefined && open !== undefined) || (ended !== undefined && ended !== open)) throw new Error(`the mark ${line.trim()} fits no other`);
    if (ended !== undefined) open = undefined;
    if (open === undefined) lines.push(line);
    if (begun === undefined) continue;
    const region = Object.hasOwn(regions, begun) ? regions[begun] : undefined;
    if (region === undefined) throw new Error(`there is nothing to write between ${line.trim()} and its end`);
    open = begun;
    filled.add(begun);
    lines.push(...region.trimEnd().split('\n').map((one) => (one === '' ? '' : indent + one)));
  }
  const missing = Object.keys(regions).filter((name) => !filled.has(name));
  if (open !== undefined || missing.length > 0) throw new Error(`marks are missing: ${[...missing, ...(open === undefined ? [] : [`the end of ${open}`])].join(', ')}`);
  return lines.join('\n');
}
