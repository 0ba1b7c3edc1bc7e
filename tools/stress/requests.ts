import { numberOf, type Part, type Print } from './part.ts';

/** Sends requests of all kinds to both homes: nothing may break, nobody may die whom nobody meant, and nothing may leave for elsewhere. */
export const requests: Part = {
  usage: '--requests <n> [--from <seed>]',
  options: { requests: 'string', from: 'string' },
  help: { requests: 'sends so many made-up requests to all routes of both homes, and looks whom they kill and where they make us call' },
  play: (given, print) => sendRequests(numberOf(given, 'requests', 1_000_000), numberOf(given, 'from', 1), print),
};

const SAY_EVERY = 10_000;
const inOrder = (a: string, b: string): number => a.localeCompare(b);

async function sendRequests(most: number, from: number, print: Print): Promise<0 | 1> {
  const { playRequests } = await import('../../test/requests/play.ts');
  let saidAt = 0;
  const figures = await playRequests({
    requests: most,
    from,
    onFailure: ({ seed, setting, drawn, faults, asked }) => print(`seed ${seed}, ${setting.home} home: ${faults.join(' · ')}\n  drawn: ${JSON.stringify(drawn)}\n  asked: ${asked}`),
    onChunk({ requests: count, tookSec }) {
      if (count - saidAt < SAY_EVERY || count >= most) return;
      saidAt = count;
      print(`${count} requests, ${(count / tookSec).toFixed(0)} a second`);
    },
  });
  const { requests: count, byStatus, kills, slowest, memory, outbound, tookSec, failures } = figures;
  for (const home of ['aws', 'own']) {
    const statuses = [...byStatus].flatMap(([key, times]) => (key.startsWith(home) ? [`${key.slice(4) === '0' ? 'events' : key.slice(4)}: ${times}`] : []));
    print(`${home} home: ${statuses.toSorted(inOrder).join(', ')}`);
  }
  print(`slowest: ${slowest.tookMs.toFixed(0)} ms, ${slowest.line}`);
  print(`called: ${[...outbound].map(([host, times]) => `${host} ${times}`).toSorted(inOrder).join(', ')}`);
  print(`memory after a collection: ${memory.map(({ requests: at, heapMb }) => `${heapMb.toFixed(0)} MB at ${at}`).join(', ')}`);
  print(`${count} requests from seed ${from}, ${failures.length} seeds with a fault; ${kills} kills, all of jobs that a request and a rule meant; ${(count / tookSec).toFixed(0)} a second`);
  return failures.length === 0 ? 0 : 1;
}
