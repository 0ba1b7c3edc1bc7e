import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { keptKey, noKey, pickKey, type Kept, type No, type Picked } from '../../lib/ledger/keys.ts';
import { ruleContent, ruleIdOf } from '../../lib/policy/policy.ts';
import type { Key } from '../../lib/ledger/port.ts';
import { ANALYTICS_ID } from '../simulator/client.ts';
import { buttonsOf } from '../simulator/slack-client.ts';
import type { SimulatedJob } from '../simulator/simulator.ts';
import { type DoorStage, RIGHTS, startDoorStage } from '../stage/doors.ts';
import { APPROVER, expectNoKill, NOON, policyOf, REQUESTER, STRANGER } from '../stage/slack.ts';

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;

let stage: DoorStage;
beforeEach(async () => void (stage = await startDoorStage()));
afterEach(() => stage.close());

/** The whole answer, as Slack shows it. */
async function why(of: string, user = STRANGER): Promise<string> {
  const responseUrl = stage.simulator.slack.newResponseUrl();
  expect((await stage.type(`why ${of}`, { response_url: responseUrl, user_id: user })).body.text).toBe('Looking …');
  await stage.idle();
  const [{ body } = { body: {} }] = stage.simulator.slack.responses().filter(({ url }) => url === responseUrl);
  const shown = (body as { blocks: { text: { text: string } }[]; text: string }).blocks.map(({ text }) => text.text).join('\n');
  expect((body as { text: string }).text.slice(0, 2_900)).toBe(shown.slice(0, 2_900));
  return shown;
}

const addJob = (fields: Partial<SimulatedJob> = {}): SimulatedJob =>
  stage.simulator.addJob({ job_name: 'etl', user: 'ana', queue: 'adhoc', submitted_time: NOON - HOUR_MS - 1_000, started_time: NOON - HOUR_MS, ...fields });
const claim = (key: Key, value: No | Picked, until: number) => stage.ledger.claim(key, { owner: 'cleanup-live-1', start: 1, until, value }, { now: NOON });
const clean = (rules: string, more = ''): void => stage.deploy(policyOf({ slack: RIGHTS, more: `${more}\ncleanup: [${rules}]` }));

