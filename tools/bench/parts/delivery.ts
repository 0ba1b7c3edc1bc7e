import { alertDelivery } from '../events.ts';
import { interleave, type Part } from '../part.ts';
import { ours, peer } from '../runnable.ts';
import { startWarm } from '../starts.ts';

const PEER = 'raw starts';
/** As many as the product starts at once. */
const AT_ONCE = 10;
const PAYLOAD = JSON.stringify({ attempt: '00000000-0000-4000-8000-000000000000', request: 'x'.repeat(600) });

/** One delivery of many alerts, then the same once more. */
export const delivery: Part = {
  name: 'delivery',
  about: 'A delivery of many alerts, in a process that goes on',
  async measure(ground) {
    const { upstream } = ground;
    const [own, bare] = [await startWarm(ours(ground, 'alerts')), await startWarm(peer(ground, 'starts', 'alerts'))];
    try {
      const count = ground.isQuick ? 20 : 200;
      const ids = (await upstream.addJobs(count)).map(({ id }) => id);
      const deliver = async (event: object, outcome: string): Promise<number> => {
        const { tookMs, answers: [answer] } = await own.call([event]);
        const got = (answer?.body ?? '').split(`"outcome":"${outcome}"`).length - 1;
        if (got !== count) throw new Error(`${got} of ${count} alerts were ${outcome}: ${answer?.statusCode} ${answer?.body?.slice(0, 500)}`);
        return tookMs;
      };
      const startRaw = async (round: string): Promise<number> =>
        (await bare.call([{ functionName: 'mrs-killswitch-bench-kill:durable', names: ids.map((_, at) => `raw-${round}-${at}`), payload: PAYLOAD, atOnce: AT_ONCE }])).tookMs;
      const measureRounds = (from: number, rounds: number) => {
        const events = Array.from({ length: rounds }, (_, round) => alertDelivery(`d${from + round}`, ids));
        return interleave(rounds, [
          async (round) => {
            const event = events[round] ?? {};
            const first = await deliver(event, 'accepted');
            await upstream.begin(); // most begin within a second
            return [first, await deliver(event, 'duplicate')] as const;
          },
          async (round) => [await startRaw(`${from + round}`), Number.NaN] as const,
        ]);
      };
      await measureRounds(0, ground.isQuick ? 1 : 3); // what runs often is compiled by now
      const [mine = [], theirs = []] = await measureRounds(3, ground.rounds);
      const first = mine.map(([one]) => one);
      return [
        { what: `${count} alerts until all are answered`, unit: 'ms', ours: first, peer: { name: PEER, values: theirs.map(([raw]) => raw) }, most: { ratio: 1.1 } },
        { what: 'the same delivery again', unit: 'ms', ours: mine.map(([, again]) => again), peer: { name: 'the first time', values: first }, most: { ratio: 1 }, note: 'all duplicates' },
      ];
    } finally {
      own.stop();
      bare.stop();
    }
  },
};
