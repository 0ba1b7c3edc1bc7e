// npm run replay -- <source> <file>: sends a saved payload again, signed as that source would. Exit code 0 only if all were taken.
import { loadEnvFiles } from './env-files.ts';
import { replay } from './replay/replay.ts';

process.exitCode = await replay(process.argv.slice(2), { env: process.env, loadEnvFiles, now: Date.now, print: console.log });
