import { realpathSync } from 'node:fs';
import { dirname } from 'node:path';
import { alertDelivery, slackKill } from '../events.ts';
import { FUNCTIONS } from '../packages.ts';
import type { Part, Row } from '../part.ts';
import { ours } from '../runnable.ts';
import { startCold } from '../starts.ts';

/** What a function loads, by the files that Node reads, and what its package weighs. Nothing here is a time: once is enough. */
export const size: Part = {
  name: 'size',
  about: 'What is loaded before the first answer, and the package',
  async measure(ground) {
    const [job] = await ground.upstream.addJobs(1);
    const id = job?.id ?? '';
    const events = { slack: slackKill(id), alerts: alertDelivery('size', [id]) };
    const rows: Row[] = [];
    for (const name of FUNCTIONS) {
      const run = ours(ground, name);
      const isHurried = name === 'slack' || name === 'alerts';
      const { loaded } = await startCold(run, isHurried ? events[name] : undefined, { notesLoads: true });
      const folder = realpathSync(dirname(run.file));
      const own = loaded.filter(({ file }) => realpathSync(file).startsWith(folder));
      const bytes = own.reduce((sum, file) => sum + file.bytes, 0);
      rows.push({ what: `${name}: loaded ${isHurried ? 'until the first answer' : 'before it is called'}, minified`, unit: 'KB', ours: [bytes / 1_000], note: `${own.length} files`, ...(isHurried && { most: { value: 100 } }) });
      rows.push({ what: `${name}: package, zipped`, unit: 'KB', ours: [ground.packages.zippedBytes(name) / 1_000], most: { value: 450 } });
    }
    return rows;
  },
};
