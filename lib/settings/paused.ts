import { type ReadParameters, referenceIn } from './references.ts';

/**
 * Whether the off switch is on: `PAUSED` is `true`, or refers to a parameter that is. A switch that cannot be read, or says
 * anything but `true` and `false`, counts as on. Reads afresh at each call, the parameter too, and never throws.
 */
export async function readPaused(env: Record<string, string | undefined>, read: ReadParameters): Promise<boolean> {
  const value = env['PAUSED'] ?? '';
  const name = referenceIn(value);
  if (name === undefined) return value !== '' && value !== 'false';
  try {
    return (await read([name])).get(name)?.trim() !== 'false';
  } catch {
    return true;
  }
}
