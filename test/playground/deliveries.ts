import { randomBytes } from 'node:crypto';
import { askTheOwner } from '../../home/serve/commands.ts';
import { post, targetOf } from '../../tools/replay/post.ts';
import { showRequest } from '../../tools/replay/show.ts';
import { signRequest } from '../../tools/replay/sign.ts';
import type { Simulator } from '../simulator/simulator.ts';
import { readPem } from '../simulator/smn-client.ts';
import { type AlertAbout, fillSample } from './alert-samples.ts';
import type { Delivery } from './state.ts';

type Parts = {
  simulator: Pick<Simulator, 'url' | 'job'>;
  /** The policy's name of a cluster id. */
  clusterName: (clusterId: string) => string;
  /** The settings of the home: senders sign with the same secrets. */
  env: Record<string, string | undefined>;
  /** Of the home that serves now. */
  url: () => string;
  now: () => number;
};

/** What is sent to the home from elsewhere than Slack, each with its answer. */
export type Deliveries = {
  /** The newest, newest first. */
  list(): Delivery[];
  /** Sends an alert about that job as `source` does. Throws where there is no such job or source. */
  alert(asked: { source: string; jobId: string; alertname: string }): Promise<void>;
  /** The last alert once more, as a repeat or resolved. Throws where there was none. */
  alertAgain(isResolved: boolean): Promise<void>;
  /** Runs the cleanup rules now. */
  cleanup(): Promise<void>;
};

const MOST_KEPT = 20;

export function openDeliveries({ simulator, clusterName, env, url, now }: Parts): Deliveries {
  const kept: Delivery[] = [];
  let count = 0;
  let last: { source: string; about: AlertAbout } | undefined;

  function keep(delivery: Omit<Delivery, 'id'>): void {
    kept.unshift({ id: ++count, ...delivery });
    kept.splice(MOST_KEPT);
  }

  async function deliver(title: string, source: string, about: AlertAbout): Promise<void> {
    const signed = signRequest(source, fillSample(source, about), { env, nowMs: now(), key: readPem('key') });
    const target = targetOf(new URL(url()), signed);
    const { status, body } = await post(target, signed, now);
    if (status === undefined) throw new Error(body);
    keep({ title, result: String(status), request: showRequest(target, signed), answer: pretty(body) });
  }

  return {
    list: () => kept,
    async alert({ source, jobId, alertname }) {
      const job = simulator.job(jobId);
      if (job === undefined) throw new RangeError('there is no such job');
      const about = { alertname, job, cluster: clusterName(job.cluster_id), id: randomBytes(8).toString('hex'), isResolved: false, startsAtMs: now(), smnUrl: simulator.url };
      await deliver(`Alert by ${source}: ${alertname}`, source, about);
      last = { source, about };
    },
    async alertAgain(isResolved) {
      if (last === undefined) throw new RangeError('no alert was sent yet');
      const { source, about } = last;
      await deliver(`${isResolved ? 'Resolved' : 'The same alert again'} by ${source}: ${about.alertname}`, source, { ...about, isResolved });
    },
    async cleanup() {
      const lines = await askTheOwner(env['STORE_FILE'] ?? '', { command: 'cleanup', dryRun: false });
      keep({ title: 'Cleanup', result: 'done', request: 'npm run serve -- cleanup', answer: lines.map(pretty).join('\n') });
    },
  };
}

function pretty(text: string): string {
  try {
    return JSON.stringify(JSON.parse(text), undefined, 2);
  } catch {
    return text;
  }
}
