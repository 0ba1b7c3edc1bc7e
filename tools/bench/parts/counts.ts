import { countTries } from '../../../test/local/execution-view.ts';
import { startStage, type Stage } from '../../../test/stage/stage.ts';
import { ANALYTICS_ID, JOBS_PATH, PROJECT_ID } from '../../../test/simulator/client.ts';
import { alertDelivery } from '../events.ts';
import { ALERT_TOKEN, API_TOKEN } from '../packages.ts';
import type { Part, Row } from '../part.ts';

/** 2026-11-22 12:00 UTC. */
const NOON = 1_795_348_800_000;
const SECOND_MS = 1_000;
const HOUR_MS = 3_600_000;
const POLICY = `
dryRun: false
clusters: { analytics: { id: ${ANALYTICS_ID}, project: ${PROJECT_ID}, region: eu-west-101 } }
alerts: [{ match: { alertname: MrsJobStuck }, action: kill }]
`;
/** An end that comes so long after the POST. */
const ENDS_AFTER_SEC = [1, 5, 20, 60, 300, 1_200];
const MOST_SEC = 30;

/** What takes minutes, or a day, is played on a held clock, and counted: it has no times, and comes out the same in each round. */
export const counts: Part = {
  name: 'counts',
  about: 'Counted on a held clock',
  measure: async () => [await countTokens(), ...(await countFollow()), ...(await countOperations())],
};

/** `killDelayMs`: from an accepted kill to its end. */
const stageOf = (killDelayMs: number): Promise<Stage> =>
  startStage({ policy: POLICY, env: { API_TOKENS: `bench:${API_TOKEN}`, ALERT_TOKENS: `bench:${ALERT_TOKEN}`, FOLLOW_INTERVAL_SEC: '' }, simulator: { killDelayMs } }, NOON);

async function countTokens(): Promise<Row> {
  const stage = await stageOf(0);
  try {
    const { job_id: id } = stage.simulator.addJob();
    const headers = { authorization: `Bearer ${API_TOKEN}` };
    for (let hour = 0; hour < 24; hour++) {
      stage.clock.advanceTo(NOON + hour * HOUR_MS);
      await Promise.all(Array.from({ length: 20 }, () => stage.call(`GET ${JOBS_PATH}/${id}`, { headers })));
    }
    const requests = stage.simulator.requests.filter(({ path }) => path.endsWith('/auth/tokens')).length;
    return { what: 'tokens asked of IAM by one container in a day, 20 callers at once each hour', unit: 'requests', ours: [requests], most: { value: 1 } };
  } finally {
    await stage.close();
  }
}

async function countFollow(): Promise<Row[]> {
  const rows: Row[] = [];
  const { stage, killedAt, looks } = await playKill(HOUR_MS);
  await stage.close();
  rows.push({ what: 'following: reads in the first 60 s', unit: 'reads', ours: [looks.filter((at) => at <= killedAt + 60 * SECOND_MS).length], most: { value: 12 } });
  for (const afterSec of ENDS_AFTER_SEC) {
    const played = await playKill(afterSec * SECOND_MS);
    await played.stage.close();
    const endedAt = played.killedAt + afterSec * SECOND_MS;
    const noticedAt = played.looks.find((at) => at >= endedAt) ?? Number.NaN;
    rows.push({ what: `following: an end after ${afterSec} s is noticed`, unit: 's later', ours: [(noticedAt - endedAt) / SECOND_MS], most: { value: Math.min(2 + 0.4 * afterSec, MOST_SEC) } });
  }
  return rows;
}

async function countOperations(): Promise<Row[]> {
  const rows: Row[] = [];
  for (const [what, afterSec] of [['a kill that takes 20 s', 20], ['a kill that is followed for 30 minutes', 1_800]] as const) {
    const { stage } = await playKill(afterSec * SECOND_MS);
    const [execution] = stage.backend.list({});
    await stage.close();
    const operations = execution?.operations ?? [];
    const tries = countTries(operations);
    rows.push(
      { what: `${what}: operations`, unit: 'operations', ours: [tries], ...(afterSec > 60 && { most: { value: 99 } }), note: `each try of a step counted; ${operations.length - 1} different ones` },
      { what: `${what}: invocations`, unit: 'invocations', ours: [execution?.invocations ?? Number.NaN] },
      { what: `${what}: checkpoints`, unit: 'calls', ours: [execution?.checkpointCalls ?? Number.NaN] },
      { what: `${what}: what its operations hold`, unit: 'KB', ours: [operations.reduce((sum, operation) => sum + JSON.stringify(operation).length, 0) / 1_000] },
    );
  }
  return rows;
}

/** A kill that an alert asked for, played to its end: when the POST was answered, and each look after it (epoch ms). */
async function playKill(killDelayMs: number): Promise<{ stage: Stage; killedAt: number; looks: number[] }> {
  const stage = await stageOf(killDelayMs);
  const { job_id: id } = stage.simulator.addJob({ job_name: 'etl', submitted_time: NOON - HOUR_MS, started_time: NOON - HOUR_MS });
  const { headers = {}, body = '' } = alertDelivery('counts', [id], NOON) as { headers?: Record<string, string>; body?: string };
  const reply = await stage.call('POST /alerts/alertmanager', { headers, body });
  await stage.backend.idle();
  const { requests } = stage.simulator;
  const killedAt = stage.simulator.kills()[0]?.at;
  if (killedAt === undefined) throw new Error(`nothing was killed: ${reply.text}`);
  return { stage, killedAt, looks: requests.filter(({ method, path, at }) => method === 'GET' && path.endsWith(`/${id}`) && at > killedAt).map(({ at }) => at) };
}
