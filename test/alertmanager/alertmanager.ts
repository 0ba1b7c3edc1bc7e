import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type Program, startProgram } from '../support/program.ts';

/** An alert as Prometheus posts it: times in ISO, `endsAt` in the past resolves it. */
export type PostedAlert = { labels: Record<string, string>; annotations?: Record<string, string>; startsAt: string; endsAt?: string };

/** A real Alertmanager of our own. */
export type Alertmanager = Program & { post(alerts: PostedAlert[]): Promise<void> };

/** Starts `program` with that configuration on a free port of loopback, alone, its data in a folder of its own. */
export async function startAlertmanager(program: string, configuration: string): Promise<Alertmanager> {
  const folder = mkdtempSync(join(tmpdir(), 'alertmanager-'));
  const file = join(folder, 'alertmanager.yml');
  writeFileSync(file, configuration);
  const remove = (): void => rmSync(folder, { recursive: true, force: true });
  try {
    const args = [`--config.file=${file}`, `--storage.path=${join(folder, 'data')}`, '--web.listen-address=127.0.0.1:0', '--cluster.listen-address=', '--log.level=debug'];
    const started = await startProgram(program, args);
    return { ...started, post: (alerts) => post(started.url, alerts), stop: () => started.stop().finally(remove) };
  } catch (error) {
    remove();
    throw error;
  }
}

async function post(url: string, alerts: PostedAlert[]): Promise<void> {
  const answer = await fetch(`${url}/api/v2/alerts`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(alerts) });
  if (!answer.ok) throw new Error(`Alertmanager answered ${answer.status}: ${await answer.text()}`);
}
