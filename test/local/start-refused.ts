/** A local start that cannot be, for a reason that one line says: the setting, and what to do. The plugin prints it and ends with 1. */
export class StartRefused extends Error {
  override readonly name = 'StartRefused';
}
