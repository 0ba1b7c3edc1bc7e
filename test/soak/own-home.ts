import { DatabaseSync } from 'node:sqlite';
import { join } from 'node:path';
import { makeFolder, settingsFor, startHome } from '../home/serve/process.ts';
import { startSimulator } from '../simulator/simulator.ts';
import { spoiler, spoilSimulator } from './faults.ts';
import { ASK_SEC, POLICY, type Soaked, type SoakOptions } from './soaked.ts';

/** The own home as it is shipped, over a store on this machine's disk. */
export async function startOwnHome({ random, faults, hangsUp }: SoakOptions): Promise<Soaked> {
  const simulator = await startSimulator({ killDelayMs: 700, slack: { botToken: 'xoxb-token-of-this-test' } });
  const { counted, choose } = spoiler(random, faults);
  spoilSimulator(simulator, choose, hangsUp);
  const { folder, remove } = makeFolder(POLICY);
  const process = startHome(folder, { ...settingsFor(simulator), ASK_TIMEOUT_SEC: String(ASK_SEC), FOLLOW_TIMEOUT_SEC: '120' });
  const url = await process.url;
  const database = new DatabaseSync(join(folder, 'data/killswitch.sqlite'), { readOnly: true, timeout: 5_000 });
  const open = database.prepare("SELECT count(*) AS open FROM executions WHERE phase <> 'over' OR isTold = 0");
  return {
    url,
    simulator,
    process,
    spoilt: { 'MRS, IAM and Slack': counted },
    countOpen: () => Number(open.get()?.['open']),
    async close() {
      database.close();
      await process.end('SIGTERM');
      await simulator.close();
      remove();
    },
  };
}
