import type { Call } from './upstream.ts';

/** `3 × POST start`. */
export function countCalls(calls: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const call of calls) counts.set(call, (counts.get(call) ?? 0) + 1);
  return [...counts].map(([call, count]) => `${count} × ${call}`).join(', ');
}

const READS = /^(?:GET|BatchGetItem|GetItem|Query)/;

/**
 * The calls of one kill in the order of their answers, in stages: what a script could make beside each other that makes the same
 * calls. Reads that follow each other are one stage, writes of the ledger too; the POST to MRS stands alone. The token is left out.
 */
export function stagesOf(calls: readonly Call[]): Call[][] {
  const stages: Call[][] = [];
  let before = '';
  for (const call of calls.filter(({ to }) => to !== 'POST token')) {
    const kind = call.to === 'POST kill' ? 'kill' : READS.test(call.to) ? 'read' : 'write';
    if (kind !== before) stages.push([]);
    stages.at(-1)?.push(call);
    before = kind;
  }
  return stages;
}

/** The same calls for another job, in another run. */
export function forJob(stages: readonly Call[][], from: string, to: string, run: string): Call[][] {
  const uuid = /api-live-[0-9a-f-]{36}/g;
  return stages.map((stage) => stage.map((call) => ({ ...call, path: call.path.replace(from, to), ...(call.body !== undefined && { body: call.body.replaceAll(from, to).replaceAll(uuid, `api-live-${run}`) }) })));
}
