import { execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { CleanupReport, RuleReport } from '../../lib/core/report.ts';
import { serveOffline } from '../../test/local/serve-offline.ts';

export type HomeName = 'aws' | 'own';

/** A home that serves, as the demo plays it. */
export type Home = {
  name: HomeName;
  url: string;
  /** Runs cleanup as this home has it run: AWS for the time that its schedule names, the own home now, by its command. */
  clean: (scheduledTime: Date) => Promise<Pick<CleanupReport, 'rules' | 'skipped'>>;
  /** What it has written so far. */
  output(): string;
  stop(): Promise<void>;
};

type Settings = Record<string, string>;

/** Starts that home with these settings and no others; rejects with its output where it does not serve within a minute. */
export function startHome(name: HomeName, settings: Settings): Promise<Home> {
  return name === 'aws' ? startAwsHome(settings) : startOwnHome(settings);
}

async function startAwsHome(settings: Settings): Promise<Home> {
  const served = await serveOffline(settings);
  return {
    name: 'aws',
    ...served,
    async clean(scheduledTime) {
      const answer = await fetch(`${served.lambdaUrl}/2015-03-31/functions/mrs-killswitch-local-cleanup/invocations`, {
        method: 'POST',
        body: JSON.stringify({ kind: 'scheduled-cleanup', scheduledTime: scheduledTime.toISOString() }),
      });
      const { rules = [], ...report } = (await answer.json()) as Partial<CleanupReport>;
      return { rules, ...report };
    },
  };
}

const SERVE = ['--disable-warning=ExperimentalWarning', 'home/serve.ts'];
const READY_WITHIN_MS = 60_000;
const STOPPED_WITHIN_MS = 35_000; // `npm run serve` itself takes 30 s at most

/** The own home as the process that it is, on a free port, with a store in a folder of its own. */
async function startOwnHome(settings: Settings): Promise<Home> {
  const folder = mkdtempSync(join(tmpdir(), 'mrs-killswitch-demo-'));
  const env = { STORE_FILE: join(folder, 'killswitch.sqlite') };
  const child = spawn(process.execPath, SERVE, { env: { ...settings, ...env, PORT: '0' }, stdio: ['ignore', 'pipe', 'pipe'] });
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  let written = '';
  for (const stream of [child.stdout, child.stderr]) stream.setEncoding('utf8').on('data', (text: string) => (written += text));
  const ended = once(child, 'close');
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const late = setTimeout(killAtExit, STOPPED_WITHIN_MS);
    await ended;
    clearTimeout(late);
    process.off('exit', killAtExit);
    rmSync(folder, { recursive: true, force: true });
  };
  const url = await findUrl(() => written, () => child.exitCode !== null);
  if (url === undefined) {
    await stop();
    throw new Error(`the own home does not serve:\n${written}`);
  }
  return {
    name: 'own',
    url,
    async clean() {
      const { stdout } = await promisify(execFile)(process.execPath, [...SERVE, 'cleanup'], { env });
      return { rules: stdout.split('\n').filter((line) => line.startsWith('{')).map((line) => JSON.parse(line) as RuleReport) };
    },
    output: () => written,
    stop,
  };
}

async function findUrl(output: () => string, hasEnded: () => boolean): Promise<string | undefined> {
  for (const giveUpAt = Date.now() + READY_WITHIN_MS; Date.now() < giveUpAt && !hasEnded(); await new Promise((resolve) => setTimeout(resolve, 20))) {
    const url = /"message":"serving".*?"url":"([^"]+)"/.exec(output())?.[1];
    if (url !== undefined) return url;
  }
  return undefined;
}
