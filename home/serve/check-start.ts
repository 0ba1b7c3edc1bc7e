import { SOURCE_NAMES } from '../../lib/alerts/sources.ts';
import { AppError } from '../../lib/core/errors.ts';
import type { Policy } from '../../lib/policy/policy.ts';
import { readPolicyFile } from '../../lib/policy/policy-file.ts';
import type { HomeSettings } from '../settings/home-settings.ts';
import type { OpenSettings } from '../settings/open-settings.ts';

/** A start that cannot be, for reasons that stand in the message, one line for each: what is wrong and what to do. */
export class StartRefused extends AppError {
  readonly code = 'start_refused';

  override get name(): string {
    return 'StartRefused';
  }
}

/** Settings and policy, checked as a whole before anything is written or opened. Throws StartRefused with all that is wrong with both. */
export async function checkStart(settings: OpenSettings, env: Record<string, string | undefined>): Promise<{ home: HomeSettings; policy: Policy }> {
  await settings.refresh();
  const wrong: string[] = [];
  const home = tryTo(() => settings.read(), wrong);
  const policy = tryTo(() => readPolicyFile(env, SOURCE_NAMES), wrong);
  if (home === undefined || policy === undefined) throw new StartRefused(wrong.join('\n'));
  return { home, policy };
}

function tryTo<T>(read: () => T, wrong: string[]): T | undefined {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    wrong.push(error.message);
    return undefined;
  }
}
