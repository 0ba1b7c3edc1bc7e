import { readFileSync } from 'node:fs';
import { AppError } from '../core/errors.ts';
import type { Policy } from '../core/policy.ts';

/** The checked policy is missing from the package, or is not what the build writes. */
export class PolicyUnreadable extends AppError {
  readonly code = 'policy_unreadable';
}

/**
 * Reads the checked policy as the build wrote it, JSON. The whole check was done then and its parser is not shipped; here
 * only the shape is looked at, so that an empty or hand-made file stops the function. Throws PolicyUnreadable.
 */
export function loadPolicy(path: string | URL): Policy {
  let policy: unknown;
  try {
    policy = JSON.parse(readFileSync(path, 'utf8'));
  } catch (cause) {
    throw new PolicyUnreadable('policy.json cannot be read; build the package again', { cause });
  }
  const wrong = findWrongPart(policy);
  if (wrong === undefined) return policy as Policy;
  throw new PolicyUnreadable(`policy.json is not as the build writes it (${wrong}); build the package again`);
}

/** The first part of the policy that has the wrong shape, by its name; undefined if all is well. */
function findWrongPart(policy: unknown): string | undefined {
  if (!isRecord(policy)) return 'the whole file';
  const { dryRun, clusters, limits, slack, ask, alerts, cleanup } = policy;
  const isRight: Record<keyof Policy, boolean> = {
    dryRun: typeof dryRun === 'boolean' || isListOf(dryRun, (trigger) => typeof trigger === 'string'),
    clusters: isRecord(clusters) && isListOf(Object.values(clusters), (cluster) => isRecord(cluster) && typeof cluster['id'] === 'string'),
    protected: isListOf(policy['protected'], isSelector),
    ask: isListOf(ask, (rule) => isRecord(rule) && typeof rule['who'] === 'string' && isSelectorOrLeftOut(rule['match'])),
    limits:
      isRecord(limits) && ['perDelivery', 'perHour', 'percentOfRunning'].every((limit) => typeof limits[limit] === 'number'),
    slack: isRecord(slack) && Array.isArray(slack['mayKill']) && Array.isArray(slack['mayApprove']),
    alerts: isListOf(
      alerts,
      (rule) => isRecord(rule) && isRecord(rule['match']) && typeof rule['action'] === 'string' && isSelectorOrLeftOut(rule['pick']),
    ),
    cleanup: isListOf(
      cleanup,
      (rule) => isRecord(rule) && typeof rule['cluster'] === 'string' && typeof rule['action'] === 'string' && isSelector(rule['match']),
    ),
  };
  return Object.entries(isRight).find(([, right]) => !right)?.[0];
}

function isSelectorOrLeftOut(value: unknown): boolean {
  return value === undefined || isSelector(value);
}

/** A field that decide does not know would be passed over, and the selector would fit more than it says. */
const SELECTOR_FIELDS: Readonly<Record<string, 'string' | 'number'>> = {
  cluster: 'string',
  name: 'string',
  user: 'string',
  queue: 'string',
  type: 'string',
  state: 'string',
  olderThanMs: 'number',
  pendingLongerThanMs: 'number',
  order: 'string',
  count: 'number',
};

function isSelector(value: unknown): boolean {
  return isRecord(value) && Object.entries(value).every(([field, content]) => typeof content === SELECTOR_FIELDS[field]);
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isListOf(value: unknown, isRight: (item: unknown) => boolean): boolean {
  return Array.isArray(value) && value.every(isRight);
}
