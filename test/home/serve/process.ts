import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { ANALYTICS_ID, PROJECT_ID } from '../../simulator/client.ts';
import { settingsOf } from '../../simulator/settings.ts';
import type { Simulator } from '../../simulator/simulator.ts';
import { APPROVER, CHANNEL, REQUESTER } from '../../simulation/policy.ts';
import type { LogLine } from '../../stage/stage.ts';

/** The product as it is here. */
export const ROOT = join(import.meta.dirname, '../../..');
/** What Node has compiled once: a start takes a third of the time. https://nodejs.org/docs/latest-v24.x/api/cli.html#node_compile_cachedir */
const CACHE = join(tmpdir(), 'mrs-killswitch-compiled');

export const API_TOKEN = 'rest-token-of-this-test';
export const ALERT_TOKEN = 'alert-token-of-this-test';
export const SIGNING_SECRET = 'signing-secret-of-this-test';

const POLICY = `
dryRun: false
clusters: { analytics: { id: ${ANALYTICS_ID}, project: ${PROJECT_ID}, region: eu-west-101 } }
ask: [{ match: { type: Flink }, who: approver }]
slack: { team: T0123ABCD, mayKill: [${REQUESTER}], mayApprove: [${APPROVER}], channel: ${CHANNEL} }
alerts: [{ match: { alertname: Stuck }, cluster: analytics, job: job_id, action: kill }]
cleanup: [{ name: stale, cluster: analytics, match: { name: "nb-*" }, olderThan: 6h, action: kill }]
`;

/** Waits until `isSo`: a process takes its time to start where machines are shared. Returns after 50 s in any case, so that the test says what was not so. */
export async function until(isSo: () => boolean): Promise<void> {
  for (const giveUpAt = performance.now() + 50_000; !isSo() && performance.now() < giveUpAt; ) await sleep(10);
}

/** An empty folder with a policy in it, where processes of the own home are started. */
export function makeFolder(policy = POLICY): { folder: string; remove: () => void } {
  const folder = mkdtempSync(join(tmpdir(), 'own-home-'));
  writeFileSync(join(folder, 'policy.yml'), policy);
  return { folder, remove: () => rmSync(folder, { recursive: true, force: true }) };
}

/** A port that was free just now: for processes that follow one another. */
export async function findPort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

/** The settings with which a simulator stands for all that is outside; a free port. */
export function settingsFor(simulator: Simulator): Record<string, string> {
  return {
    ...settingsOf(simulator.url),
    PORT: '0',
    HW_PROJECT_ID: PROJECT_ID,
    SLACK_API_URL: simulator.slack.apiUrl,
    SLACK_BOT_TOKEN: 'xoxb-token-of-this-test',
    SLACK_SIGNING_SECRET: SIGNING_SECRET,
    API_TOKENS: `ci:${API_TOKEN}`,
    ALERT_TOKENS: `sender:${ALERT_TOKEN}`,
    FOLLOW_INTERVAL_SEC: '1',
  };
}

/** One process of the own home. */
export type HomeProcess = {
  child: ChildProcess;
  /** Where it serves; rejects where it ends before. */
  url: Promise<string>;
  lines: () => LogLine[];
  stdout: () => string;
  stderr: () => string;
  exitCode: Promise<number | null>;
  /** Sends the signal and gives the exit code. */
  end: (signal?: NodeJS.Signals) => Promise<number | null>;
};

/** Starts `node home/serve.ts` in that folder with these settings and no others. */
export function startHome(folder: string, settings: Record<string, string>, ...args: string[]): HomeProcess {
  return startHomeOf(ROOT, folder, settings, ...args);
}

/** The same of another copy of the product. */
export function startHomeOf(tree: string, folder: string, settings: Record<string, string>, ...args: string[]): HomeProcess {
  return startFile(join(tree, 'home/serve.ts'), folder, settings, args);
}

/** A program of ours that says `serving` and its `url` as a home does, by its path in the product. */
export function startProgram(path: string, folder: string, settings: Record<string, string>): HomeProcess {
  return startFile(join(ROOT, path), folder, settings, []);
}

function startFile(file: string, folder: string, settings: Record<string, string>, args: readonly string[]): HomeProcess {
  const child = spawn(process.execPath, ['--disable-warning=ExperimentalWarning', file, ...args], { cwd: folder, env: { NODE_COMPILE_CACHE: CACHE, ...settings }, stdio: ['ignore', 'pipe', 'pipe'] });
  let stdout = '';
  let stderr = '';
  child.stdout.setEncoding('utf8').on('data', (text: string) => void (stdout += text));
  child.stderr.setEncoding('utf8').on('data', (text: string) => void (stderr += text));
  const exitCode = new Promise<number | null>((resolve) => child.once('close', resolve));
  const lines = (): LogLine[] => stdout.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as LogLine);
  const servingAt = async (): Promise<string> => {
    const find = (): LogLine | undefined => lines().find(({ message }) => message === 'serving');
    await until(() => find() !== undefined || child.exitCode !== null);
    const url = find()?.['url'];
    if (typeof url !== 'string') throw new Error(`the home does not serve:\n${stdout}${stderr}`);
    return url;
  };
  const url = servingAt();
  url.catch(() => undefined);
  return {
    child,
    url,
    lines,
    stdout: () => stdout,
    stderr: () => stderr,
    exitCode,
    end(signal = 'SIGKILL') {
      child.kill(signal);
      return exitCode;
    },
  };
}
