import { createRequire, syncBuiltinESMExports } from 'node:module';

// middy takes its timer from node:timers when it is loaded, before any time is held: this file is to be imported before it.
// Not by an import: that would keep the functions as they are.
const timers = createRequire(import.meta.url)('node:timers') as { setTimeout: (run: () => void, delayMs?: number) => unknown };
timers.setTimeout = (run, delayMs) => globalThis.setTimeout(run, delayMs);
syncBuiltinESMExports();
