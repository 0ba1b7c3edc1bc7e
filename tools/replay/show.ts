import { secretHeaders, type SignedRequest } from './sign.ts';

const MOST_LETTERS = 4_000;
const SECRET_HEADERS = secretHeaders();
/** Fields that let their reader in somewhere: old tokens, links that act for whoever has them. */
const SECRET_FIELDS = new Set(['token', 'response_url', 'signature', 'Signature', 'subscribe_url', 'unsubscribe_url', 'UnsubscribeUrl', 'SubscribeURL']);

/** The request as text for people, without what would let them send it themselves. */
export function showRequest(url: URL, { headers, body }: SignedRequest): string {
  const lines = Object.entries(headers).map(([name, value]) => `${name.toLowerCase()}: ${SECRET_HEADERS.has(name.toLowerCase()) ? hide(value) : value}`);
  const isForm = Object.values(headers).some((value) => value.includes('x-www-form-urlencoded'));
  const text = body.toString('utf8');
  return [`POST ${url.href}`, ...lines, '', cut(isForm ? showForm(text) : showJson(text))].join('\n');
}

/** Without its scheme or version it would not be clear what is hidden. */
function hide(value: string): string {
  return `${/^(?:Bearer |v\d+=)/.exec(value)?.[0] ?? ''}[hidden]`;
}

function showForm(text: string): string {
  return [...new URLSearchParams(text)].map(([name, value]) => `${name}: ${SECRET_FIELDS.has(name) ? '[hidden]' : name === 'payload' ? showJson(value) : value}`).join('\n');
}

/** What is no JSON is shown as it is. */
function showJson(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), (name, value: unknown) => (SECRET_FIELDS.has(name) ? '[hidden]' : value), 2);
  } catch {
    return text;
  }
}

function cut(text: string): string {
  return text.length > MOST_LETTERS ? `${text.slice(0, MOST_LETTERS)}… (${text.length - MOST_LETTERS} letters more)` : text;
}
