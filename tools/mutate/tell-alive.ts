import { aliveText, type Mutant } from './judge.ts';
import { isOfPart, type PartOf } from './part-of.ts';

/** Stryker's reporter for this project: says each mutant that nobody noticed at once, since a room takes long. */
class TellAlive {
  readonly #part: PartOf | undefined;

  static inject = ['options'] as const;

  constructor({ part }: { part?: PartOf }) {
    this.#part = part;
  }

  onMutantTested(mutant: Mutant): void {
    const text = aliveText(mutant, process.cwd());
    if (text !== undefined && isOfPart(mutant.id, this.#part)) process.stdout.write(`${text}\n`);
  }
}

/** What Stryker loads of this file. https://stryker-mutator.io/docs/stryker-js/guides/create-a-plugin/ */
export const strykerPlugins = [{ kind: 'Reporter', name: 'tell-alive', injectableClass: TellAlive }];
