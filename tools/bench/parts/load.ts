import { interleave, type Part, type Row } from '../part.ts';
import { ours, peer } from '../runnable.ts';
import { startCold } from '../starts.ts';

const FUNCTIONS = ['slack', 'alerts', 'api', 'kill'] as const;
/** Only these answer somebody who waits. */
const HURRIED: readonly string[] = ['slack', 'alerts'];

/** Loading alone: nothing is called. */
export const load: Part = {
  name: 'load',
  about: 'Loading a function: the process until its handler is there',
  async measure(ground) {
    const runs = [peer(ground, 'empty', 'slack'), ...(ground.peers.hasBolt ? [peer(ground, 'bolt', 'slack')] : []), ...FUNCTIONS.map((name) => ours(ground, name))];
    const starts = await interleave(ground.rounds, runs.map((run) => () => startCold(run)));
    const empty = starts[0] ?? [];
    const bolt = ground.peers.hasBolt ? (starts[1] ?? []) : undefined;
    return FUNCTIONS.flatMap((name, at): Row[] => {
      const own = starts[runs.length - FUNCTIONS.length + at] ?? [];
      const whole: Row = { what: `${name}: process until loaded`, unit: 'ms', ours: own.map(({ loadedMs }) => loadedMs), peer: { name: 'empty handler', values: empty.map(({ loadedMs }) => loadedMs) } };
      if (!HURRIED.includes(name)) return [whole];
      const beside = bolt && { name: 'Bolt app', values: bolt.map(({ loadMs }) => loadMs) };
      const alone: Row[] = beside ? [{ what: `${name}: import alone`, unit: 'ms', ours: own.map(({ loadMs }) => loadMs), peer: beside, most: { ratio: 0.25 } }] : [];
      return [{ ...whole, most: { ratio: 1.35 } }, ...alone];
    });
  },
};
