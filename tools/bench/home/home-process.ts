import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { ANALYTICS_ID, PROJECT_ID } from '../../../test/simulator/client.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import { settingsOf } from '../../../test/simulator/settings.ts';
import { ALERT_TOKEN, API_TOKEN, BOT_TOKEN, REQUESTER, SIGNING_SECRET } from '../packages.ts';
import type { Served } from './world.ts';

const ROOT = join(import.meta.dirname, '../../..');
/** As `npm run serve` starts it. */
const NODE_FLAGS = packageJson.scripts.serve.split(' ').filter((word) => word.startsWith('--'));
/** Given by who wants many short runs, such as a test: what was compiled once serves again. */
const COMPILED = { ...(process.env['NODE_COMPILE_CACHE'] !== undefined && { NODE_COMPILE_CACHE: process.env['NODE_COMPILE_CACHE'] }) };
export const DEV_ID = 'bc134369-294c-42b7-a707-b2036ba38524';

/** Alerts of this name ask first, the others kill. */
export const ASKS = 'MrsJobToAsk';
export const KILLS = 'MrsJobStuck';

const POLICY = `
dryRun: false
clusters:
  analytics: { id: ${ANALYTICS_ID}, project: ${PROJECT_ID}, region: eu-west-101 }
  dev: { id: ${DEV_ID}, project: ${PROJECT_ID}, region: eu-west-101 }
limits: { perDelivery: 200, perHour: 100000, percentOfRunning: 100 }
slack: { team: T0123ABCD, mayKill: [${REQUESTER}], mayApprove: [${REQUESTER}], channel: C0123456789 }
alerts: [{ match: { alertname: ${KILLS} }, action: kill }, { match: { alertname: ${ASKS} }, action: ask }]
`;

/** An empty folder with the policy in it. */
export function makeFolder(): { folder: string; store: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'mrs-killswitch-home-'));
  writeFileSync(join(folder, 'policy.yml'), POLICY);
  return { folder, store: join(folder, 'data/killswitch.sqlite'), remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** The own home as it is shipped, in a process of its own. Lines of its log are counted by their message and passed over. */
export type HomeProcess = {
  child: ChildProcess;
  url: string;
  /** From the start of the process until it serves. */
  readyMs: number;
  /** How many lines of the log had that message. */
  said(message: string): number;
  /** What the kernel counts: MB (of 10^6 bytes) now, the most of it so far, and ms of CPU. */
  used(): { nowMb: number; mostMb: number; cpuMs: number };
  /** SIGTERM, as a service manager does it. */
  stop(): Promise<void>;
};

/** Starts it in that folder. Rejects, with the last lines of its log, where it ends before it serves. */
export async function startHome(folder: string, world: Served, settings: Record<string, string> = {}, nodeFlags: readonly string[] = []): Promise<HomeProcess> {
  const began = performance.now();
  const child = spawn(process.execPath, [...NODE_FLAGS, ...nodeFlags, join(ROOT, 'home/serve.ts')], {
    cwd: folder,
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...COMPILED, ...settingsOf(world.url), MRS_ENDPOINT: world.mrsUrl, PORT: '0', HW_PROJECT_ID: PROJECT_ID, SLACK_API_URL: world.slackUrl, SLACK_BOT_TOKEN: BOT_TOKEN, SLACK_SIGNING_SECRET: SIGNING_SECRET, API_TOKENS: `bench:${API_TOKEN}`, ALERT_TOKENS: `bench:${ALERT_TOKEN}`, ...settings },
  });
  const counts = new Map<string, number>();
  const last: string[] = [];
  const { promise: serving, resolve, reject } = Promise.withResolvers<string>();
  createInterface({ input: child.stdout }).on('line', (line) => {
    last.push(line);
    if (last.length > 5) last.shift();
    const message = /"message":"([^"]*)"/.exec(line)?.[1] ?? '';
    counts.set(message, (counts.get(message) ?? 0) + 1);
    if (message === 'serving') resolve((JSON.parse(line) as { url: string }).url);
  });
  child.once('exit', (code) => reject(new Error(`the home ended with ${code}:\n${last.join('\n')}`)));
  const url = await serving;
  return {
    child,
    url,
    readyMs: performance.now() - began,
    said: (message) => counts.get(message) ?? 0,
    used: () => usedBy(child.pid ?? 0),
    async stop() {
      if (child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      child.kill('SIGTERM');
      await ended;
    },
  };
}

/** Another process of the same user, which asks the owner of the store in that folder: `open`, `backup <file>`. */
export function askHome(folder: string, ...args: string[]): ChildProcess {
  return spawn(process.execPath, [...NODE_FLAGS, join(ROOT, 'home/serve.ts'), ...args], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'], env: { ...COMPILED } });
}

const TICKS_A_SEC = 100; // of Linux, whatever the machine: sysconf(_SC_CLK_TCK)

/** https://man7.org/linux/man-pages/man5/proc_pid_status.5.html */
function usedBy(pid: number): { nowMb: number; mostMb: number; cpuMs: number } {
  const status = readFileSync(`/proc/${pid}/status`, 'utf8');
  const kib = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(status)?.[1]);
  const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
  return { nowMb: (kib('VmRSS') * 1_024) / 1e6, mostMb: (kib('VmHWM') * 1_024) / 1e6, cpuMs: ((Number(fields[11]) + Number(fields[12])) * 1_000) / TICKS_A_SEC };
}
