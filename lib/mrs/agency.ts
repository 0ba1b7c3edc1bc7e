import { UpstreamFailed } from '../core/errors.ts';
import type { Clock } from '../core/time.ts';
import { fieldsOf, parseJsonObject } from '../http/json.ts';
import { retryRead } from '../http/retry.ts';
import type { HttpAnswer, Send } from '../http/send.ts';
import { Secret } from '../settings/secret.ts';
import type { KeySource } from './ak-sk.ts';
import { type Proof, sendSigned } from './credentials.ts';
import { waitAtMost } from './iam.ts';
import type { SigningKeys } from './sign.ts';
import { unreadableAnswer } from './trouble.ts';

type TemporaryKeys = { keys: SigningKeys; expiresAtMs: number };

const PATH = '/openstack/latest/securitykey';
const RENEW_EARLY_MS = 15 * 60_000;
// The service may give the old keys for a while yet.
const ASK_AGAIN_MS = 60_000;
const TRY_TIMEOUT_MS = 3_000; // it is on this very host
const RETRY_FOR_MS = 10_000;

/**
 * Temporary keys of the agency that is bound to this server. They are read before their first use, again from 15 min before they
 * are over, while those in hand still serve, and after a 401; one request at a time for any number of callers.
 * https://support.huaweicloud.com/intl/en-us/bestpractice-iam/iam_0511.html
 */
export function createAgencyKeys({ origin, send, clock }: { origin: string; send: Send; clock: Clock }): KeySource {
  let inHand: TemporaryKeys | undefined;
  let reading: Promise<TemporaryKeys> | undefined;
  let askedAtMs = -Infinity;
  /** The access key that a 401 has made us ask anew for. */
  let askedAnewFor: string | undefined;

  function read(): Promise<TemporaryKeys> {
    askedAtMs = clock.now();
    reading ??= readKeys(origin, send, clock)
      .then((found) => (inHand = found))
      .finally(() => (reading = undefined));
    return reading;
  }

  return {
    async current(signal) {
      const wallMs = clock.wall(); // as the service's own times are
      if (inHand === undefined || wallMs >= inHand.expiresAtMs) return (await waitAtMost(read(), signal, 'ECS', 'keys')).keys;
      if (wallMs >= inHand.expiresAtMs - RENEW_EARLY_MS && clock.now() - askedAtMs >= ASK_AGAIN_MS) {
        read().catch(() => undefined); // those in hand still serve; asked again in a minute
      }
      return inHand.keys;
    },
    renew(used) {
      if (inHand?.keys !== used) return true; // somebody has asked meanwhile: their keys are the new try
      if (askedAnewFor === used.accessKey && clock.now() - askedAtMs < ASK_AGAIN_MS) return false;
      askedAnewFor = used.accessKey;
      inHand = undefined;
      return true;
    },
  };
}

/** Repeated for ten seconds while the trouble may pass. Throws UpstreamFailed. */
async function readKeys(origin: string, send: Send, clock: Clock): Promise<TemporaryKeys> {
  const request = { method: 'GET', url: new URL(PATH, origin), headers: {} } as const;
  const answer = await retryRead(clock, { retryForMs: RETRY_FOR_MS }, () => sendSigned(send, 'ECS', NO_PROOF, request, { timeoutMs: TRY_TIMEOUT_MS })).catch(explain);
  return parseKeys(answer, clock.wall());
}

const NO_AGENCY = 'this server has no agency: bind one that may use MRS to it in the ECS console, or give AK/SK instead of HW_CREDENTIALS=ecs';

/** Whoever runs on this server gets the keys. */
const NO_PROOF: Proof = { sign: ({ headers }) => ({ headers, secrets: [] }), refused: (refusal) => refusal };

/** What the service itself says stays out: it gives keys, and could have one in any place. */
function explain(error: unknown): never {
  if (!(error instanceof UpstreamFailed) || error.trouble.status === undefined) throw error;
  const { service, kind, status } = error.trouble;
  const message = status === 404 ? NO_AGENCY : "the keys of this server's agency cannot be read";
  throw new UpstreamFailed({ service, kind, status, message });
}

function parseKeys(answer: HttpAnswer, nowMs: number): TemporaryKeys {
  const credential = fieldsOf(parseJsonObject(answer.text)['credential']);
  if (credential === undefined) throw unreadableAnswer('ECS', answer, 'credential');
  const textOf = (field: string): string => {
    const value = credential[field];
    // Parts of headers, each.
    if (typeof value === 'string' && /^[\x21-\x7e]+$/.test(value)) return value;
    throw unreadableAnswer('ECS', answer, `credential.${field}`);
  };
  const keys = { accessKey: textOf('access'), secretKey: new Secret(textOf('secret')), securityToken: new Secret(textOf('securitytoken')) };
  const expiresAtMs = Date.parse(textOf('expires_at'));
  if (Number.isNaN(expiresAtMs)) throw unreadableAnswer('ECS', answer, 'credential.expires_at');
  if (expiresAtMs > nowMs) return { keys, expiresAtMs };
  const message = `the keys of the agency were over at ${new Date(expiresAtMs).toISOString()}; our clock says ${new Date(nowMs).toISOString()}: see whether it is right`;
  throw new UpstreamFailed({ service: 'ECS', kind: 'unavailable', status: answer.status, message });
}
