import { readFileSync } from 'node:fs';
import { InvalidRequest } from '../../lib/core/errors.ts';

/** The JSON in the file that `flag` names. Throws InvalidRequest. */
export function readJsonFile(flag: string, path: string): unknown {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (error) {
    throw new InvalidRequest(`${flag}: ${path} cannot be read (${(error as NodeJS.ErrnoException).code}); name a file that is there`, { cause: error });
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new InvalidRequest(`${flag}: ${path} is no JSON: ${(error as Error).message}`, { cause: error });
  }
}
