import type { Plot } from './plot.ts';
import { type Deployed, deployedAt, policyFile } from './policy.ts';

/** The environment of a function. */
export type Env = Record<string, string | undefined>;

/** The environment of each moment (epoch ms), the same for a whole deployment: that with its policy. */
export function envOfMoments(env: Env, plot: () => Plot, alter: (deployed: Deployed) => Deployed = (deployed) => deployed): (at: number) => Env {
  const envs = new Map<Deployed | undefined, Env>();
  return (at) => {
    const deployed = deployedAt(plot().deployments, at);
    const known = envs.get(deployed) ?? { ...env, POLICY_FILE: policyFile(plot(), deployed && alter(deployed)) };
    envs.set(deployed, known);
    return known;
  };
}
