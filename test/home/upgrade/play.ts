import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { startSimulator } from '../../simulator/simulator.ts';
import { type HomeProcess, makeFolder, settingsFor, startHomeOf } from '../serve/process.ts';
import { POLICY, type Scenery, setScene, waitFor } from './scenery.ts';
import type { Wait } from './waits.ts';

/** How the first process ends. `standby`: the second one waits already, and the first is killed. */
export type HowItEnds = 'SIGTERM' | 'SIGKILL' | 'standby';

/** What came of an upgrade: what was not as it should be, a line each, and from the end of one process to the serving of the next. */
export type Upgraded = { trouble: string[]; begunAnew: number; downMs: number };

type Held = Record<string, number>;

/** Lets all these waits stand under the product in `before`, ends that, starts the one in `after` over the same store, and goes on. Paths of trees. */
export async function playUpgrade(waits: readonly Wait[], { before, after, how, askTimeoutSec = 900 }: { before: string; after: string; how: HowItEnds; askTimeoutSec?: number }): Promise<Upgraded> {
  const simulator = await startSimulator({ killDelayMs: 100, slack: { botToken: 'xoxb-token-of-this-test' } });
  const { folder, remove } = makeFolder(POLICY);
  const settings = { ...settingsFor(simulator), ASK_TIMEOUT_SEC: String(askTimeoutSec) };
  const homes: HomeProcess[] = [];
  const start = (tree: string, ...args: string[]): HomeProcess => {
    const home = startHomeOf(tree, folder, settings, ...args);
    homes.push(home);
    return home;
  };
  try {
    const first = start(before);
    let url = first.url;
    const scenes = waits.map((wait, index) => setScene(wait, index + 1, simulator, () => url));
    for (const scene of scenes) {
      scene.wait.before?.(scene);
      await scene.begin();
      await waitFor(`${scene.wait.name}: it waits`, () => scene.wait.stands(scene));
    }
    const standing = how === 'standby' ? start(after, '--standby') : undefined;
    if (standing) await waitFor('the second process stands by', () => standing.lines().some(({ message }) => message === 'waiting for the store'));
    const heldBefore = readHeld(folder);
    const endedAt = performance.now();
    await first.end(how === 'SIGTERM' ? 'SIGTERM' : 'SIGKILL');
    const second = standing ?? start(after);
    url = second.url;
    await url;
    const downMs = Math.round(performance.now() - endedAt);
    const { begunAnew = [] } = second.lines().find(({ message }) => message === 'serving') as { begunAnew?: string[] };
    for (const scene of scenes) await scene.wait.goOn?.(scene);
    const trouble: string[] = [];
    for (const scene of scenes) trouble.push(...(await judge(scene, homes)).map((line) => `${scene.wait.name}: ${line}`));
    const heldAfter = readHeld(folder);
    for (const [what, until] of Object.entries(heldBefore)) if (heldAfter[what] !== until) trouble.push(`${what} was until ${until}, and is until ${heldAfter[what]}`);
    if (Object.keys(heldBefore).length === 0) trouble.push('nothing was asked, warned or kept');
    return { trouble, begunAnew: begunAnew.length, downMs };
  } finally {
    await Promise.all(homes.map((home) => home.end()));
    await simulator.close();
    remove();
  }
}

/** Once it has ended, what is not as it should be. */
async function judge({ wait, jobs, posts, messages, buttons }: Scenery, homes: readonly HomeProcess[]): Promise<string[]> {
  const ends = () => homes.flatMap((home) => home.lines()).filter(({ message, job }) => message === 'kill request ended' && jobs.some(({ job_id: id }) => id === (job as { job_id?: string } | undefined)?.job_id));
  const outcomes = (): string[] => ends().map(({ outcome }) => String(outcome)).toSorted();
  await waitFor(`${wait.name} ends ${wait.outcomes.join(', ')} and is told`, () => outcomes().length >= wait.outcomes.length && (wait.outcomes.length === 0 || buttons().length === 0)).catch(() => undefined);
  const found = { outcomes: outcomes().join(', '), posts: posts(), messages: messages().length, buttons: buttons().join(', ') };
  const wanted = { outcomes: wait.outcomes.join(', '), posts: wait.posts, messages: jobs.length, buttons: '' };
  return (Object.keys(wanted) as (keyof typeof wanted)[]).filter((key) => found[key] !== wanted[key]).map((key) => `${key}: ${wanted[key]} wanted, and it is ${found[key]}`);
}

/** Until when (epoch ms) is asked, warned and kept, by the entry that says so. */
function readHeld(folder: string): Held {
  const database = new DatabaseSync(join(folder, 'data/killswitch.sqlite'), { readOnly: true });
  try {
    const rows = database.prepare("SELECT pk || ' ' || sk AS entry, value FROM ledger WHERE pk LIKE 'start/%' AND (sk LIKE '%/asked' OR sk LIKE '%/warned' OR sk LIKE '%/kept')").all();
    return Object.fromEntries(rows.map(({ entry, value }) => [String(entry), (JSON.parse(String(value)) as { until: number }).until]));
  } finally {
    database.close();
  }
}
