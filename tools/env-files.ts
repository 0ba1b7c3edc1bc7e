import { existsSync, readdirSync } from 'node:fs';
import { nearestWord } from '../lib/core/near-names.ts';
import { WrongUsage } from './command-line.ts';

const STAGE = /^[A-Za-z][A-Za-z0-9-]{0,31}$/;

/**
 * Reads `.env.<stage>` and `.env` of the current folder into the environment as deploy does: what is there already wins. Throws
 * WrongUsage for a file that is no such file, and for a stage that is none or nearly the name of one that has a file.
 */
export function loadEnvFiles(stage: string | undefined): void {
  if (stage !== undefined) checkStage(stage);
  for (const file of [...(stage === undefined ? [] : [`.env.${stage}`]), '.env']) {
    if (!existsSync(file)) continue;
    try {
      process.loadEnvFile(file);
    } catch (error) {
      throw new WrongUsage(`${file} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'no file of settings'}): it has to be a file with a NAME=value in each line.`, { cause: error });
    }
  }
}

/** The stages that have a file of settings here. */
export function stagesHere(): string[] {
  return readdirSync('.').flatMap((name) => /^\.env\.(.+)$/.exec(name)?.[1] ?? []);
}

/** A stage may do without a file, where its settings come from elsewhere: one that is nearly named as another is a slip of the pen. */
function checkStage(stage: string): void {
  if (!STAGE.test(stage)) throw new WrongUsage('--stage has to be the name of a stage: a letter, then at most 31 letters, digits and -, such as prod.');
  const stages = stagesHere();
  const near = stages.includes(stage) ? undefined : nearestWord(stage, stages);
  if (near !== undefined) throw new WrongUsage(`--stage ${stage}: there is no .env.${stage} here, and there is .env.${near}; did you mean --stage ${near}?`);
}
