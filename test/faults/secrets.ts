import { existsSync, readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import type { RecordedRequest } from '../simulator/simulator.ts';
import { SECRETS as SENDERS_SECRETS } from '../alerts/senders.ts';
import { SECRETS, type World } from './world.ts';

/** A value that nobody may read, by what it is. `isKept`: it has its place in the store and in the engine's own records. */
type Canary = { what: string; value: string; isKept?: true };
/** Everything that was written, said or kept, by where. */
type Shown = { where: string; text: string };

/** Each secret that came out of where it belongs: what it is, and where it was found. The values are not repeated. */
export function findSecrets(world: World): string[] {
  const canaries = canariesOf(world);
  const found = new Set<string>();
  for (const { where, text } of shownBy(world)) {
    for (const { what, value, isKept } of canaries) {
      if (isKept && /^(?:the store|durable)/.test(where)) continue;
      if (spellingsOf(value).some((spelling) => text.includes(spelling))) found.add(`${what} is in ${where}`);
    }
  }
  return [...found];
}

function canariesOf({ stage, responseUrls }: World): Canary[] {
  const { simulator, backend } = stage;
  const signatures = simulator.requests.flatMap(({ headers }) => /Signature=([0-9a-f]{64})/.exec(headers.authorization ?? '')?.[1] ?? []);
  return [
    ...Object.entries(SECRETS).map(([what, value]) => ({ what: `SECRETS.${what}`, value })),
    ...SENDERS_SECRETS.map((value, index) => ({ what: `secret ${index} of the senders of alerts`, value })),
    // Half a token in a log is one too many.
    ...simulator.issuedTokens().flatMap((token) => [token.slice(0, 60), token.slice(-60)].map((value) => ({ what: 'a token of IAM', value }))),
    ...signatures.map((value) => ({ what: 'a signature by AK/SK', value })),
    ...responseUrls.map((url) => ({ what: 'a response URL', value: new URL(url).pathname })),
    ...['fake-argument-secret', 'fake-property-secret', 'FAKEACCESSKEY'].map((value) => ({ what: 'an argument or a property of a job', value })),
    ...['aws-secret-of-this-test', 'parameter-store-secret-key'].map((value) => ({ what: 'a key of AWS', value })),
    { what: "Slack's verification token", value: 'gIkuvaNzQIHg97ATvDxqgjtO' },
    ...backend.callbacks().map(({ id }) => ({ what: 'the id of a callback', value: id, isKept: true as const })),
  ];
}

function spellingsOf(value: string): string[] {
  return [...new Set([value, encodeURIComponent(value), Buffer.from(value).toString('base64').replace(/=+$/, '')])];
}

function shownBy({ stage, storeFile, answers, threw }: World): Shown[] {
  const { simulator, backend, lambda, lines } = stage;
  const { slack } = simulator;
  const of = (where: string, texts: readonly string[]): Shown[] => texts.map((text) => ({ where, text }));
  return [
    ...lines.map((text) => ({ where: text.startsWith('{"_aws"') ? 'a metric' : text.includes('"level":"audit"') ? 'the audit' : `the log: ${messageOf(text)}`, text })),
    ...of('an error that was thrown', threw.map((error) => `${inspect(error, { depth: Infinity, showHidden: true })} ${JSON.stringify(error)} ${(error as Error).stack}`)),
    ...of('a message in Slack', [...slack.messages(), ...slack.ephemerals()].map((message) => JSON.stringify(message))),
    ...of('an answer at a response URL', slack.responses().map(({ body }) => JSON.stringify(body))),
    ...of('an HTTP answer', answers.map(({ headers, text }) => JSON.stringify(headers) + text)),
    ...of('durable payloads and operations', backend.list({}).map((execution) => JSON.stringify(execution))),
    ...of('durable payloads on their way', lambda.calls.filter(({ executionName }) => executionName !== '').map(({ body }) => body)),
    ...of('the store file', [storeFile, `${storeFile}-wal`].filter((file) => existsSync(file)).map((file) => readFileSync(file, 'latin1'))),
    ...simulator.requests.flatMap(sentElsewhere),
  ];
}

function messageOf(line: string): string {
  return (JSON.parse(line) as { message: string }).message;
}

/** What a request says beside the secrets that belong into it. */
function sentElsewhere({ path, search, headers, body }: RecordedRequest): Shown[] {
  const { authorization = '', 'x-auth-token': token = '', ...others } = headers;
  const isSlack = path.startsWith('/api/');
  const isLogin = path === '/v3/auth/tokens';
  const parts = [JSON.stringify(others), search, ...(isLogin ? [] : [body]), ...(path.startsWith('/hooks/') ? [] : [path])];
  // Slack's token is Slack's, and those of IAM are not.
  parts.push(isSlack ? String(token) : authorization.replace(/^SDK-HMAC-SHA256 .*/, ''));
  return parts.map((text) => ({ where: `a request to ${isSlack ? 'Slack' : path}`, text }));
}
