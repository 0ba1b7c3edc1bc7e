import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { createInterface } from 'node:readline';

/** An alert as Prometheus posts it: times in ISO, `endsAt` in the past resolves it. */
export type PostedAlert = { labels: Record<string, string>; annotations?: Record<string, string>; startsAt: string; endsAt?: string };

/** A real Alertmanager of our own. */
export type Alertmanager = {
  url: string;
  /** What it logged. */
  log: string[];
  post(alerts: PostedAlert[]): Promise<void>;
  stop(): Promise<void>;
};

/** The full path of a program on the PATH; undefined where there is none. */
export function findProgram(name: string): string | undefined {
  return (process.env['PATH'] ?? '').split(delimiter).map((folder) => join(folder, name)).find((path) => existsSync(path));
}

/** Starts `program` with that configuration on a free port of loopback, alone, its data in a folder of its own. */
export async function startAlertmanager(program: string, configuration: string): Promise<Alertmanager> {
  const folder = mkdtempSync(join(tmpdir(), 'alertmanager-'));
  const file = join(folder, 'alertmanager.yml');
  writeFileSync(file, configuration);
  const child = spawn(
    program,
    [`--config.file=${file}`, `--storage.path=${join(folder, 'data')}`, '--web.listen-address=127.0.0.1:0', '--cluster.listen-address=', '--log.level=debug'],
    { stdio: ['ignore', 'ignore', 'pipe'] },
  );
  const killAtExit = (): void => void child.kill('SIGKILL');
  process.once('exit', killAtExit);
  const ended = new Promise<void>((resolve) => void child.once('close', () => resolve()));
  const log: string[] = [];
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM');
    const late = setTimeout(() => child.kill('SIGKILL'), 3_000);
    await ended;
    clearTimeout(late);
    process.off('exit', killAtExit);
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    const url = await readAddress(child, log);
    return { url, log, stop, post: (alerts) => post(url, alerts) };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** It says which port it took. */
function readAddress(child: ChildProcess, log: string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (): void => reject(new Error(`Alertmanager did not start:\n${log.join('\n')}`));
    child.once('error', reject);
    child.once('close', fail);
    if (child.stderr === null) return fail();
    createInterface(child.stderr).on('line', (line) => {
      log.push(line);
      const address = /msg="Listening on" address=(127\.0\.0\.1:\d+)/.exec(line)?.[1];
      if (address !== undefined) resolve(`http://${address}`);
    });
  });
}

async function post(url: string, alerts: PostedAlert[]): Promise<void> {
  const answer = await fetch(`${url}/api/v2/alerts`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(alerts) });
  if (!answer.ok) throw new Error(`Alertmanager answered ${answer.status}: ${await answer.text()}`);
}
