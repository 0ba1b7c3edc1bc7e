import { parseArgs } from 'node:util';
import { isSafeProtocol } from '../../lib/http/guard.ts';
import { UsageError } from './settings.ts';
import { SENDERS, SENDERS_WITH_KEY } from './sign.ts';

export type Options = { sender: string; file: string; url?: URL; keyFile?: string; times: number; isDryRun: boolean; stage?: string };

const MOST_TIMES = 100;
const WITH_KEY = SENDERS_WITH_KEY.join(', ');

export const HELP = `Sends a saved payload again, signed as its source would, with the secrets of this environment.

  npm run replay -- <source> <file> [--url <url>] [--times <n>] [--dry-run] [--stage <stage>] [--key <file>]

  source      ${SENDERS.join(', ')}
  file        the body, byte for byte; for slack the form, for cloudwatch the event
  --url       where the server is: default http://127.0.0.1:$PORT (3000), for cloudwatch http://127.0.0.1:$LAMBDA_PORT (3002)
  --times     how often, 1 to ${MOST_TIMES}: a repeat has to be a duplicate
  --dry-run   shows the request and sends nothing
  --stage     reads .env.<stage> before .env, as deploy does
  --key       ${WITH_KEY} only: the private key (PEM) of the certificate at the body's signing_cert_url

The body is sent as it is: what is too old by a time in it stays too old. Only times that belong to a signature are renewed.
Exit code: 0 all answers were 2xx, 1 not all, 2 wrong arguments or settings.`;

/** Reads the command line; undefined where help is wanted. Throws UsageError. */
export function readOptions(args: string[]): Options | undefined {
  const { values, positionals } = parse(args);
  if (values.help) return undefined;
  const [sender = '', file = '', ...others] = positionals;
  if (sender === '') throw new UsageError('which source? See npm run replay -- --help');
  if (!SENDERS.includes(sender)) throw new UsageError(`there is no source ${sender}; known are ${SENDERS.join(', ')}`);
  if (file === '') throw new UsageError(`which file? npm run replay -- ${sender} <file>`);
  if (others.length > 0) throw new UsageError(`one file at a time: ${others.join(' ')} is too much`);
  if (values.key !== undefined && !SENDERS_WITH_KEY.includes(sender)) throw new UsageError(`--key is for ${WITH_KEY}: the others sign with a secret of the environment`);
  return {
    sender,
    file,
    ...(values.url !== undefined && { url: readUrl(values.url) }),
    ...(values.key !== undefined && { keyFile: values.key }),
    ...(values.stage !== undefined && { stage: values.stage }),
    times: readTimes(values.times ?? '1'),
    isDryRun: values['dry-run'] ?? false,
  };
}

function parse(args: string[]) {
  try {
    return parseArgs({
      args,
      allowPositionals: true,
      options: { url: { type: 'string' }, times: { type: 'string' }, 'dry-run': { type: 'boolean' }, key: { type: 'string' }, stage: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}

function readUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol)) throw new UsageError('--url has to be a URL such as http://127.0.0.1:3000');
  if (!isSafeProtocol(url)) throw new UsageError('--url has to begin with https:// (http:// only for this machine): a token goes there');
  if (url.username !== '' || url.password !== '' || url.search !== '' || url.hash !== '') throw new UsageError('--url takes no user, query or fragment');
  return url;
}

function readTimes(text: string): number {
  const times = /^\d{1,3}$/.test(text) ? Number(text) : 0;
  if (times < 1 || times > MOST_TIMES) throw new UsageError(`--times has to be a whole number from 1 to ${MOST_TIMES}`);
  return times;
}
