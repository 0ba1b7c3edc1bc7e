// A process of the bench: MRS, IAM and Slack on loopback, so that neither their CPU nor their memory is counted with the home's.
import type { AddressInfo } from 'node:net';
import { startSimulator } from '../../../test/simulator/simulator.ts';
import { openLists } from './fresh-lists.ts';
import type { Asked, Served } from './world.ts';

const simulator = await startSimulator({ killDelayMs: Number(process.env['KILL_DELAY_MS']), slack: { botToken: 'xoxb-simulator-token' } });
let lateMs = 0;
const lists = openLists(simulator, () => lateMs);
await new Promise<void>((resolve) => {
  lists.listen(0, '127.0.0.1', resolve);
});
let nextSubmission = Date.now() - 10 * 3_600_000; // in the order in which they were added

function answer(asked: Asked): unknown {
  switch (asked.do) {
    case 'add-jobs':
      return Array.from({ length: asked.count }, () => simulator.addJob({ cluster_id: asked.cluster, submitted_time: nextSubmission++ }).job_id);
    case 'late':
      simulator.clearFaults();
      lateMs = asked.ms;
      if (lateMs > 0) simulator.fault({ on: 'any', times: Infinity, delayMs: lateMs });
      return {};
    case 'killed':
      return simulator.killed().length;
    case 'new-response-urls':
      return Array.from({ length: asked.count }, () => simulator.slack.newResponseUrl());
    case 'answered':
      return simulator.requests.splice(0).flatMap(({ method, path, at }) => (method === 'POST' && /\/(?:commands|actions)\//.test(path) ? [{ url: simulator.url + path, at }] : []));
  }
}

process.on('message', (asked: Asked) => void process.send?.(answer(asked)));
process.on('disconnect', () => process.exit(0));
const { port } = lists.address() as AddressInfo;
process.send?.({ url: simulator.url, mrsUrl: `http://127.0.0.1:${port}`, slackUrl: simulator.slack.apiUrl } satisfies Served);
