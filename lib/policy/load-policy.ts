import { AppError } from '../core/errors.ts';
import { PICK_ORDERS } from '../core/job-pick.ts';
import { ACTIONS, TRIGGERS, WHO } from '../core/request.ts';
import type { AlertRule, CleanupRule, Limits, Policy, SlackRights } from './policy.ts';

/** The checked policy is missing from the package, or is not what the build writes. */
export class PolicyUnreadable extends AppError {
  readonly code = 'policy_unreadable';

  override get name(): string {
    return 'PolicyUnreadable';
  }
}

/**
 * Reads the checked policy as the build wrote it, JSON. The whole check was done then and its parser is not shipped; here
 * only the shape is looked at, so that an empty, older or hand-made file stops the function. Throws PolicyUnreadable.
 * Not an import of `node:fs`: that reads all that it exports, a tenth of a cold start.
 */
export function loadPolicy(path: string | URL): Policy {
  let policy: unknown;
  try {
    policy = JSON.parse(process.getBuiltinModule('node:fs').readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new PolicyUnreadable('policy.json cannot be read; build the package again', { cause });
  }
  const wrong = isRecord(policy) ? findWrongPart(policy, PARTS) : 'the whole file';
  if (wrong === undefined) return policy as Policy;
  throw new PolicyUnreadable(`policy.json is not as the build writes it (${wrong}); build the package again`);
}

type Check<Value> = (value: unknown) => value is Value;
/** A check for each key: the compiler refuses a list that lacks one, has one more, or lets pass what the type does not. */
type Checks<Fields> = { [Key in keyof Fields]-?: Check<Fields[Key]> };
type ItemOf<List extends readonly unknown[]> = List[number];

const isText = (value: unknown): value is string => typeof value === 'string';
const isNumber = (value: unknown): value is number => typeof value === 'number';
const isFlag = (value: unknown): value is boolean => typeof value === 'boolean';
const isTextOrNothing = orNothing(isText);
const isNumberOrNothing = orNothing(isNumber);
const isTriggers = listOf(oneOf(TRIGGERS));

const SELECTOR: Checks<ItemOf<Policy['protected']>> = {
  name: isTextOrNothing,
  user: isTextOrNothing,
  queue: isTextOrNothing,
  type: isTextOrNothing,
  state: isTextOrNothing,
  olderThanMs: isNumberOrNothing,
  pendingLongerThanMs: isNumberOrNothing,
};

const WAITS = { askAgainMs: orNothing(isNumber), warnMs: orNothing(isNumber), keepMs: orNothing(isNumber), keepAtMostMs: orNothing(isNumber) };

/** The shape of a Policy, without the schema that its type is made from: that one does not come into the package. */
const PARTS: Checks<Policy> = {
  dryRun: (value) => isFlag(value) || isTriggers(value),
  clusters: recordOf(record<Policy['clusters'][string]>({ id: isText, project: isTextOrNothing, region: isTextOrNothing })),
  protected: listOf(record(SELECTOR)),
  ask: listOf(
    record<ItemOf<Policy['ask']>>({
      trigger: orNothing(oneOf(TRIGGERS)),
      match: orNothing(record<NonNullable<ItemOf<Policy['ask']>['match']>>({ ...SELECTOR, cluster: isTextOrNothing })),
      who: oneOf(WHO),
    }),
  ),
  limits: record<Limits>({ perDelivery: isNumber, perHour: isNumber, percentOfRunning: isNumber }),
  slack: record<SlackRights>({
    team: isTextOrNothing,
    mayKill: listOf(isText),
    mayApprove: listOf(isText),
    channel: isTextOrNothing,
    channels: orNothing(listOf(isText)),
    people: orNothing(recordOf(isText)),
    digest: isTextOrNothing,
  }),
  alerts: listOf(
    record<AlertRule>({
      name: isTextOrNothing,
      source: isTextOrNothing,
      match: recordOf(isText),
      cluster: isTextOrNothing,
      job: isTextOrNothing,
      pick: orNothing(record<NonNullable<AlertRule['pick']>>({ ...SELECTOR, order: oneOf(PICK_ORDERS), count: isNumber, cooldownMs: orNothing(isNumber) })),
      action: oneOf(ACTIONS),
      noData: orNothing(isFlag),
      ...WAITS,
      dryRun: orNothing(isFlag),
    }),
  ),
  cleanup: listOf(
    record<CleanupRule>({ name: isText, cluster: isText, match: record(SELECTOR), action: oneOf(ACTIONS), ...WAITS, dryRun: orNothing(isFlag) }),
  ),
};

/** The first key whose value is missing, wrong, or none that is known; undefined if all is well. */
function findWrongPart<Fields>(value: Record<string, unknown>, checks: Checks<Fields>): string | undefined {
  const known = Object.entries<Check<unknown>>(checks);
  return known.find(([key, check]) => !check(value[key]))?.[0] ?? Object.keys(value).find((key) => !Object.hasOwn(checks, key));
}

function record<Fields>(checks: Checks<Fields>): Check<Fields> {
  return (value): value is Fields => isRecord(value) && findWrongPart(value, checks) === undefined;
}

function recordOf<Value>(check: Check<Value>): Check<Record<string, Value>> {
  return (value): value is Record<string, Value> => isRecord(value) && Object.values(value).every(check);
}

function listOf<Item>(check: Check<Item>): Check<Item[]> {
  return (value): value is Item[] => Array.isArray(value) && value.every(check);
}

function oneOf<Word extends string>(words: readonly Word[]): Check<Word> {
  return (value): value is Word => words.some((word) => word === value);
}

function orNothing<Value>(check: Check<Value>): Check<Value | undefined> {
  return (value): value is Value | undefined => value === undefined || check(value);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
