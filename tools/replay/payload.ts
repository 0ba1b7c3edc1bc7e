import { readFileSync } from 'node:fs';
import { envOfStart, lambdaUrl, type Local, serverUrl } from './local.ts';
import type { PayloadOptions } from './options.ts';
import { type Answer, HINT_401, isTaken, post, targetOf } from './post.ts';
import { UsageError } from './settings.ts';
import { showRequest } from './show.ts';
import { signRequest } from './sign.ts';

type World = Local & { now: () => number; print: (text: string) => void };

/** Sends a saved payload as often as told, and prints request and answers; the exit code. Throws UsageError. */
export async function replayPayload({ sender, file, keyFile, url: given, times, isDryRun }: PayloadOptions, world: World): Promise<number> {
  const url = given ?? (sender === 'cloudwatch' ? lambdaUrl(world.env) : serverUrl(world.env));
  const env = given === undefined ? envOfStart(world) : world.env;
  const body = readFile(file);
  const key = keyFile === undefined ? undefined : readFile(keyFile).toString('utf8');
  let taken = 0;
  for (let time = 1; time <= times; time++) {
    const request = signRequest(sender, body, { env, nowMs: world.now(), key }); // anew: signatures age
    const target = targetOf(url, request);
    if (time === 1) world.print(showRequest(target, request));
    if (isDryRun) {
      world.print('\nDry run: nothing was sent.');
      return 0;
    }
    const answer = await post(target, request, world.now);
    world.print(`\n${times > 1 ? `${time}: ` : ''}${showAnswer(answer)}`);
    if (isTaken(answer)) taken++;
  }
  return taken === times ? 0 : 1;
}

function showAnswer({ status, body, tookMs }: Answer): string {
  if (status === undefined) return body;
  return `${status} after ${tookMs} ms\n${body}${status === 401 ? `\n${HINT_401}` : ''}`;
}

function readFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UsageError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
}
