import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { dayKey, type EndEntry, jobKey, type JobSeen, type Kept, keptKey, type Noted } from '../../lib/ledger/keys.ts';
import { ANALYTICS_ID } from '../simulator/client.ts';
import { readBlocks } from '../simulator/slack-blocks.ts';
import { type DoorStage, RIGHTS, startDoorStage } from '../stage/doors.ts';
import { APPROVER, NOON, policyOf, REQUESTER, STRANGER } from '../stage/slack.ts';

const HOUR_MS = 3_600_000;
const LATER = NOON + 30 * 24 * HOUR_MS;
const seen = (name: string): JobSeen => ({ cluster: ANALYTICS_ID, job_id: `id-of-${name}`, job_name: name, job_type: 'SparkSubmit', user: 'etl', queue: '', app_id: '', launcher_id: '' });

let stage: DoorStage;
beforeEach(async () => {
  stage = await startDoorStage();
  stage.deploy(policyOf({ slack: RIGHTS, more: 'alerts: [{ match: { alertname: Stuck }, action: kill, warn: 10m, keep: 1h, keepAtMost: 24h }]\ncleanup: [{ name: stale, cluster: analytics, match: { name: "nb-*" }, action: kill, warn: 30m, keep: 2h }]' }));
});
afterEach(() => stage.close());

async function read(text: string): Promise<string> {
  const responseUrl = stage.simulator.slack.newResponseUrl();
  expect((await stage.type(text, { response_url: responseUrl, user_id: STRANGER })).body.text).toBe('Looking …');
  await stage.idle();
  const [{ body } = { body: {} }] = stage.simulator.slack.responses().filter(({ url }) => url === responseUrl);
  const { blocks } = body as { blocks: { text: { text: string } }[] };
  expect(readBlocks(blocks)).toMatchObject({ ok: true });
  return blocks.map((block) => block.text.text).join('\n').replaceAll(/<!date[^|]*\|([^>]*)>/g, '$1');
}

const keep = (name: string, round: number, fields: Partial<Kept> = {}) => {
  const kept: Kept = { at: NOON, until: NOON + round * HOUR_MS, usedMs: round * HOUR_MS, by: REQUESTER, rule: 'stale', job: seen(name), ...fields };
  return stage.ledger.put([{ key: keptKey(kept.job.job_id, { name: kept.rule }, 'cleanup-live-1', round), value: kept, until: kept.until }]);
};

describe('/mrs kept', () => {
  it('lists each job once, by the latest of its keeps, the one that ends first at the top', async () => {
    await keep('nb-long', 1);
    await keep('nb-long', 3, { by: APPROVER });
    await keep('nb-long', 2);
    await keep('etl', 2, { rule: 'alerts.0' });
    await keep('old', 1, { rule: 'gone by now' });
    expect((await read('kept')).split('\n')).toEqual([
      '*3 jobs are kept*',
      `• \`old (id-of-old)\` in \`analytics\`: kept until 2026-11-22 13:00 UTC by <@${REQUESTER}>, for 1 h in all; warned by rule \`gone by now\``,
      `• \`etl (id-of-etl)\` in \`analytics\`: kept until 2026-11-22 14:00 UTC by <@${REQUESTER}>, for 2 h in all, of 24 h at most; warned by rule \`alerts.0\``,
      `• \`nb-long (id-of-nb-long)\` in \`analytics\`: kept until 2026-11-22 15:00 UTC by <@${APPROVER}>, for 3 h in all; warned by rule \`stale\``,
    ]);
  });

  it('leaves out what is over, and says where nothing is kept', async () => {
    await keep('nb-long', 1);
    stage.clock.advanceTo(NOON + HOUR_MS + 1);
    expect(await read('kept')).toBe('*No job is kept now*');
  });

  it('gets through with many jobs, and names that are made to break it', async () => {
    for (let number = 0; number < 40; number++) await keep(`<!channel>&\`*${'&'.repeat(300)}${number}`, 1);
    const text = await read('kept');
    expect(text).toMatch(/^\*40 jobs are kept\*\n/);
    expect(text).toMatch(/… and \d+ more$/);
    expect(text.replaceAll(`<@${REQUESTER}>`, '')).not.toContain('<');
  });

  it('says so where the ledger cannot be read', async () => {
    stage.ledger.script = ({ on, by }) => (by === 'slack' && on === 'list' ? 'fails' : undefined);
    const [note] = await (async () => {
      const responseUrl = stage.simulator.slack.newResponseUrl();
      await stage.type('kept', { response_url: responseUrl });
      await stage.idle();
      return stage.simulator.slack.responses().flatMap(({ url, body }) => (url === responseUrl ? [String(body['text'])] : []));
    })();
    expect(note).toBe('The ledger could not be read, so there is no answer now. Please try again.');
  });
});

describe('/mrs history beside warnings', () => {
  const at = (minute: number): number => NOON - HOUR_MS + minute * 60_000;
  const end = async (minute: number, name: string, fields: Partial<EndEntry> = {}) => {
    const value: EndEntry = { at: at(minute), since: at(minute), began: at(minute), ended: at(minute) + 1_000, trigger: 'cleanup', by: 'cleanup rule stale', why: 'stale', outcome: 'killed', reason: 'it was', job: seen(name), ...fields };
    await stage.ledger.put([dayKey(at(minute), `run-${name}-${minute}`, '1'), jobKey(name, at(minute), `run-${name}-${minute}`, '1')].map((key) => ({ key, value, until: LATER })));
  };
  const note = async (minute: number, name: string, what: 'warned' | 'kept', until: number) => {
    const value: Noted = { at: at(minute), what, by: what === 'kept' ? REQUESTER : 'cleanup rule stale', why: '', until, job: seen(name), policyRule: 'stale' };
    await stage.ledger.put([dayKey(at(minute), `run-${name}-${minute}`, what), jobKey(name, at(minute), `run-${name}-${minute}`, what)].map((key) => ({ key, value, until: LATER })));
  };
  const words = (text: string): (string | undefined)[] => text.split('\n').slice(1).map((line) => /^• \*([^*]+)\* `([^ ]+)/.exec(line)?.slice(1).join(' '));

  it('has the newest ten Ends, and a few of the keeps between them', async () => {
    for (let minute = 0; minute < 12; minute++) await end(2 * minute, `e${minute}`);
    for (let minute = 0; minute < 8; minute++) await note(2 * minute + 9, `k${minute}`, 'kept', NOON + HOUR_MS);
    const text = await read('history');
    expect(text).toMatch(/^\*How the last 10 requests ended\*\n/);
    expect(words(text)).toEqual(['Kept k7', 'Killed e11', 'Kept k6', 'Killed e10', 'Kept k5', 'Killed e9', 'Kept k4', 'Killed e8', 'Kept k3', 'Killed e7', 'Killed e6', 'Killed e5', 'Killed e4', 'Killed e3', 'Killed e2']);
  });

  it('has of the warnings those that nothing came of yet', async () => {
    await note(1, 'over', 'warned', NOON - 1);
    await note(2, 'killed', 'warned', NOON + HOUR_MS);
    await end(3, 'killed');
    await note(4, 'stands', 'warned', NOON + HOUR_MS);
    await note(5, 'kept', 'warned', NOON + HOUR_MS);
    await note(6, 'kept', 'kept', NOON + 2 * HOUR_MS);
    expect(words(await read('history'))).toEqual(['Kept kept', 'Warned stands', 'Killed killed']);
    expect(words(await read('history stands'))).toEqual(['Warned stands']);
    expect(words(await read('history over'))).toEqual([]);
  });
});
