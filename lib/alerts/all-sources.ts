import type { About, AlertSource } from './source.ts';
import { INVOKING, SOURCES } from './sources.ts';

async function loadAll<Source>(rows: Record<string, () => Promise<Source>>): Promise<Record<string, Source>> {
  return Object.fromEntries(await Promise.all(Object.entries(rows).map(async ([name, load]) => [name, await load()] as const)));
}

// All of them, for whoever tells of them: the health, the documents, the tests.
export const [ALERT_SOURCES, INVOKING_SOURCES] = await Promise.all([loadAll<AlertSource>(SOURCES), loadAll<About>(INVOKING)]);
