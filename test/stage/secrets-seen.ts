import type { FunctionName } from '../../lib/settings/calls-mrs.ts';
import { SECRETS_OF, type SecretSetting } from '../../lib/settings/secrets-of.ts';

const ALL: ReadonlySet<string> = new Set<SecretSetting>(Object.values(SECRETS_OF).flat());

/** `env` as a function of the AWS home gets it: without the secrets that only others read. What is set later shows. */
export function seenBy(name: FunctionName, env: Record<string, string | undefined>): Record<string, string | undefined> {
  const own: ReadonlySet<string> = new Set(SECRETS_OF[name]);
  const isHidden = (key: PropertyKey): boolean => ALL.has(String(key)) && !own.has(String(key));
  return new Proxy(env, {
    get: (target, key) => (isHidden(key) ? undefined : Reflect.get(target, key)),
    has: (target, key) => !isHidden(key) && Reflect.has(target, key),
    ownKeys: (target) => Reflect.ownKeys(target).filter((key) => !isHidden(key)),
  });
}