describe('/mrs why', () => {
  it('shows the newest five Ends that name the job by its name or an id, with their reasons', async () => {
    const job = addJob();
    for (let number = 0; number < 4; number++) {
      await stage.type('kill etl', { user_id: STRANGER });
      stage.clock.advanceTo(stage.now() + 1_000);
    }
    stage.env['PAUSED'] = 'true';
    await stage.type(`kill ${job.job_id} because it hangs`);
    await stage.idle();
    stage.clock.advanceTo(stage.now() + 1_000);
    await stage.kill(job.job_id);
    stage.env['PAUSED'] = '';
    const text = await why('etl');
    const ends = text.slice(text.indexOf('*How the last 5 requests ended*')).split('\n').slice(1);
    expect(ends.map((line) => /^• \*([^*]+)\*/.exec(line)?.[1])).toEqual(['Refused: paused', 'Refused: paused', 'Refused: mayKill', 'Refused: mayKill', 'Refused: mayKill']);
    expect(ends[0]).toMatch(/asked for by `ci`: the off switch/);
    expect(ends[1]).toMatch(new RegExp(`asked for by <@${REQUESTER}>, because it hangs: the off switch `));
    expect(await why(String(job.app_id))).toContain(ends[0]);
    expectNoKill(stage);
  });

  it('goes by what was typed where the job is over, unknown to MRS, or MRS cannot be asked', async () => {
    await stage.type('kill gone', { user_id: STRANGER });
    expect(await why('gone')).toMatch(/^\*`gone`\*\n• no job named gone is running or waiting in any listed cluster; what follows is found by what you typed\n\*How the last request ended\*\n• \*Refused: mayKill\* `gone`/);
    const over = addJob({ job_name: 'gone', job_state: 'FAILED' });
    expect(await why(over.job_id)).toMatch(/`FAILED`, over, ran .*\n\*What would happen now\*\n• it is over, so there is nothing to kill\n\*How the last request ended\*\n• \*Refused: mayKill\* `gone`/);
    expect(await why('nobody')).toContain('*No request for `nobody` was made in the last 30 days*');
    stage.simulator.fault({ on: 'jobs', status: 403, body: { error_code: '12000005', error_msg: 'No permission.' }, times: Infinity });
    expect(await why('gone')).toMatch(/MRS answered 12000005: No permission\..*what follows is found by what you typed\n\*How the last request/);
  });

  it('of several lists them, and their Ends; of a cluster that is not listed says so', async () => {
    for (const queue of ['a', 'b']) addJob({ queue });
    await stage.type('kill etl', { user_id: STRANGER });
    expect(await why('etl')).toMatch(/^\*2 jobs match etl; .*\*\n• `etl \(.*\n• `etl \(.*\n\*How the last request ended\*\n• \*Refused: mayKill/);
    expect(await why('etl on production')).toMatch(/^`production` is not listed in policy\.yml; /);
  });

  it('shows what runs for it now, and until when somebody is asked', async () => {
    addJob();
    await stage.type('kill etl');
    await stage.idle();
    expect(await why('etl')).toMatch(new RegExp(`\\*Open requests: 1\\*\n• asked for by <@${REQUESTER}> 0 s ago, waits for an answer until <!date\\^${(NOON + 15 * MINUTE_MS) / 1_000}\\^`));
    expect(await why('etl')).toContain('*No request for `etl` has ended in the last 30 days*');
    const card = stage.card();
    expect(buttonsOf(card)).not.toEqual([]);
    await stage.click(card, 'decline', APPROVER);
    await stage.idle();
    const text = await why('etl');
    expect(text).not.toContain('Open requests');
    expect(text).toMatch(/• \*Declined\* `etl /);
  });

  it('shows a keep, a no and the cooldown of a pick that could mean it', async () => {
    const job = addJob();
    clean('{ name: stale, cluster: analytics, match: { name: "etl*" }, action: ask }', 'alerts: [{ match: { alertname: X }, action: kill }, { match: { alertname: Crowd }, pick: { queue: adhoc }, action: kill }, { match: { alertname: Prod }, pick: { queue: prod }, action: kill }]');
    const { alerts, cleanup: [stale] } = stage.load().policy;
    if (stale === undefined || alerts[1] === undefined || alerts[2] === undefined) throw new Error('no rules');
    await claim(noKey(ruleIdOf(stale), job.job_id, false), { at: NOON - HOUR_MS, what: 'declined', by: APPROVER }, NOON + 23 * HOUR_MS);
    for (const rule of alerts.slice(1)) await claim(pickKey(ruleContent(rule), ANALYTICS_ID, false), { at: NOON - 3 * MINUTE_MS, start: 1, ids: ['another'], killId: 'k' }, NOON + 12 * MINUTE_MS);
    const kept: Kept = { at: NOON, until: NOON + 2 * HOUR_MS, usedMs: 0, by: REQUESTER, rule: 'stale', job: { cluster: ANALYTICS_ID, job_id: job.job_id, job_name: 'etl', job_type: '', user: '', queue: '', app_id: '', launcher_id: '' } };
    await stage.ledger.put([1, 2].map((round) => ({ key: keptKey(job.job_id, { name: 'stale' }, 'cleanup-live-1', round), value: { ...kept, until: kept.until - HOUR_MS * (round - 1) }, until: kept.until })));
    const text = await why('etl');
    expect(text.slice(text.indexOf('*What holds it back*'), text.indexOf('*What would')).trim().split('\n')).toEqual([
      '*What holds it back*',
      expect.stringMatching(new RegExp(`^• kept until <!date.*14:00 UTC> by <@${REQUESTER}>`)),
      expect.stringMatching(new RegExp(`^• \`stale\` leaves it alone until <!date.* UTC>: declined by <@${APPROVER}>, 1 h ago$`)),
      expect.stringMatching(/^• `alerts\.1` picked 1 other job 3 min ago, and picks nothing else in `analytics` until <!date.*12:12 UTC>$/),
    ]);
  });

  it('says what would happen now: who may, who agrees by which rule, which cleanup rule fits when, and what is a dry run', async () => {
    addJob();
    clean('{ name: later, cluster: analytics, match: { queue: adhoc }, olderThan: 6h, action: kill }, { name: now, cluster: analytics, match: { queue: adhoc }, action: ask }', 'dryRun: [cleanup]\nask: [{ match: { user: ana }, who: approver }]');
    const text = await why('etl');
    const lines = text.slice(text.indexOf('*What would happen now*')).split('\n').slice(1, 7);
    const approver = `an approver has to approve it, not the requester: <@${APPROVER}> (by ask.0 of policy.yml)`;
    expect(lines).toEqual([
      `• \`/mrs kill\` by <@${REQUESTER}>: ${approver}`,
      `• an alert rule with \`action: kill\`: ${approver}`,
      `• a cleanup rule with \`action: kill\`: ${approver}; dry run: nothing is killed`,
      '• REST: refused, since an approver has to approve it and REST asks nobody (by ask.0 of policy.yml)',
      expect.stringMatching(/^• cleanup rule `later` will fit it from <!date.*17:00 UTC>, in 5 h: the next run then would kill it \(dry run\)$/),
      '• cleanup rule `now` fits it now: the next run would kill it (dry run)',
    ]);
    expectNoKill(stage);
  });

  it.each([
    ['kills it', 'action: kill', ''],
    ['asks an approver', 'action: ask', ''],
    ['asks an approver', 'action: kill', 'ask: [{ match: { user: ana }, who: approver }]'],
    ['tells people of it', 'action: notify', ''],
    ['would kill it (dry run)', 'action: ask, dryRun: true', ''],
  ])('says that the next run of cleanup %s where the rule says { %s }, %s', async (does, rule, more) => {
    addJob();
    clean(`{ name: stale, cluster: analytics, match: { queue: adhoc }, ${rule} }`, more);
    expect(await why('etl')).toContain(`\n• cleanup rule \`stale\` fits it now: the next run ${does}\n`);
    expectNoKill(stage);
  });

  it('says that what holds it comes before what a rule would do, and what the rule has said no for', async () => {
    const job = addJob();
    clean('{ name: stale, cluster: analytics, match: { queue: adhoc }, action: notify }');
    await claim(noKey({ name: 'stale' }, job.job_id, false), { at: NOON - HOUR_MS, what: 'told' }, NOON + 23 * HOUR_MS);
    const text = await why('etl');
    expect(text).toMatch(/• `stale` leaves it alone until <!date.*>: people were told of it, 1 h ago\n\*What would happen now\*\n• the rules below act only when/);
  });

  it('says what protects it, also where MRS left something out, and that there is a pause', async () => {
    addJob({ job_name: 'billing-1' });
    expect(await why('billing-1')).toMatch(/every kill is refused: protected: billing-1 is protected by name: billing-\*/);
    addJob({ user: '' });
    stage.deploy(policyOf({ slack: RIGHTS, more: 'protected: [{ user: "svc-*" }]' }));
    expect(await why('etl')).toMatch(/every kill is refused: protected: MRS gave no user of etl, so it may be protected by user: svc-\*/);
    await stage.type('pause for 2h');
    await stage.idle();
    expect(await why('etl')).toMatch(/\*What would happen now\*\n• paused until <!date/);
  });

  it('gets through where everything is named to break the message, and is cut', async () => {
    const hostile = `<!channel>&\`*\u202E${'&'.repeat(300)}`;
    addJob({ job_name: hostile, user: hostile, queue: hostile });
    for (let number = 0; number < 6; number++) await stage.type(`kill etl because ${'&amp;'.repeat(400)}`, { user_id: STRANGER });
    clean(Array.from({ length: 20 }, (_, number) => `{ name: "rule-<${number}>", cluster: analytics, match: { type: "*" }, olderThan: ${number + 10}h, action: kill }`).join(', '));
    const text = await why('etl');
    expect(text).toContain('How the last 5 requests ended');
    expect(text.replaceAll(/<!date[^>]*>|<@\w+>/g, '')).not.toMatch(/[<\u202e]/);
    expect(await why('"' + hostile.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('`', '') + '"')).not.toContain('<!channel');
  });
});
