import type { Clock } from '../core/clock.ts';
import { createGuard } from '../http/guard.ts';
import { createLimit } from '../http/limit.ts';
import { createSend } from '../http/send.ts';
import type { Settings } from '../settings/settings.ts';
import { createMrsCall } from './call.ts';
import { createMrs, type Mrs } from './client.ts';
import type { Cluster } from './cluster.ts';
import type { Credentials } from './credentials.ts';
import { endpointsOf } from './endpoints.ts';
import { createTokenCredentials } from './token.ts';

/** The way to MRS: who we are, and a client in our own or in somebody else's name. */
export type MrsConnection = { credentials: Credentials; mrsAs: (credentials: Credentials) => Mrs };

const MOST_IN_FLIGHT = 10;

/** Connects to MRS and IAM of the listed clusters' regions, and to no other host. */
export function connectMrs(settings: Settings, clusters: readonly Cluster[], clock: Clock): MrsConnection {
  const endpoints = (region: string) => endpointsOf(region, settings);
  const regions = new Set([settings.region, ...clusters.map(({ region }) => region)]);
  const send = createSend(createGuard([...regions].flatMap((region) => Object.values(endpoints(region)))));
  const limit = createLimit(MOST_IN_FLIGHT); // one for all clients of this instance
  return {
    credentials: createCredentials(),
    mrsAs: (credentials) =>
      createMrs(createMrsCall({ credentials, endpointsOf: endpoints, send, clock, language: settings.language, limit })),
  };

  function createCredentials(): Credentials {
    if (settings.credentials.by !== 'password') throw new Error('AK/SK is refused by the settings'); // see settings.ts
    return createTokenCredentials({ password: settings.credentials, endpointsOf: endpoints, send, clock });
  }
}
