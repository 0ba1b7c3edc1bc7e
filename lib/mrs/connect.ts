import type { Clock } from '../core/time.ts';
import { METADATA_ORIGIN } from '../http/guard.ts';
import { createLimit } from '../http/limit.ts';
import type { OpenSend } from '../http/send.ts';
import { endpointsOf } from '../settings/regions.ts';
import type { Settings } from '../settings/settings.ts';
import { createAgencyKeys } from './agency.ts';
import { createSigningCredentials, fixedKeys, MOST_SIGNED_IN_FLIGHT } from './ak-sk.ts';
import { createMrsCall } from './call.ts';
import type { Cluster } from './cluster.ts';
import type { Credentials } from './credentials.ts';
import { createMrs, type Mrs } from './mrs.ts';
import { createTokenCredentials } from './token.ts';

/** The way to MRS: who we are, and a client in our own or in somebody else's name. */
export type MrsConnection = { credentials: Credentials; mrsAs: (credentials: Credentials) => Mrs };

/** Clock and way out of what is asked once for many: it must not end with the run that happened to ask first. */
export type ForMany = { clock: Clock; openSend: OpenSend };

const MOST_IN_FLIGHT = 10;
const MOST_KEY_BYTES = 65_536;

/** Connects to MRS and IAM of the listed clusters' regions, and to no other host but the server's own where its agency's keys are asked for. */
export function connectMrs({ settings, clusters, clock, openSend, forMany, metadataUrl = METADATA_ORIGIN }: {
  settings: Settings;
  clusters: readonly Cluster[];
  clock: Clock;
  openSend: OpenSend;
  /** For what many callers wait for together: a token, keys, the id of a project; left out: the same. */
  forMany?: ForMany | undefined;
  /** Where the keys of the agency are: another origin in tests, on loopback. */
  metadataUrl?: string | undefined;
}): MrsConnection {
  const endpoints = (region: string) => endpointsOf(region, settings);
  const regions = new Set([settings.region, ...clusters.map(({ region }) => region)]);
  const origins = [...regions].flatMap((region) => Object.values(endpoints(region)));
  const send = openSend(origins);
  // One for all clients of this instance.
  const limit = createLimit(settings.credentials.kind === 'password' ? MOST_IN_FLIGHT : MOST_SIGNED_IN_FLIGHT);
  return {
    credentials: createCredentials(),
    mrsAs: (credentials) =>
      createMrs(createMrsCall({ credentials, endpointsOf: endpoints, send, clock, language: settings.language, limit })),
  };

  function createCredentials(): Credentials {
    const { credentials } = settings;
    const shared = { endpointsOf: endpoints, send: forMany?.openSend(origins) ?? send, clock: forMany?.clock ?? clock };
    switch (credentials.kind) {
      case 'ak-sk':
        return createSigningCredentials({ ...shared, keys: fixedKeys(credentials), limit });
      case 'ecs':
        return createSigningCredentials({ ...shared, keys: createAgencyKeys({ ...shared, origin: metadataUrl, send: (forMany?.openSend ?? openSend)([metadataUrl], MOST_KEY_BYTES) }), limit });
      case 'password':
        return createTokenCredentials({ ...shared, password: credentials });
      case 'none':
        throw new Error('this function has no key to MRS: see lib/settings/calls-mrs.ts');
    }
  }
}
