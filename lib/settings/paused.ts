/**
 * Whether the off switch is on: `PAUSED` is `true`, or is anything but `false`, unset or empty, because a switch that
 * cannot be read counts as on. Reads `env` afresh at each call and never throws.
 */
export function readPaused(env: Record<string, string | undefined>): boolean {
  const value = env['PAUSED'] ?? '';
  return value !== '' && value !== 'false';
}
