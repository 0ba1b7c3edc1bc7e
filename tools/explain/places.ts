import { isNode, LineCounter, parseDocument } from 'yaml';

/** A part of policy.yml: what it is called, and where it stands. */
export type Place = { rule: string; at: string };

/** Says where the part at a path of the policy stands: `['ask', 0]` → `ask.0`, `policy.yml:12`. */
export type FindPlace = (...path: [string, ...(string | number)[]]) => Place;

/** `text`: of a policy that has been checked, in `file`. What is written nowhere, since its default holds, stands at the file itself. */
export function createPlaces(text: string, file: string): FindPlace {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines });
  return (...path) => {
    const node = document.getIn(path, true);
    const [offset] = (isNode(node) ? node.range : undefined) ?? [];
    return { rule: path.join('.'), at: offset === undefined ? file : `${file}:${lines.linePos(offset).line}` };
  };
}
