import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

export const DEFAULT_REGION = 'eu-west-1'; // of serverless.yml

/** Whether a word can be an AWS region. */
export function isAwsRegion(word: string): boolean {
  return /^[a-z]{2}(?:-[a-z]+)+-\d$/.test(word);
}

/** The ledger's table of a stage: LEDGER_TABLE, or the one that its deployment makes. */
export function tableOfStage(stage: string, env: Record<string, string | undefined>): string {
  return env['LEDGER_TABLE'] || `${readService()}-${stage}-ledger`;
}

/** The function that runs the kills of a stage, qualified as its starters name it. */
export function functionOfStage(stage: string): string {
  return `${readService()}-${stage}-kill:durable`;
}

function readService(): string {
  const file = readFileSync(join(import.meta.dirname, '../serverless.yml'), 'utf8');
  return (parse(file, { logLevel: 'error' }) as { service: string }).service;
}
