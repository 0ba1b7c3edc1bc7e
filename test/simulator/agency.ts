import { randomBytes } from 'node:crypto';
import type { Cloud, SimulatedKey } from './cloud.ts';
import type { Answer, Route } from './routing.ts';

/** The agency of the server that we run on: whether one is bound, how long its keys live, and those it gives out now. */
export type AgencyState = { isBound: boolean; keyLifeMs: number; current: SimulatedKey | undefined };

/** The agency as tests see it. */
export type SimulatedAgency = {
  bind(): void;
  /** From now on no keys are given out; those that were serve until they are over. */
  unbind(): void;
  /** The next request gets new keys; the old ones serve until they are over. */
  rotate(): void;
  /** The keys that were given out are refused from now on, and are given out still until `rotate`. */
  revoke(): void;
};

/** Without an agency, as a server is at first. */
export function makeAgency(keyLifeMs = 3 * 3_600_000): AgencyState {
  return { isBound: false, keyLifeMs, current: undefined };
}

/** The server's own metadata service, plain HTTP. https://support.huaweicloud.com/intl/en-us/bestpractice-iam/iam_0511.html */
export function agencyRoutes(cloud: Cloud): Route[] {
  return [{ on: 'agency', method: 'GET', path: /^\/openstack\/latest\/securitykey$/, answer: () => giveKeys(cloud) }];
}

function giveKeys(cloud: Cloud): Answer {
  const { agency } = cloud;
  if (!agency.isBound) return { status: 404, body: '<html><head><title>404 Not Found</title></head></html>' };
  const isOver = agency.current?.expiresAt !== undefined && cloud.now() >= agency.current.expiresAt;
  const { access, secret, securityToken, expiresAt = 0 } = (agency.current = (isOver ? undefined : agency.current) ?? issueKey(cloud));
  const expires_at = new Date(expiresAt).toISOString().replace('Z', '000Z');
  return { status: 200, body: { credential: { access, secret, securitytoken: securityToken, expires_at } } };
}

function issueKey(cloud: Cloud): SimulatedKey {
  const key = {
    access: `HST${randomBytes(8).toString('hex').toUpperCase()}`,
    secret: `agency-secret-${randomBytes(12).toString('hex')}`,
    securityToken: `agency-token-${randomBytes(300).toString('base64')}`,
    expiresAt: cloud.now() + cloud.agency.keyLifeMs,
  };
  cloud.keys.push(key);
  return key;
}

/** The view of the agency in a cloud. */
export function viewAgency(cloud: Cloud): SimulatedAgency {
  return {
    bind: () => void (cloud.agency.isBound = true),
    unbind: () => void (cloud.agency.isBound = false),
    rotate: () => void (cloud.agency.current = undefined),
    revoke: () => void (cloud.keys = cloud.keys.filter(({ expiresAt }) => expiresAt === undefined)),
  };
}
