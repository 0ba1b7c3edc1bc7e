import { resolve } from 'node:path';
import type { CleanupReport } from '../../lib/core/report.ts';
import type { DurableEngine } from '../engine/engine.ts';
import type { OpenExecution } from '../engine/open-executions.ts';
import { InvalidRequest } from '../../lib/core/errors.ts';
import { fieldsOf, parseJson } from '../../lib/http/json.ts';
import { checkBackup, createBackup } from '../store/backup.ts';
import { askOwner } from '../store/control-client.ts';
import type { Commands } from '../store/control.ts';
import type { OwnedStore } from '../store/open-store.ts';
import type { Wanted } from './command-line.ts';

/** What the owner of the store does for another process of this user. */
export function commandsOf(engine: DurableEngine, { path }: OwnedStore, cleanup: Commands['cleanup']): Commands {
  return {
    open: () => engine.open().map(forPeople),
    async stop(name) {
      const execution = engine.byName(name);
      if (execution === undefined) return 'unknown';
      if (execution.status !== 'RUNNING') return 'over';
      await engine.stop(engine.arnOf(execution), { ErrorType: 'StoppedByHand', ErrorMessage: 'npm run serve -- stop' });
      return 'stopped';
    },
    backup: createBackup(path),
    cleanup,
  };
}

function forPeople({ name, functionName, version, startMs, input, phase, at, nextMs }: OpenExecution): object {
  const iso = (ms: number): string => new Date(ms).toISOString();
  return { name, ...aboutIn(input), function: functionName, version, since: iso(startMs), phase, ...(at !== undefined && { at }), ...(nextMs !== undefined && { next: iso(nextMs) }) };
}

/** What it is about, as its start had it: which job, and who asked. */
function aboutIn(input: string): object {
  const request = fieldsOf(fieldsOf(parseJson(input))?.['request']);
  if (request === undefined) return {};
  const { target, pick, requestedBy: by } = request;
  return { ...(target !== undefined && { target }), ...(pick !== undefined && { pick }), ...(by !== undefined && { by }) };
}

/** Asks the process that owns the store, and gives what it says, a line each. Throws OwnerRefused, StoreRefused and BackupFailed. */
export async function askTheOwner(storeFile: string, wanted: Extract<Wanted, { command: 'open' | 'stop' | 'backup' | 'cleanup' }>): Promise<string[]> {
  switch (wanted.command) {
    case 'open': {
      const { items } = await askOwner(storeFile, wanted);
      return items.length === 0 ? ['nothing is open'] : items.map((item) => JSON.stringify(item));
    }
    case 'stop': {
      const { done } = await askOwner(storeFile, wanted);
      if (done === 'unknown') throw new InvalidRequest(`there is no ${wanted.name}: npm run serve -- open lists what is open`);
      return [done === 'stopped' ? `${wanted.name} is stopped; the channel is told` : `${wanted.name} was over already`];
    }
    case 'backup': {
      const file = resolve(wanted.file);
      const { done } = await askOwner(storeFile, { command: 'backup', file });
      checkBackup(file);
      return [`${file} is whole (${(done as { bytes: number }).bytes} bytes)`];
    }
    case 'cleanup': {
      const { rules, unreadable, skipped } = (await askOwner(storeFile, wanted)).done as CleanupReport;
      const lines = [...rules, ...unreadable].map((line) => JSON.stringify(line));
      return skipped === undefined && lines.length > 0 ? lines : [skipped ?? 'no rule matched a job'];
    }
  }
}
