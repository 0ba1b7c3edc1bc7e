import { SettingsInvalid } from '../../lib/core/errors.ts';
import type { Clock } from '../../lib/core/time.ts';
import { readHomeSettings } from '../../home/settings/home-settings.ts';
import { createReferences, type Home, readPaused, type ReadParameters, referenceIn } from '../../lib/settings/references.ts';
import { readSettings, type Settings } from '../../lib/settings/settings.ts';
import { bad, type Finding, ok, warning } from '../findings.ts';

type Env = Record<string, string | undefined>;

const NOT_REFERRED: Record<Home, string> = {
  aws: 'secrets stand in the environment; ssm:/name would keep them out of the template',
  own: 'secrets stand in the environment; file:/path would keep them out of it',
};

/** Reads the settings as a function would, references included. `settings` is undefined where something in them is wrong. */
export async function checkSettings(env: Env, read: ReadParameters, clock: Pick<Clock, 'now' | 'sleep'>, home: Home = 'aws'): Promise<{ settings?: Settings; findings: Finding[] }> {
  const references = createReferences(env, read, clock, home);
  await references.refresh();
  try {
    const settings = home === 'own' ? readHomeSettings(references.env()) && readSettings(references.env(), home) : readSettings(references.env());
    const count = Object.values(env).filter((value) => referenceIn(value, home) !== undefined).length;
    const secrets = count === 0 ? NOT_REFERRED[home] : `${count} read from ${home === 'own' ? 'files' : 'the parameter store'}`;
    return { settings, findings: [ok('settings', `region ${settings.region}, ${identity(settings, env)}; ${secrets}`), ...checkTokens(settings, references.env(), home), await checkPaused(env, read, clock, home)] };
  } catch (error) {
    if (!(error instanceof SettingsInvalid)) throw error;
    return { findings: error.problems.map(({ name, problem }) => bad(name, name === 'HW_CREDENTIALS' && home === 'aws' && env[name] === 'ecs' ? `${problem}; for the own home: npm run check-config -- --home` : problem)) };
  }
}

/** https://docs.slack.dev/authentication/tokens/ */
function checkTokens({ slack: { botToken } }: Settings, env: Env, home: Home): Finding[] {
  if (home === 'own' && env['SLACK_APP_TOKEN'] && botToken === undefined) return [warning('SLACK_APP_TOKEN', 'commands come in, and nothing can be posted or asked without SLACK_BOT_TOKEN: each kill is refused; set it too')];
  if (botToken === undefined || /^xox[a-z]*[-.]/.test(botToken.reveal())) return [];
  return [warning('SLACK_BOT_TOKEN', `does not begin with xoxb- as bot tokens do${botToken.reveal().startsWith('xapp-') ? ': it is an app-level token, which is for SLACK_APP_TOKEN' : ''}`)];
}

function identity({ credentials }: Settings, env: Env): string {
  const others = [...(env['HW_CREDENTIALS'] ? ['HW_CREDENTIALS'] : []), ...(env['HW_USER_NAME'] ? ['HW_USER_NAME'] : [])];
  switch (credentials.kind) {
    case 'ak-sk':
      return `AK/SK${credentials.securityToken === undefined ? '' : ' with HW_SECURITY_TOKEN, which are temporary keys: they end within 24 hours'}${others.length === 0 ? '' : `, which win over ${others.join(' and ')}`}`;
    case 'ecs':
      return "the temporary keys of the server's agency";
    case 'password':
      return `user ${credentials.user} of ${credentials.domain}`;
    case 'none':
      return 'nobody';
  }
}

async function checkPaused(env: Env, read: ReadParameters, clock: Pick<Clock, 'sleep'>, home: Home): Promise<Finding> {
  const isReadable = async (name: string): Promise<boolean> => (await read([name]).catch(() => new Map<string, string>())).has(name);
  const name = referenceIn(env['PAUSED'], home);
  if (name !== undefined && !(await isReadable(name))) return bad('PAUSED', `${name} cannot be read, which counts as paused: nothing is killed; create it with the value false`);
  const paused = await readPaused(env, read, clock, home);
  if (paused === 'unreadable') return bad('PAUSED', `${name ?? 'its value'} says neither true nor false, which counts as paused: nothing is killed`);
  return paused ? warning('PAUSED', 'the off switch is on: nothing is killed') : ok('PAUSED', 'off');
}
