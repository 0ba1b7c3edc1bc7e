import { isSafeProtocol } from '../../lib/http/guard.ts';
import { readArgs } from '../command-line.ts';
import { UsageError } from './settings.ts';
import { SENDERS, SENDERS_WITH_KEY } from './sign.ts';

type Everywhere = { url?: URL; isDryRun: boolean; stage?: string };
/** A saved payload, sent again. */
export type PayloadOptions = Everywhere & { what: 'payload'; sender: string; file: string; keyFile?: string; times: number };
/** What a person does in Slack: types a command, presses a button, or first the one and then the other. */
export type SlackOptions = Everywhere & { what: 'slack'; command?: string; button?: string; person?: string; channel?: string };
export type CleanupOptions = Everywhere & { what: 'cleanup'; isOwnHome: boolean };
export type Options = PayloadOptions | SlackOptions | CleanupOptions;

const MOST_TIMES = 100;
const WITH_KEY = SENDERS_WITH_KEY.join(', ');

export const HELP = `Usage: npm run replay -- <source> <file> [--times <n>] [--key <file>]                 a saved payload
       npm run replay -- slack "/mrs jobs" [--as <user>] [--channel <channel>]        a command, as if typed in Slack
       npm run replay -- slack --click <button> [--as <user>]                         a button in the Slack of npm start
       npm run replay -- cleanup [--home]                                             cleanup, now; says what each rule did

Sends what a sender would send, signed as that sender would, with the secrets of this environment.
npm start has secrets of its own where you set none; they are used for it. What Slack shows later is printed for npm start alone.
A saved body is sent as it is: what is too old by a time in it stays too old. Only times that belong to a signature are renewed.

Options:
  source      ${SENDERS.join(', ')}
  file        the body, byte for byte; for slack the form, for cloudwatch the event
  --times     how often, 1 to ${MOST_TIMES}: a repeat has to be a duplicate
  --key       ${WITH_KEY} only: the private key (PEM) of the certificate at the body's signing_cert_url
  --as        the Slack id of who types or clicks: default the first of slack.mayKill
  --channel   the Slack id of the channel: default slack.channel
  --click     the text of a button, such as Kill; the newest message that has it counts. Works behind a command too
  --home      the own home: asks the process that holds STORE_FILE
  --url       where the server is: default http://127.0.0.1:$PORT (3000), for cloudwatch and cleanup http://127.0.0.1:$LAMBDA_PORT (3002)
  --dry-run   shows the request and sends nothing; for cleanup: it runs, and nothing is killed
  --stage     reads .env.<stage> before .env, as deploy does
  --help

Exit code: 0 all answers were 2xx, 1 not all, or the arguments or settings are wrong.

Examples:
  npm run replay -- generic alert.json --times 2
  npm run replay -- slack "/mrs kill etl-daily because it hangs"
  npm run replay -- slack --click Kill --as U045EF6GH
  npm run replay -- cleanup --dry-run`;

const OPTIONS = {
  url: { type: 'string' },
  times: { type: 'string' },
  'dry-run': { type: 'boolean' },
  key: { type: 'string' },
  as: { type: 'string' },
  channel: { type: 'string' },
  click: { type: 'string' },
  home: { type: 'boolean' },
  stage: { type: 'string' },
} as const;
type Values = Exclude<ReturnType<typeof read>, 'help'>['values'];

/** Reads the command line; undefined where help is wanted. Throws UsageError. */
export function readOptions(args: string[]): Options | undefined {
  const typed = read(args);
  if (typed === 'help') return undefined;
  const { values, positionals } = typed;
  const [sender = '', ...words] = positionals;
  if (sender === '') throw new UsageError('which source? See npm run replay -- --help');
  if (sender === 'cleanup') return readCleanup(words, values);
  if (!SENDERS.includes(sender)) throw new UsageError(`there is no source ${sender}; known are ${SENDERS.join(', ')}, cleanup`);
  if (sender === 'slack' && (isCommand(words[0]) || values.click !== undefined)) return readSlack(words, values);
  return readPayload(sender, words, values);
}

/** `/mrs jobs` is typed, `/tmp/body.form` is a file. */
function isCommand(word = ''): boolean {
  return /^\/[\w-]+(?: |$)/.test(word);
}

function readPayload(sender: string, [file = '', ...others]: string[], values: Values): PayloadOptions {
  if (file === '') throw new UsageError(`which file? npm run replay -- ${sender} <file>`);
  if (others.length > 0) throw new UsageError(`one file at a time: ${others.join(' ')} is too much`);
  if (values.key !== undefined && !SENDERS_WITH_KEY.includes(sender)) throw new UsageError(`--key is for ${WITH_KEY}: the others sign with a secret of the environment`);
  refuse(values, ['as', 'channel', 'click', 'home'], 'a saved payload');
  return { what: 'payload', sender, file, ...(values.key !== undefined && { keyFile: values.key }), times: readTimes(values.times ?? '1'), ...everywhere(values) };
}

function readSlack(words: string[], values: Values): SlackOptions {
  refuse(values, ['times', 'key', 'home'], 'a command or a click in Slack');
  if (words.length > 0 && !isCommand(words[0])) throw new UsageError(`${words.join(' ')} is no command: write it as in Slack, "/mrs jobs"`);
  const { as: person, channel, click: button } = values;
  return {
    what: 'slack',
    ...(words.length > 0 && { command: words.join(' ') }),
    ...(button !== undefined && { button }),
    ...(person !== undefined && { person: readId(person, '--as', /^[UW][A-Z0-9]+$/, 'U012AB3CD') }),
    ...(channel !== undefined && { channel: readId(channel, '--channel', /^[CDG][A-Z0-9]+$/, 'C0123456789') }),
    ...everywhere(values),
  };
}

function readCleanup(words: string[], values: Values): CleanupOptions {
  if (words.length > 0) throw new UsageError(`cleanup takes nothing after it: ${words.join(' ')} is too much`);
  refuse(values, ['times', 'key', 'as', 'channel', 'click'], 'cleanup');
  if (values.home && values.url !== undefined) throw new UsageError('--home asks the process that holds STORE_FILE: it takes no --url');
  return { what: 'cleanup', isOwnHome: values.home ?? false, ...everywhere(values) };
}

function everywhere(values: Values): Everywhere {
  return { isDryRun: values['dry-run'] ?? false, ...(values.url !== undefined && { url: readUrl(values.url) }), ...(values.stage !== undefined && { stage: values.stage }) };
}

function refuse(values: Values, names: (keyof Values)[], what: string): void {
  const given = names.find((name) => values[name] !== undefined);
  if (given !== undefined) throw new UsageError(`--${given} is not for ${what}`);
}

function read(args: string[]) {
  return readArgs(args, { name: 'npm run replay', options: OPTIONS, mostWords: Infinity }); // a command may be typed without quotes
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

/** A mistyped id would only be refused as a stranger's. */
function readId(text: string, option: string, shape: RegExp, example: string): string {
  if (!shape.test(text)) throw new UsageError(`${option} has to be an id of Slack such as ${example}`);
  return text;
}
