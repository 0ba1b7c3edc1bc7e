import { replayCleanup } from './cleanup.ts';
import type { Local } from './local.ts';
import { HELP, type Options, readOptions } from './options.ts';
import { replayPayload } from './payload.ts';
import { UsageError } from './settings.ts';
import { replaySlack } from './slack.ts';

export type World = Local & {
  /** Adds to `env` what the files of a stage say. */
  loadEnvFiles: (stage: string | undefined) => void;
  now: () => number;
  sleep: (ms: number) => Promise<unknown>;
  print: (text: string) => void;
};

const WRONG_USE = 1;

/** Does what the command line says; the exit code: 0 all answers were 2xx, 1 not all, or the arguments or settings are wrong. */
export async function replay(args: string[], world: World): Promise<number> {
  try {
    const options = readOptions(args);
    if (options !== undefined) {
      world.loadEnvFiles(options.stage);
      return await play(options, world);
    }
    world.print(HELP);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    world.print(error.message);
    return WRONG_USE;
  }
}

function play(options: Options, world: World): Promise<number> {
  switch (options.what) {
    case 'payload':
      return replayPayload(options, world);
    case 'slack':
      return replaySlack(options, world);
    case 'cleanup':
      return replayCleanup(options, world);
  }
}
