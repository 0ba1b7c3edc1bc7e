import { AppError } from '../../lib/core/errors.ts';
import type { CleanupReport } from '../../lib/core/report.ts';
import { cleanupText } from '../../lib/slack/cleanup-text.ts';
import { DEFAULT_STORE_FILE } from '../../home/settings/home-variables.ts';
import { askOwner } from '../../home/store/control-client.ts';
import { lambdaUrl } from './local.ts';
import type { CleanupOptions } from './options.ts';
import { isTaken, post, targetOf } from './post.ts';
import type { Env } from './settings.ts';
import { messageLines } from './slack-text.ts';

type World = { env: Env; now: () => number; print: (text: string) => void };

/** Has cleanup run now, in npm start or in the own home, and prints what each rule did; the exit code. */
export async function replayCleanup(options: CleanupOptions, world: World): Promise<number> {
  const ended = options.isOwnHome ? await askOwnHome(options, world) : await invoke(options, world);
  world.print('trouble' in ended ? ended.trouble : summaryOf(ended.report));
  return 'trouble' in ended ? 1 : 0;
}

type Ended = { report: CleanupReport } | { trouble: string };

/** Nothing that a schedule would say: the time is now. */
async function invoke({ url, isDryRun }: CleanupOptions, { env, now }: World): Promise<Ended> {
  const request = { path: '/2015-03-31/functions/mrs-killswitch-local-cleanup/invocations', headers: { 'content-type': 'application/json' }, body: Buffer.from(JSON.stringify({ dryRun: isDryRun })) };
  const answer = await post(targetOf(url ?? lambdaUrl(env), request), request, now);
  if (answer.status === undefined) return { trouble: url === undefined ? `${answer.body}; for the own home add --home` : answer.body };
  if (!isTaken(answer)) return { trouble: `${answer.status}: ${answer.body}` };
  return { report: JSON.parse(answer.body) as CleanupReport };
}

async function askOwnHome({ isDryRun: dryRun }: CleanupOptions, { env }: World): Promise<Ended> {
  try {
    return { report: (await askOwner(env['STORE_FILE'] || DEFAULT_STORE_FILE, { command: 'cleanup', dryRun })).done as CleanupReport };
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    return { trouble: error.message };
  }
}

/** The words of the report in Slack. */
function summaryOf(report: CleanupReport): string {
  const isEmpty = report.skipped === undefined && report.rules.length === 0 && report.unreadable.length === 0;
  return isEmpty ? 'No rule matched a job.' : messageLines({ text: cleanupText(report, 'done'), blocks: [] }).join('\n');
}
