import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

const ROOT = join(import.meta.dirname, '../..');
const BLOCK = /<!-- alertmanager\.yml -->\s*```ya?ml\n(.*?)```\s*<!-- end of alertmanager\.yml -->/s;

/** The configuration as the README has it between its markers; until it is there, the one among the fixtures. */
export function readConfiguration(): string {
  const readme = join(ROOT, 'README.md');
  const block = existsSync(readme) ? BLOCK.exec(readFileSync(readme, 'utf8'))?.[1] : undefined;
  return block ?? readFileSync(join(ROOT, 'test/fixtures/alertmanager/alertmanager.yml'), 'utf8');
}

/** The configuration with nothing changed but what `changes` say, old text to new. Throws where the old text is not there once. */
export function changeConfiguration(configuration: string, changes: Record<string, string>): string {
  return Object.entries(changes).reduce((text, [from, to]) => {
    const parts = text.split(from);
    if (parts.length !== 2) throw new Error(`expected ${JSON.stringify(from)} once in the configuration of the README, not ${parts.length - 1} times`);
    return parts.join(to);
  }, configuration);
}
