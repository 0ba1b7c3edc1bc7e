import { SettingsInvalid } from '../../lib/core/errors.ts';
import type { Clock } from '../../lib/core/time.ts';
import { createReferences, readPaused, type ReadParameters, referenceIn } from '../../lib/settings/references.ts';
import { readSettings, type Settings } from '../../lib/settings/settings.ts';
import { bad, type Finding, ok, warning } from '../findings.ts';

type Env = Record<string, string | undefined>;

/** Reads the settings as a function would, references included. `settings` is undefined where something in them is wrong. */
export async function checkSettings(env: Env, read: ReadParameters, clock: Pick<Clock, 'now' | 'sleep'>): Promise<{ settings?: Settings; findings: Finding[] }> {
  const references = createReferences(env, read, clock);
  await references.refresh();
  try {
    const settings = readSettings(references.env());
    const count = Object.values(env).filter((value) => referenceIn(value) !== undefined).length;
    const secrets = count === 0 ? 'secrets stand in the environment; ssm:/name would keep them out of the template' : `${count} read from the parameter store`;
    return { settings, findings: [ok('settings', `region ${settings.region}, ${identity(settings)}; ${secrets}`), await checkPaused(env, read, clock)] };
  } catch (error) {
    if (!(error instanceof SettingsInvalid)) throw error;
    return { findings: error.problems.map(({ name, problem }) => bad(name, problem)) };
  }
}

function identity({ credentials }: Settings): string {
  switch (credentials.kind) {
    case 'ak-sk':
      return 'AK/SK';
    case 'ecs':
      return "the temporary keys of the server's agency";
    case 'password':
      return `user ${credentials.user} of ${credentials.domain}`;
  }
}

async function checkPaused(env: Env, read: ReadParameters, clock: Pick<Clock, 'sleep'>): Promise<Finding> {
  const isReadable = async (name: string): Promise<boolean> => (await read([name]).catch(() => new Map<string, string>())).has(name);
  const name = referenceIn(env['PAUSED']);
  if (name !== undefined && !(await isReadable(name))) return bad('PAUSED', `${name} cannot be read, which counts as paused: nothing is killed; create it with the value false`);
  const paused = await readPaused(env, read, clock);
  if (paused === 'unreadable') return bad('PAUSED', `${name ?? 'its value'} says neither true nor false, which counts as paused: nothing is killed`);
  return paused ? warning('PAUSED', 'the off switch is on: nothing is killed') : ok('PAUSED', 'off');
}
