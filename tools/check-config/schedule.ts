import type { Policy } from '../../lib/policy/policy.ts';
import type { Home } from '../../lib/settings/references.ts';
import { type Finding, warning } from '../findings.ts';

/** Warns of cleanup rules that no schedule runs. */
export function checkSchedule({ cleanup }: Policy, env: Record<string, string | undefined>, { home, file }: { home: Home; file: string }): Finding[] {
  if (cleanup.length === 0 || (home === 'own' ? env['CLEANUP_SCHEDULE'] : env['CLEANUP_ENABLED'] === 'true')) return [];
  const rules = cleanup.length === 1 ? 'its rule runs' : `its ${cleanup.length} rules run`;
  const byHand = home === 'own' ? 'npm run serve -- cleanup, /mrs cleanup' : '/mrs cleanup';
  const more = home === 'own' && env['CLEANUP_ENABLED'] ? '; CLEANUP_ENABLED is of the AWS home, and does nothing here' : '';
  return [warning(`${file} cleanup`, `${rules} by hand only (${byHand}): set ${home === 'own' ? 'CLEANUP_SCHEDULE' : 'CLEANUP_ENABLED=true'} for a schedule${more}`)];
}
