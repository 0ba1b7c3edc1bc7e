import { readFileSync } from 'node:fs';
import { HELP, type Options, readOptions } from './options.ts';
import { type Env, UsageError } from './settings.ts';
import { showRequest } from './show.ts';
import { type SignedRequest, signRequest } from './sign.ts';

type World = {
  env: Env;
  /** Adds to `env` what the files of a stage say. */
  loadEnvFiles: (stage: string | undefined) => void;
  now: () => number;
  print: (text: string) => void;
};

const TIMEOUT_MS = 30_000;
const WRONG_USE = 2;

/** Does what the command line says; the exit code: 0 all answers were 2xx, 1 not all, 2 wrong arguments or settings. Never throws. */
export async function replay(args: string[], world: World): Promise<number> {
  try {
    const options = readOptions(args);
    if (options !== undefined) {
      world.loadEnvFiles(options.stage);
      return await sendAll(options, world);
    }
    world.print(HELP);
    return 0;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    world.print(error.message);
    return WRONG_USE;
  }
}

async function sendAll({ sender, file, keyFile, url: given, times, isDryRun }: Options, world: World): Promise<number> {
  const url = given ?? defaultUrl(sender, world);
  const body = readFile(file);
  const key = keyFile === undefined ? undefined : readFile(keyFile).toString('utf8');
  let taken = 0;
  for (let time = 1; time <= times; time++) {
    const request = signRequest(sender, body, { env: world.env, nowMs: world.now(), key }); // anew: signatures age
    const target = new URL(url.href.replace(/\/+$/, '') + request.path);
    if (time === 1) world.print(showRequest(target, request));
    if (isDryRun) {
      world.print('\nDry run: nothing was sent.');
      return 0;
    }
    const answer = await send(target, request, world.now);
    world.print(`\n${times > 1 ? `${time}: ` : ''}${answer.text}`);
    if (answer.isTaken) taken++;
  }
  return taken === times ? 0 : 1;
}

function defaultUrl(sender: Options['sender'], { env }: World): URL {
  return new URL(`http://127.0.0.1:${sender === 'cloudwatch' ? env['LAMBDA_PORT'] || '3002' : env['PORT'] || '3000'}`);
}

async function send(url: URL, { headers, body }: SignedRequest, now: () => number): Promise<{ isTaken: boolean; text: string }> {
  const startedAt = now();
  try {
    // A redirect would take the token elsewhere.
    const answer = await fetch(url, { method: 'POST', headers, body: new Uint8Array(body), redirect: 'manual', signal: AbortSignal.timeout(TIMEOUT_MS) });
    const text = await answer.text();
    const hint = answer.status === 401 ? '\nThe server has another secret, or none for this source, or the time in the body is too old for it.' : '';
    return { isTaken: answer.ok && !answer.headers.has('x-amz-function-error'), text: `${answer.status} after ${now() - startedAt} ms\n${text}${hint}` };
  } catch (error) {
    const { cause, message } = error as Error & { cause?: { code?: string } };
    return { isTaken: false, text: `no answer from ${url.origin} (${cause?.code ?? message}): is the server up? npm start starts it here` };
  }
}

function readFile(path: string): Buffer {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UsageError(`${path} cannot be read (${(error as NodeJS.ErrnoException).code ?? 'unknown'})`);
  }
}
