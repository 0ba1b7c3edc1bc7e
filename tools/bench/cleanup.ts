import { type ChildProcess, fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parsePolicy } from '../../lib/policy/parse.ts';
import type { Measured } from './cleanup-run.ts';
import type { Counted, Served } from './cleanup-servers.ts';
import { settingsOf } from '../../test/simulator/settings.ts';

/** Every tenth job is stale, and a tenth of these is protected. */
const POLICY = `
dryRun: false
clusters: { analytics: { id: 2b460e01-3351-4170-b0a7-57b9dd5ffef3 } }
protected: [{ user: svc-payroll }]
limits: { perDelivery: 1000, perHour: 1000, percentOfRunning: 50 }
slack: { channel: C0123456789 }
cleanup: [{ name: stale-notebooks, cluster: analytics, match: { name: "nb-*" }, olderThan: 6h, action: kill }]
`;
const SERVERS = join(import.meta.dirname, 'cleanup-servers.ts');
const RUN = join(import.meta.dirname, 'cleanup-run.ts');

/** One run of functions/cleanup over 5,000 active jobs: what it asks of MRS and Lambda, and the memory it takes, in a process of its own. */
export async function benchCleanup(): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-cleanup-'));
  const servers = fork(SERVERS);
  try {
    const { mrsUrl, slackUrl, lambdaUrl, jobs } = await nextMessage<Served>(servers);
    const policyFile = join(folder, 'policy.json');
    writeFileSync(policyFile, JSON.stringify(parsePolicy(POLICY, { hasBotToken: true, file: 'policy.yml', sources: [] })));
    const run = fork(RUN, {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
      env: {
        PATH: process.env['PATH'] ?? '',
        ...settingsOf(mrsUrl),
        SLACK_API_URL: slackUrl,
        SLACK_BOT_TOKEN: 'xoxb-simulator-token',
        POLICY_FILE: policyFile,
        KILL_FUNCTION: 'mrs-killswitch-bench-kill:durable',
        AWS_ENDPOINT_URL_LAMBDA: lambdaUrl,
        AWS_REGION: 'eu-west-1',
        AWS_ACCESS_KEY_ID: 'local', // signed with, and looked at by nobody
        AWS_SECRET_ACCESS_KEY: 'local',
      },
    });
    const { matched, started, spared, tookMs, idleMiB, peakMiB } = await nextMessage<Measured>(run);
    servers.send('count');
    const { toIam, listPages, otherMrs, toSlack, starts } = await nextMessage<Counted>(servers);
    console.log(`Cleanup over ${jobs} active jobs: ${matched} matched, ${started} started, ${spared} spared`);
    console.log(`  requests: ${toIam} IAM, ${listPages} pages of MRS's list, ${otherMrs} other MRS, ${toSlack} Slack, ${starts} starts`);
    console.log(`  memory: ${peakMiB} MiB at the peak, ${idleMiB} MiB before the run; time: ${(tookMs / 1_000).toFixed(1)} s`);
  } finally {
    servers.disconnect();
    rmSync(folder, { recursive: true, force: true });
  }
}

/** The next thing a child says; rejects where it ends without a word. */
function nextMessage<T>(child: ChildProcess): Promise<T> {
  return new Promise((resolve, reject) => {
    const ended = (code: number | null): void => reject(new Error(`a process of the benchmark ended with ${code}`));
    child.once('exit', ended);
    child.once('message', (message) => {
      child.off('exit', ended);
      resolve(message as T);
    });
  });
}

if (import.meta.main) await benchCleanup();
