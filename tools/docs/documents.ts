import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AlertSource } from '../../lib/alerts/source.ts';
import { ALERT_SOURCES } from '../../lib/alerts/all-sources.ts';
import { faultsTable } from './faults.ts';
import { openApiRegions } from './openapi.ts';
import { policyTables } from './policy.ts';
import { listRegion, rowRegions, tableRegions } from './readme.ts';
import type { Regions } from './regions.ts';
import { settingsTables } from './settings.ts';

export type Document = { file: string; regions: Regions };

/** What sources, policy, settings and the table of faults say of themselves, by the file and the region that it stands in. `root` is the folder of the package. */
export function documents(root: string, sources: Record<string, AlertSource> = ALERT_SOURCES): Document[] {
  const readJson = (path: string): unknown => JSON.parse(readFileSync(join(root, path), 'utf8'));
  const exampleOf = (source: string): unknown => readJson(`test/fixtures/alerts/${source}/stuck-job.json`);
  const { version } = readJson('package.json') as { version: string };
  // A new source needs no page to be named everywhere.
  const pageOf = (source: string): string | undefined => [`docs/triggers/${source}.md`].find((file) => existsSync(join(root, file)));
  const pages = Object.entries(rowRegions(sources)).flatMap(([source, regions]) => {
    const file = pageOf(source);
    return file === undefined ? [] : [{ file, regions }];
  });
  return [
    { file: 'README.md', regions: listRegion(sources, 'en', pageOf) },
    { file: 'README.zh-CN.md', regions: listRegion(sources, 'zh', pageOf) },
    { file: 'docs/triggers/README.md', regions: tableRegions(sources) },
    ...pages,
    { file: 'openapi.yml', regions: openApiRegions(sources, exampleOf, version) },
    { file: 'docs/policy.md', regions: { policy: policyTables() } },
    { file: 'docs/settings.md', regions: { settings: settingsTables() } },
    { file: 'docs/reliability.md', regions: { faults: faultsTable() } },
  ];
}
