// npm run replay -- <source> <file>: sends a saved payload, a Slack command or a click again, signed as its source would. Exit code 0 only if all were taken.
import { setTimeout as sleep } from 'node:timers/promises';
import { findStart } from '../test/local/running-start.ts';
import { runCommand } from './command-line.ts';
import { loadEnvFiles } from './env-files.ts';
import { replay } from './replay/replay.ts';

await runCommand(() => replay(process.argv.slice(2), { env: process.env, loadEnvFiles, findStart, now: Date.now, sleep, print: console.log }));
