import { textOf } from '../docs/pages.ts';

const PAGE = 'docs/triggers/alertmanager.md';
const BLOCK = /<!-- alertmanager\.yml -->\s*```ya?ml\n(.*?)```\s*<!-- end of alertmanager\.yml -->/s;

/** The configuration as the page for Alertmanager has it between its markers. */
export function readConfiguration(): string {
  const [, block] = BLOCK.exec(textOf(PAGE)) ?? [];
  if (block === undefined) throw new Error(`${PAGE} has no configuration between its markers`);
  return block;
}

/** The configuration with nothing changed but what `changes` say, old text to new. Throws where the old text is not there once. */
export function changeConfiguration(configuration: string, changes: Record<string, string>): string {
  return Object.entries(changes).reduce((text, [from, to]) => {
    const parts = text.split(from);
    if (parts.length !== 2) throw new Error(`expected ${JSON.stringify(from)} once in the configuration of ${PAGE}, not ${parts.length - 1} times`);
    return parts.join(to);
  }, configuration);
}
