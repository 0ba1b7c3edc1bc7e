import { replayCleanup } from './cleanup.ts';
import type { Local } from './local.ts';
import { HELP, type Options, readOptions } from './options.ts';
import { replayPayload } from './payload.ts';
import { replaySlack } from './slack.ts';

export type World = Local & {
  /** Adds to `env` what the files of a stage say. */
  loadEnvFiles: (stage: string | undefined) => void;
  now: () => number;
  sleep: (ms: number) => Promise<unknown>;
  print: (text: string) => void;
};

/** Does what the command line says; the exit code: 0 all answers were 2xx, 1 not all. Throws UsageError. */
export async function replay(args: string[], world: World): Promise<number> {
  const options = readOptions(args);
  if (options !== undefined) {
    world.loadEnvFiles(options.stage);
    return play(options, world);
  }
  world.print(HELP);
  return 0;
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
