import { randomUUID } from 'node:crypto';
import { countCalls, forJob, stagesOf } from '../calls.ts';
import { apiKill } from '../events.ts';
import { interleave, type Ground, type Part, type Row } from '../part.ts';
import { ours, peer } from '../runnable.ts';
import { startCold, startWarm, type Warm } from '../starts.ts';
import type { Call, Upstream } from '../upstream.ts';

const PEER = 'bare script with the same calls';
const LATE_MS = 20;

/** REST's kill: in a fresh process, then in one that goes on. */
export const api: Part = {
  name: 'api',
  about: 'REST: a kill by MRS id',
  async measure(ground) {
    const plan = await recordCalls(ground);
    return [...(await measureCold(ground, plan)), ...(await measureWarm(ground, plan))];
  },
};

/** What one kill of ours asks of all upstreams, as the plan for the script beside it. */
type Plan = { jobId: string; stages: Call[][]; calls: string[] };

async function recordCalls(ground: Ground): Promise<Plan> {
  const { upstream } = ground;
  const jobId = await addJob(upstream);
  await upstream.takeCalls();
  const { status, body } = await startCold(ours(ground, 'api'), apiKill(jobId));
  if (status !== 202) throw new Error(`api answered ${status}: ${body}`);
  const calls = await upstream.takeCalls();
  return { jobId, stages: stagesOf(calls), calls: calls.map(({ to }) => to) };
}

const addJob = async (upstream: Upstream): Promise<string> => (await upstream.addJobs(1))[0]?.id ?? '';
const bareKill = ({ stages, jobId }: Plan, id: string): object => ({ stages: forJob(stages, jobId, id, randomUUID()) });

async function measureCold(ground: Ground, plan: Plan): Promise<Row[]> {
  const { upstream } = ground;
  const [own, bare] = [ours(ground, 'api'), peer(ground, 'bare', 'api')];
  const [mine = [], theirs = []] = await interleave(ground.rounds, [
    async () => startCold(own, apiKill(await addJob(upstream))),
    async () => startCold(bare, bareKill(plan, await addJob(upstream))),
  ]);
  return [
    { what: 'api: process until the kill is answered', unit: 'ms', ours: mine.map(({ answeredMs }) => answeredMs), peer: { name: PEER, values: theirs.map(({ answeredMs }) => answeredMs) }, most: { ratio: 1.25 }, note: countCalls(plan.calls) },
    { what: 'api: CPU until then', unit: 'ms', ours: mine.map(({ cpuMs }) => cpuMs), peer: { name: PEER, values: theirs.map(({ cpuMs }) => cpuMs) } },
  ];
}

async function measureWarm(ground: Ground, plan: Plan): Promise<Row[]> {
  const { upstream } = ground;
  const own = await startWarm(ours(ground, 'api'));
  const bare = await startWarm(peer(ground, 'bare', 'api'));
  try {
    const killsOf = async (times: number): Promise<string[]> => (await upstream.addJobs(times)).map(({ id }) => id);
    const callOurs = (times: number) => async () => each(own, times, (await killsOf(times)).map(apiKill));
    const callBare = (times: number) => async () => each(bare, times, (await killsOf(times)).map((id) => bareKill(plan, id)));
    const [many, few] = ground.isQuick ? [5, 2] : [50, 10];
    await interleave(ground.isQuick ? 1 : 3, [callOurs(many), callBare(many)]); // what runs often is compiled by now
    await upstream.takeCalls();
    await callOurs(1)();
    const calls = (await upstream.takeCalls()).map(({ to }) => to);
    const [mine = [], theirs = []] = await interleave(ground.rounds, [callOurs(many), callBare(many)]);
    await upstream.delay(LATE_MS);
    const [lateMine = [], lateTheirs = []] = await interleave(ground.rounds, [callOurs(few), callBare(few)]);
    await upstream.delay(0);
    const more = mine.map(({ cpuMs }, round) => cpuMs - (theirs[round]?.cpuMs ?? Number.NaN));
    return [
      { what: 'warm: CPU of a kill', unit: 'ms', ours: mine.map(({ cpuMs }) => cpuMs), peer: { name: PEER, values: theirs.map(({ cpuMs }) => cpuMs) } },
      { what: 'warm: CPU over that of the calls', unit: 'ms', ours: more, most: { value: 0.4 } },
      { what: 'warm: a kill', unit: 'ms', ours: mine.map(({ tookMs }) => tookMs), peer: { name: PEER, values: theirs.map(({ tookMs }) => tookMs) } },
      { what: `warm: a kill, each answer ${LATE_MS} ms late`, unit: 'ms', ours: lateMine.map(({ tookMs }) => tookMs), peer: { name: PEER, values: lateTheirs.map(({ tookMs }) => tookMs) }, most: { ratio: 1.05 } },
      { what: 'warm: round trips to MRS', unit: 'calls', ours: [calls.filter((to) => / (?:job|kill|list)$/.test(to)).length], most: { value: 2 }, note: countCalls(calls) },
    ];
  } finally {
    own.stop();
    bare.stop();
  }
}

async function each(warm: Warm, times: number, events: readonly object[]): Promise<{ tookMs: number; cpuMs: number }> {
  const { tookMs, cpuMs, answers } = await warm.call(events);
  const wrong = answers.find((answer) => answer?.statusCode !== 202 && answer?.statusCode !== 200);
  if (wrong) throw new Error(`a kill was answered by ${wrong.statusCode}: ${wrong.body}`);
  return { tookMs: tookMs / times, cpuMs: cpuMs / times };
}
