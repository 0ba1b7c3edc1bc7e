/** The root of all errors we throw on purpose; anything else that is thrown is a bug. Expected ends are values, never errors. */
export abstract class AppError extends Error {
  abstract readonly code: string;
  /** Whether the same call may succeed later. */
  readonly retryable: boolean = false;
  /** Written down in each: bundles have other names for classes. */
  abstract override get name(): string;
}

/** What a caller sent cannot be read: names the field and what to do, never repeats the value. */
export class InvalidRequest extends AppError {
  readonly code = 'invalid_request';

  override get name(): string {
    return 'InvalidRequest';
  }
}

/** Why a caller was not let in. For the log only: an answer that told them apart would help whoever guesses. */
export type RefusalCause =
  | 'trigger is off: its secret is not set'
  | 'no token'
  | 'wrong token'
  | 'no signature'
  | 'wrong signature'
  | 'no time'
  | 'time outside the window'
  | 'topic not allowed'
  | 'no message of SMN'
  | 'certificate is not of SMN'
  | 'certificate does not count'
  | 'token refused by MRS';

/** The caller did not prove who they are. One message for every cause, so that nobody can probe; `cause` and `hint` are for the log. */
export class Unauthorized extends AppError {
  readonly code = 'unauthorized';
  override readonly cause: RefusalCause;
  /** What an operator may have to change; no secret, and nothing that the caller sent. */
  readonly hint: string | undefined;

  override get name(): string {
    return 'Unauthorized';
  }

  constructor(cause: RefusalCause, hint?: string) {
    super('authentication failed');
    this.cause = cause;
    this.hint = hint;
  }
}

/** A sender of alerts could not be called back now; its next try may go better. The message names no URL. */
export class CallBackFailed extends AppError {
  readonly code = 'call_back_failed';
  override readonly retryable = true;

  override get name(): string {
    return 'CallBackFailed';
  }
}

/** A body larger than a route takes. */
export class TooLarge extends AppError {
  readonly code = 'too_large';

  override get name(): string {
    return 'TooLarge';
  }
}

/** Settings that are missing or wrong. Lists every one by name with what to do, and no value. */
export class SettingsInvalid extends AppError {
  readonly code = 'settings_invalid';
  readonly problems: readonly { name: string; problem: string }[];

  override get name(): string {
    return 'SettingsInvalid';
  }

  constructor(problems: readonly { name: string; problem: string }[]) {
    super(`settings: ${problems.map(({ name, problem }) => `${name}: ${problem}`).join('; ')}`);
    this.problems = problems;
  }
}

/**
 * What went wrong between us and MRS, IAM or the server's own agency, told apart by what can be done about it:
 * unanswered (unreachable, timeout: the call may have had its effect), answers that pass (unavailable, throttled, busy),
 * and answers that stay.
 */
export const TROUBLE_KINDS = [
  'unreachable', 'timeout', 'unavailable', 'throttled', 'busy', 'kill-refused', 'unauthorized', 'forbidden', 'not-found', 'rejected',
] as const;
export type TroubleKind = (typeof TROUBLE_KINDS)[number];

/** The error codes of MRS and its gateway that we know; lib/mrs/trouble.ts says what each means. */
export const KNOWN_CODES = [
  '0023', '0160', '0162', '0166', '0167', '0174', '0175', '0176', '0180', '0192', '0193', '0200', '0201', '0202',
  '12000001', '12000003', '12000004', '12000052', '12000080', '12000136', '130000002',
  'APIGW.0101', 'APIGW.0301', 'APIGW.0302', 'APIGW.0303', 'APIGW.0304', 'APIGW.0305', 'APIGW.0306', 'APIGW.0307', 'APIGW.0308',
  'APIGW.0601', 'APIGW.0605', 'APIGW.0606', 'APIGW.0608', 'APIGW.0609', 'APIGW.0610', 'APIGW.0611', 'APIGW.0613',
] as const;
export type KnownCode = (typeof KNOWN_CODES)[number];

/** The code that we know `code` as; a dedicated gateway's `APIG.` is the shared one's `APIGW.`. Undefined for all others. */
export function findKnownCode(code: string | undefined): KnownCode | undefined {
  const shared = code?.replace(/^APIG\./, 'APIGW.');
  return KNOWN_CODES.find((known) => known === shared);
}

/** Trouble as plain data: it crosses a durable step, where errors lose everything but name and message. */
export type Trouble = {
  /** ECS hands out the keys of a server's agency. */
  service: 'MRS' | 'IAM' | 'ECS';
  kind: TroubleKind;
  /** MRS's own words, shortened; safe to show. */
  message: string;
  status?: number;
  /** `error_code` as MRS, IAM or their gateway gave it: `0175`, `APIGW.0308`, `IAM.0061`. */
  errorCode?: string;
  requestId?: string;
  retryAfterSec?: number;
};

const PASSES: ReadonlySet<TroubleKind> = new Set(['unreachable', 'timeout', 'unavailable', 'throttled', 'busy']);

/** MRS or IAM gave no answer or a bad one; `trouble` says which. */
export class UpstreamFailed extends AppError {
  readonly code = 'upstream_failed';
  override readonly retryable: boolean;
  readonly trouble: Trouble;

  override get name(): string {
    return 'UpstreamFailed';
  }

  constructor(trouble: Trouble, options?: ErrorOptions) {
    super(describeTrouble(trouble), options);
    this.trouble = trouble;
    this.retryable = PASSES.has(trouble.kind);
  }
}

/** The code to count trouble by: MRS's or IAM's own, or what kind of trouble it was. */
export function troubleCode({ errorCode, kind }: Trouble): string {
  return errorCode ?? kind;
}

/** One sentence for people: `MRS answered 0175: Failed to terminate the job. (request 2db4…)`. */
export function describeTrouble({ service, kind, message, status, errorCode, requestId }: Trouble): string {
  if (kind === 'unreachable' || kind === 'timeout') return `${service} gave no answer: ${message}`;
  if (status === undefined && errorCode === undefined) return `${service}: ${message}`;
  const request = requestId === undefined ? '' : ` (request ${requestId})`;
  return `${service} answered ${errorCode ?? `HTTP ${status}`}: ${message}${request}`;
}
