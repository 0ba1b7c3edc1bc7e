import type { Clock } from '../../lib/core/time.ts';
import type { Outside } from '../../lib/house/compose.ts';
import type { Ledger } from '../../lib/ledger/port.ts';
import type { Log } from '../../lib/log/log.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import type { ReadParameters } from '../../lib/settings/references.ts';
import { enginePort } from '../engine/engine-port.ts';
import type { DurableEngine } from '../engine/engine.ts';
import { followTogether } from '../mrs/follow-together.ts';
import { forManyRuns } from '../mrs/for-many.ts';
import { openHomeSend } from '../mrs/open-send.ts';
import { untilRevoked } from '../mrs/until-revoked.ts';
import type { HomeSettings } from '../settings/home-settings.ts';
import { NAMES_INSIDE } from './names.ts';

export type AroundHome = {
  env: Record<string, string | undefined>;
  settings: HomeSettings;
  policy: Policy;
  clock: Clock;
  log: Log;
  readFiles: ReadParameters;
  /** Asked when something is started or answered: undefined until it is there. */
  engine: () => DurableEngine | undefined;
  ledger: Ledger;
  /** Slack's answers that are given later. */
  begin: (task: unknown) => Promise<void>;
};

/** What the house finds around it in the own home: environment and files, the engine and the ledger in one store, and the policy that was checked at the start. */
export function outsideOfHome({ env, settings, policy, clock, log, readFiles, engine, ledger, begin }: AroundHome): Outside {
  const together = followTogether(clock);
  return {
    home: 'own',
    bornAt: clock.now(),
    env: { ...env, ...NAMES_INSIDE },
    clock,
    createId: () => crypto.randomUUID(),
    log,
    openSend: openHomeSend,
    forMany: forManyRuns(clock),
    followTogether: (mrs) => together(untilRevoked(mrs)),
    metadataUrl: settings.metadataUrl,
    readParameters: readFiles,
    openEngine(functionName) {
      const opened = engine();
      if (opened === undefined) throw new Error('the engine is not open yet');
      return enginePort(opened, functionName.replace(/:[^:]*$/, ''), clock);
    },
    openLedger: () => ledger,
    invokeSelf: begin,
    readPolicy: () => policy,
  };
}
