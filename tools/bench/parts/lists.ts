import { JOBS_PATH } from '../../../test/simulator/client.ts';
import { countCalls } from '../calls.ts';
import { apiShow } from '../events.ts';
import { STALE } from '../packages.ts';
import { interleave, type Ground, type Part, type Row } from '../part.ts';
import { ours, peer } from '../runnable.ts';
import { type Runnable, type Series, startWarm, type Warm } from '../starts.ts';
import { startUpstream, type Upstream } from '../upstream.ts';

const LATE_MS = 20;
const PEER = 'bare pages one after the other';
const PAGE = 100;
const HOUR_MS = 3_600_000;
const SIZES = [100, 1_000, 10_000];

/** What has to read the list of active jobs: a job by its YARN id, and cleanup. */
export const lists: Part = {
  name: 'lists',
  about: `Reading the list of active jobs, each answer ${LATE_MS} ms late`,
  async measure(ground) {
    const sizes = ground.isQuick ? [2 * PAGE] : SIZES;
    const measured: Awaited<ReturnType<typeof measureSize>>[] = [];
    for (const jobs of sizes) measured.push(await measureSize(ground, jobs));
    const peakOf = (at: number, of: (peaks: Peaks) => number): number[] => measured.slice(at).slice(0, 1).map(({ peaks }) => of(peaks));
    const growth = [0, -1].flatMap((at) => peakOf(at, ({ bare }) => bare)).map((mib) => mib.toFixed(0)).join(' to ');
    const memory = (what: string, of: (peaks: Peaks) => number): Row =>
      ({ what: `${what}: memory at the peak with ${sizes.at(-1)} jobs`, unit: 'MiB', ours: peakOf(-1, of), peer: { name: `with ${sizes[0]}`, values: peakOf(0, of) }, ...(sizes.length > 1 && { most: { ratio: 1.25 } }), note: `bare pages: ${growth} MiB` });
    return [...measured.flatMap(({ rows }) => rows), memory('by YARN id', ({ byYarnId }) => byYarnId), memory('cleanup', ({ cleanup }) => cleanup)];
  },
};

/** With so little room that what is dropped is collected at once: what is left of memory is what is held. */
const heldSmall = ({ file, env }: Runnable): Runnable => ({ file, env: { ...env, NODE_OPTIONS: '--max-old-space-size=40 --max-semi-space-size=1' } });

/** The most memory that each process had, in MiB. */
type Peaks = { byYarnId: number; cleanup: number; bare: number };

async function measureSize(ground: Ground, jobs: number): Promise<{ rows: Row[]; peaks: Peaks }> {
  const upstream = await startUpstream();
  const urls = { ...upstream.urls, mrsUrl: upstream.urls.listsUrl };
  const [api, cleanup, bare] = await Promise.all([ours(ground, 'api', urls), ours(ground, 'cleanup', urls), peer(ground, 'pages', 'api', urls)].map((one) => startWarm(heldSmall(one)))) as [Warm, Warm, Warm];
  try {
    const ids = await fill(upstream, jobs);
    const [first, last] = [ids[0]?.yarnId ?? '', ids.at(-1)?.yarnId ?? ''];
    const callApi = async (id: string): Promise<number> => expectStatus(await api.call([apiShow(id)]), 200);
    const callBare = async (appId: string): Promise<number> => expectStatus(await bare.call([{ path: JOBS_PATH, appId }]), appId === '' ? 404 : 200);
    const callCleanup = async (): Promise<number> => (await cleanup.call([{}])).tookMs;
    // Every page is kept by the front from here on, and everything has its token.
    await callApi(last);
    await callBare('');
    await callCleanup();
    await upstream.takeCalls();
    await callApi(first);
    const pages = (await upstream.takeCalls()).filter(({ to }) => to === 'GET list').length;
    await callCleanup();
    const others = (await upstream.takeCalls()).map(({ to }) => to).filter((to) => to !== 'GET list');
    await upstream.delay(LATE_MS);
    // A round over 10,000 jobs takes seconds, and answers that are late on purpose spread little.
    const rounds = jobs > 1_000 ? Math.ceil(ground.rounds / 4) : ground.rounds;
    const [byId = [], bareById = [], cleaned = [], bareAll = []] = await interleave(rounds, [() => callApi(last), () => callBare(last), callCleanup, () => callBare('')]);
    const peakOf = async (process: Warm): Promise<number> => (await process.call([])).peakMiB;
    const peaks = { byYarnId: await peakOf(api), cleanup: await peakOf(cleanup), bare: await peakOf(bare) };
    const many = jobs > PAGE; // one page is one page
    return {
      rows: [
        { what: `by YARN id, the last of ${jobs} jobs`, unit: 'ms', ours: byId, peer: { name: PEER, values: bareById }, ...(many && { most: { ratio: 0.6 } }) },
        { what: `by YARN id, the first of ${jobs} jobs: pages read`, unit: 'pages', ours: [pages] },
        { what: `cleanup over ${jobs} jobs`, unit: 'ms', ours: cleaned, peer: { name: PEER, values: bareAll }, most: { ratio: 1.3 }, note: `besides the pages ${countCalls(others)}` },
      ],
      peaks,
    };
  } finally {
    for (const process of [api, cleanup, bare]) process.stop();
    upstream.stop();
  }
}

/** The oldest first; three of them are stale. */
async function fill(upstream: Upstream, jobs: number): Promise<{ yarnId: string }[]> {
  const plain = await upstream.addJobs(jobs - 4, { job_name: 'etl' });
  await upstream.addJobs(3, { job_name: STALE, started_time: Date.now() - 9 * HOUR_MS });
  return [...plain, ...(await upstream.addJobs(1, { job_name: 'etl' }))];
}

function expectStatus({ tookMs, answers: [answer] }: Series, status: number): number {
  if (answer?.statusCode !== status) throw new Error(`answered by ${answer?.statusCode}: ${answer?.body}`);
  return tookMs;
}
