import dns from 'node:dns';
import dgram from 'node:dgram';
import net from 'node:net';

/** Everything that left this process since it was last asked: `connect 127.0.0.1:443`, `look up evil.example`. */
export type Outbound = { taken(): string[]; stop(): void };

type Patch = { target: object; name: string; was: unknown };

/**
 * Records every connection that this process begins and every name that it looks up, beneath all libraries: in Node's own sockets
 * and resolver. Names of other machines are not found, and their addresses are not called.
 */
export function recordOutbound(): Outbound {
  let seen: string[] = [];
  const patches: Patch[] = [];
  const patch = (target: object, name: string, around: (was: (...given: unknown[]) => unknown) => (...given: unknown[]) => unknown): void => {
    const was: unknown = Reflect.get(target, name);
    patches.push({ target, name, was });
    Reflect.set(target, name, around(was as (...given: unknown[]) => unknown));
  };

  patch(net.Socket.prototype, 'connect', (was) => function (this: net.Socket, ...given) {
    const first = Array.isArray(given[0]) ? (given[0] as unknown[])[0] : given[0];
    const { host = 'localhost', port, path } = (typeof first === 'object' && first !== null ? first : { port: first, host: given[1] }) as { host?: string; port?: number; path?: string };
    seen.push(`connect ${path ?? `${host}:${port}`}`);
    return isHere(host) || net.isIP(host) === 0 ? was.apply(this, given) : this.destroy(Object.assign(new Error('not called from here'), { code: 'ENETUNREACH' }));
  });
  patch(dns, 'lookup', (was) => function (this: unknown, ...given) {
    const [host] = given as [string];
    if (net.isIP(host) !== 0) return was.apply(this, given); // nobody is asked
    seen.push(`look up ${host}`);
    if (isHere(host)) return was.apply(this, given);
    const callback = given.at(-1) as (error: Error) => void;
    return process.nextTick(callback, Object.assign(new Error(`getaddrinfo ENOTFOUND ${host}`), { code: 'ENOTFOUND' }));
  });
  for (const resolver of [dns, dns.promises, dns.Resolver.prototype]) {
    for (const name of Object.getOwnPropertyNames(resolver).filter((one) => /^(?:resolve|reverse)/.test(one) || (resolver === dns.promises && one === 'lookup'))) {
      patch(resolver, name, (was) => function (this: unknown, ...given) {
        seen.push(`look up ${String(given[0])}`);
        return was.apply(this, given);
      });
    }
  }
  for (const name of ['connect', 'send']) {
    patch(dgram.Socket.prototype, name, (was) => function (this: unknown, ...given) {
      seen.push(`datagram ${given.filter((one) => typeof one !== 'object' && typeof one !== 'function').join(' ')}`);
      return was.apply(this, given);
    });
  }

  return {
    taken() {
      const taken = seen;
      seen = [];
      return taken;
    },
    stop() {
      for (const { target, name, was } of patches.toReversed()) Reflect.set(target, name, was);
    },
  };
}

function isHere(host: string): boolean {
  return host === '127.0.0.1' || host === '::1' || host === 'localhost';
}
