import { existsSync } from 'node:fs';

/** Reads `.env.<stage>` and `.env` of the current folder into the environment as deploy does: what is there already wins. */
export function loadEnvFiles(stage: string | undefined): void {
  const files = [...(stage === undefined ? [] : [`.env.${stage}`]), '.env'];
  for (const file of files) if (existsSync(file)) process.loadEnvFile(file);
}
