/**
 * The SHA-256 of a text, in lower-case hex. Node's module is asked for at the first call: an import of `node:crypto` would read all that
 * it exports, a fifth of a cold start. https://nodejs.org/api/process.html#processgetbuiltinmoduleid
 */
export function sha256(text: string): string {
  return process.getBuiltinModule('node:crypto').createHash('sha256').update(text, 'utf8').digest('hex');
}
