import { ANALYTICS_ID, PROJECT_ID } from '../../test/simulator/client.ts';
import type { FunctionName } from './packages.ts';
import type { Ground } from './part.ts';
import type { Runnable } from './starts.ts';
import { leadTo, type Served } from './upstream.ts';

/** One of our functions as it is deployed, with the upstreams that all share, or these. */
export function ours({ packages, upstream }: Ground, name: FunctionName, urls: Served = upstream.urls): Runnable {
  return { file: packages.fileOf(name), env: { ...packages.environmentOf(name), ...leadTo(urls, name) } };
}

/** A peer beside that function: with the same environment, so that reading it costs the same. */
export function peer({ packages, peers, upstream }: Ground, name: Parameters<Ground['peers']['fileOf']>[0], beside: FunctionName, urls: Served = upstream.urls): Runnable {
  const own = { CLUSTER: ANALYTICS_ID, PROJECT: PROJECT_ID, ACCESS_KEY: 'SIMULATORACCESSKEY', SECRET_KEY: 'simulator-secret-key' };
  return { file: peers.fileOf(name), env: { ...packages.environmentOf(beside), ...leadTo(urls, beside), ...(name === 'bolt' && own) } };
}
