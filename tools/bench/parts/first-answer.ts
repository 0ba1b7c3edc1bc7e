import { alertDelivery, slackKill } from '../events.ts';
import { countCalls } from '../calls.ts';
import { interleave, type Ground, type Part, type Row } from '../part.ts';
import { ours, peer } from '../runnable.ts';
import { type ColdStart, startCold } from '../starts.ts';

const KILL_FUNCTION = 'mrs-killswitch-bench-kill:durable';
const ALERTS = 3;
/** As many as the product starts at once. */
const AT_ONCE = 10;

/** From nothing to the first answer, the starts of executions included. */
export const firstAnswer: Part = {
  name: 'first-answer',
  about: 'Load and first answer, the start of an execution included',
  async measure(ground) {
    return [...(await measureOne(ground, 'slack', 1)), ...(await measureOne(ground, 'alerts', ALERTS))];
  },
};

async function measureOne(ground: Ground, name: 'slack' | 'alerts', starts: number): Promise<Row[]> {
  const { upstream } = ground;
  const [own, plain, floor] = [ours(ground, name), peer(ground, 'starts', name), peer(ground, 'floor', name)];
  const ids = (await upstream.addJobs(starts)).map(({ id }) => id);
  const eventOf = (round: number): object => (name === 'slack' ? slackKill(ids[0] ?? '') : alertDelivery(`cold${round}`, ids));
  // What ours sends is what the peer sends.
  await upstream.takeCalls();
  checkAnswer(name, await startCold(own, eventOf(-1)));
  const calls = (await upstream.takeCalls()).map(({ to }) => to);
  const postsOf = (round: string) => ({ functionName: KILL_FUNCTION, names: Array.from({ length: starts }, (_, at) => `raw-${name}-${round}-${at}`), payload: PAYLOAD, atOnce: AT_ONCE });
  const [mine = [], plainly = [], fast = []] = await interleave(ground.rounds, [(round) => startCold(own, eventOf(round)), (round) => startCold(plain, postsOf(`p${round}`)), (round) => startCold(floor, postsOf(`f${round}`))]);
  for (const start of mine) checkAnswer(name, start);
  const row = (what: string, of: (start: ColdStart) => number, beside = plainly, peerName = 'empty handler with the same starts'): Row => ({ what, unit: 'ms', ours: mine.map(of), peer: { name: peerName, values: beside.map(of) } });
  return [
    { ...row(`${name}: process until the first answer, ${starts} ${starts === 1 ? 'start' : 'starts'}`, ({ answeredMs }) => answeredMs), most: { ratio: 1.25 } },
    row(`${name}: process until the first answer, beside the leanest`, ({ answeredMs }) => answeredMs, fast, 'leanest handler with the same starts'),
    row(`${name}: CPU until then`, ({ cpuMs }) => cpuMs),
    { what: `${name}: calls before the answer`, unit: 'calls', ours: [calls.length], most: { value: starts }, note: countCalls(calls) },
  ];
}

/** About as long as ours. */
const PAYLOAD = JSON.stringify({ attempt: '00000000-0000-4000-8000-000000000000', request: 'x'.repeat(600) });

function checkAnswer(name: string, { status, body }: ColdStart): void {
  if (status === (name === 'slack' ? 200 : 202) && !body.includes('"outcome":"failed"')) return;
  throw new Error(`${name} answered ${status}: ${body}`);
}
