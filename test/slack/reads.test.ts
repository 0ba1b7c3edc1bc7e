import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { virtualClock } from '../local/clock.ts';
import { buttonsOf } from '../simulator/slack-client.ts';
import { onlyOnAws } from '../stage/only-on-aws.ts';
import { APPROVER, expectNoKill, policyOf, REQUESTER, type SlackStage, type SlackStageOptions, startSlackStage, STRANGER } from '../stage/slack.ts';

/** 2026-11-22 12:00 UTC. */
const NOON = 1_795_348_800_000;
const DAY_MS = 86_400_000;
const DEV_ID = 'bc134369-294c-42b7-a707-b2036ba38524';

let stage: SlackStage;
beforeEach(() => restart());
afterEach(() => stage.close());

async function restart(options: SlackStageOptions = {}): Promise<void> {
  if (stage !== undefined) await stage.close();
  stage = await startSlackStage(options);
}

/** Asks, and gives the one note that comes back, which only the person sees. */
async function read(text: string): Promise<string> {
  const responseUrl = stage.simulator.slack.newResponseUrl();
  expect((await stage.type(text, { response_url: responseUrl })).body).toEqual({ response_type: 'ephemeral', text: 'Looking …' });
  await stage.idle();
  const notes = stage.simulator.slack.responses().filter(({ url }) => url === responseUrl);
  expect(notes).toMatchObject([{ body: { response_type: 'ephemeral', replace_original: false } }]);
  return String(notes[0]?.body['text']);
}

/** A kill from the command to its end. */
async function kill(name: string, { because = '', action = 'kill', by = REQUESTER }: { because?: string; action?: 'kill' | 'decline'; by?: string } = {}): Promise<void> {
  await stage.type(`kill ${name}${because === '' ? '' : ` because ${because}`}`);
  await stage.idle();
  const card = stage.simulator.slack.messages().at(-1);
  if (card === undefined || buttonsOf(card).length === 0) return;
  await stage.click(card, action, by);
  await stage.idle();
}

describe('/mrs jobs', () => {
  it('lists the jobs that are not over, of all listed clusters', async () => {
    await restart({ clock: virtualClock(NOON) });
    stage.simulator.addJob({ job_name: 'nightly-etl', user: 'ana', queue: 'adhoc', submitted_time: NOON - 7_300_000, started_time: NOON - 7_200_000 });
    stage.simulator.addJob({ job_name: 'nb-7', cluster_id: DEV_ID, job_state: 'ACCEPTED', submitted_time: NOON - 60_000 });
    stage.simulator.addJob({ job_name: 'done', job_state: 'FINISHED' });
    const [heading, ...lines] = (await read('jobs')).split('\n');
    expect(heading).toBe('*2 jobs are running or waiting*');
    expect(lines).toEqual([
      expect.stringMatching(/^• `nightly-etl \([0-9a-f-]{36}\)` in `analytics`: `RUNNING`, running for 2 h, user `ana`, queue `adhoc`$/),
      expect.stringMatching(/^• `nb-7 \([0-9a-f-]{36}\)` in `dev`: `ACCEPTED`, waiting for 1 min, user `etl-bot`, queue `default`$/),
    ]);
    expectNoKill(stage);
  });

  it('can be narrowed to a cluster and a glob', async () => {
    for (const cluster_id of [undefined, DEV_ID]) for (const job_name of ['nb-1', 'etl']) stage.simulator.addJob({ job_name, ...(cluster_id && { cluster_id }) });
    expect((await read('jobs nb-* on dev')).match(/• .*/g)).toEqual([expect.stringMatching(/^• `nb-1 .* in `dev`/)]);
    expect((await read('jobs nb-*')).match(/• .*/g)).toHaveLength(2);
    expect((await read('jobs on analytics')).match(/in `analytics`/g)).toHaveLength(2);
    expect(await read('jobs nothing*')).toBe('*0 jobs are running or waiting*');
  });

  it('says of a cluster that is not listed that it is not', async () => {
    expect(await read('jobs on <!channel>production')).toMatch(/^`.*production` is not listed in policy\.yml; `\/mrs clusters` shows those that are\.$/);
    expect(stage.simulator.requests.filter(({ path }) => path.startsWith('/v'))).toEqual([]);
  });

  it.each([25, 130])('of %d jobs is cut, and says how many more there are', async (count) => {
    for (let number = 0; number < count; number++) stage.simulator.addJob({ job_name: `job-with-a-name-of-some-length-${number}` });
    const text = await read('jobs');
    const shown = text.match(/^• /gm)?.length ?? 0;
    expect(shown).toBeGreaterThanOrEqual(10);
    expect(shown).toBeLessThanOrEqual(20);
    expect(text).toMatch(new RegExp(`^\\*${count} jobs are running or waiting\\*`));
    expect(text).toMatch(new RegExp(`… and ${count - shown} more$`));
    expect(text.length).toBeLessThanOrEqual(3_000);
  });

  it('gets through where every job is named to break the message', async () => {
    for (let number = 0; number < 8; number++) {
      const hostile = `<!channel>&\`*\u202E\u0000"${'&'.repeat(600)}`;
      stage.simulator.addJob({ job_name: hostile, user: hostile, queue: hostile });
    }
    const text = await read('jobs');
    expect(text).toMatch(/^• /m);
    for (const hostile of ['<', '\u202e', '\u0000']) expect(text).not.toContain(hostile);
  });

  it('says what is wrong where MRS cannot be read', async () => {
    await restart({ clock: virtualClock(NOON) });
    stage.simulator.fault({ on: 'jobs', status: 403, body: { error_code: '12000005', error_msg: 'No <!here> permission.' }, times: Infinity });
    expect(await read('jobs')).toMatch(/^MRS answered 12000005: No &lt;!here&gt; permission\./);
  });

  it('says so where MRS stays silent', async () => {
    await restart({ clock: virtualClock(NOON) });
    stage.simulator.fault({ on: 'jobs', hangUp: true, times: Infinity });
    expect(await read('jobs')).toMatch(/^MRS gave no answer/);
  });
});

describe('/mrs status', () => {
  it('shows the facts of one job, and no button', async () => {
    const job = stage.simulator.addJob({ job_name: 'nightly-etl', user: 'ana' });
    expect(await read('status nightly-etl')).toContain(job.job_id);
    const blocks = JSON.stringify(stage.simulator.slack.responses()[0]?.body['blocks']);
    for (const fact of ['nightly-etl', 'analytics', 'SparkSubmit', 'RUNNING', 'ana', job.job_id, String(job.app_id)]) expect(blocks).toContain(fact);
    expect(blocks).not.toContain('button');
    expectNoKill(stage);
  });

  it('finds a job that is over by its id, and one by its YARN id', async () => {
    const over = stage.simulator.addJob({ job_name: 'done', job_state: 'FAILED' });
    expect(await read(`status ${over.job_id}`)).toContain('done');
    expect(JSON.stringify(stage.simulator.slack.responses()[0]?.body['blocks'])).toContain('over, ran ');
    expect(await read(`status ${over.app_id} on analytics`)).toContain('done');
  });

  it('says that there is none', async () => {
    expect(await read('status <@U0VICTIM>')).toMatch(/^no job named U0VICTIM is running or waiting in any listed cluster/);
    expect(await read('status application_1564622673393_9999')).toContain('yarn application -kill application_1564622673393_9999');
  });

  it('lists several of one name, cut with their number', async () => {
    for (let count = 0; count < 60; count++) stage.simulator.addJob({ job_name: `twin${'&'.repeat(50)}` });
    const text = await read(`status twin${'&amp;'.repeat(50)}`);
    expect(text).toContain('60 jobs match twin');
    expect(text).toMatch(/… and \d+ more$/);
    expect(text.length).toBeLessThanOrEqual(3_000);
  });
});

describe('/mrs clusters', () => {
  it('lists those of policy.yml with the state that MRS gives', async () => {
    await restart({ simulator: { clusters: [{ id: '2b460e01-3351-4170-b0a7-57b9dd5ffef3', name: 'analytics', projectId: '0a1b2c3d4e5f60718293a4b5c6d7e8f9', state: 'scaling-out' }] } });
    expect((await read('clusters')).split('\n')).toEqual([
      '*2 clusters are listed in policy.yml*',
      '• `analytics` (`2b460e01-3351-4170-b0a7-57b9dd5ffef3`), `eu-west-101`: scaling-out',
      '• `dev` (`bc134369-294c-42b7-a707-b2036ba38524`), `eu-west-101`: not found by MRS',
    ]);
  });
});

describe('/mrs history', () => {
  const later = (): void => stage.clock.advanceTo(stage.now() + 1_000);

  it('is empty at first', async () => {
    expect(await read('history')).toBe('*No request for a kill ended in the last 30 days*');
  });

  it('says of each kill who, why and how it ended, and who answered; the newest first', async () => {
    await restart({ policy: policyOf({ more: 'alerts: [{ match: { alertname: MrsJobStuck }, action: kill }]' }) });
    for (const job_name of ['one', 'two']) stage.simulator.addJob({ job_name });
    stage.simulator.addJob({ job_name: 'three', job_type: 'Flink' });
    await kill('one', { because: 'it <!channel> hangs' });
    later();
    await kill('two', { action: 'decline', by: APPROVER });
    later();
    await kill('three', { by: APPROVER });
    later();
    await kill('four');
    later();
    await stage.alert({ alertname: 'MrsJobStuck', cluster: 'analytics', job_name: 'billing' });
    await stage.idle();
    const lines = (await read('history')).split('\n');
    expect(lines.map((line) => line.replace(/, \d+ s ago/, ', AGO').replace(/ \([0-9a-f-]{36}\)/, ' (ID)'))).toEqual([
      '*How the last 5 requests ended*',
      '• *Not found* `billing`, AGO, asked for by `generic alert MrsJobStuck`, by rule `alerts.0`',
      `• *Not found* \`four\`, AGO, asked for by <@${REQUESTER}>`,
      `• *Killed* \`three (ID)\` in \`analytics\`, AGO, asked for by <@${REQUESTER}>, answered by <@${APPROVER}>`,
      `• *Declined* \`two (ID)\` in \`analytics\`, AGO, asked for by <@${REQUESTER}>, answered by <@${APPROVER}>`,
      `• *Killed* \`one (ID)\` in \`analytics\`, AGO, asked for by <@${REQUESTER}>, because it channel hangs, answered by <@${REQUESTER}>`,
    ]);
  });

  it('marks dry runs, and nothing else as one', async () => {
    await restart({ policy: policyOf({ more: 'dryRun: [slack]\nalerts: [{ match: { alertname: MrsJobBig }, action: notify }]' }) });
    const job = stage.simulator.addJob({ job_name: 'one' });
    await kill('one');
    later();
    await stage.alert({ alertname: 'MrsJobBig', cluster: 'analytics', job_id: job.job_id });
    await stage.idle();
    const [, notified, dry] = (await read('history')).split('\n');
    expect(dry).toMatch(/^• \*Would be killed \(dry run\)\* `one /);
    expect(notified).toMatch(/^• \*Notified\* `one /);
    expectNoKill(stage);
  });

  it('shows a refusal at the door with its rule, not what still goes on', async () => {
    stage.simulator.addJob({ job_name: 'one' });
    await stage.type('kill one');
    await stage.type('kill one', { user_id: STRANGER });
    await stage.idle();
    expect((await read('history')).split('\n')).toEqual(['*How the last request ended*', `• *Refused: mayKill* \`one\`, 0 s ago, asked for by <@${STRANGER}>`]);
    expectNoKill(stage);
  });

  it('shows ten, passes over notices of the channel, and forgets after 30 days', async () => {
    const clock = virtualClock(NOON);
    await restart({ clock });
    for (let number = 1; number <= 12; number++) await kill(`job-${number}`);
    stage.backend.start('mrs-killswitch-test-kill:durable', 'notice-0123456789abcdef', JSON.stringify({ kind: 'notice', text: 'a limit', attempt: '1' }));
    await stage.idle();
    const lines = (await read('history')).split('\n');
    expect(lines).toHaveLength(11);
    expect(lines[0]).toBe('*How the last 10 requests ended*');
    expect(lines.join()).not.toContain('notice');
    clock.advanceTo(NOON + 29 * DAY_MS);
    expect(await read('history')).toMatch(/^\*How the last 10 requests ended\*/);
    clock.advanceTo(NOON + 31 * DAY_MS);
    expect(await read('history')).toBe('*No request for a kill ended in the last 30 days*');
  });

  describe('of a job or a rule', () => {
    const ALERTS = 'alerts: [{ match: { alertname: MrsJobStuck }, action: kill }, { name: big, match: { alertname: MrsJobBig }, action: notify }]';
    const endsOf = async (of: string): Promise<string[]> => [...(await read(`history ${of}`)).matchAll(/^• \*([^*]*)\*(?: `([^ `]*))?/gm)].map(([, words, subject]) => `${words} ${subject}`);

    it('shows the Ends that name the job, by its name or any id of it, refusals at the door and of no job too', async () => {
      const job = stage.simulator.addJob({ job_name: 'one' });
      await stage.type('kill one', { user_id: STRANGER });
      later();
      await kill('one', { because: 'it hangs' });
      later();
      await kill('one');
      expect(await endsOf('one')).toEqual(['Not found one', 'Killed one', 'Refused: mayKill one']);
      expect(await endsOf(job.job_id)).toEqual(['Killed one']);
      expect(await endsOf(String(job.app_id))).toEqual(['Killed one']);
      expect(await endsOf(`<https://yarn.example.com/proxy/${job.app_id}/>`)).toEqual(['Killed one']);
      expect(await read('history two')).toBe('*No request about `two` ended in the last 30 days. Give the name or an id of a job, or the name of a rule*');
    });

    it('shows the Ends of a rule that asked, by its name or its place, and of one that refused', async () => {
      await restart({ policy: policyOf({ more: ALERTS }) });
      const job = stage.simulator.addJob({ job_name: 'billing-1' });
      for (const alertname of ['MrsJobStuck', 'MrsJobBig', 'Other']) {
        await stage.alert({ alertname, cluster: 'analytics', job_id: job.job_id });
        await stage.idle();
        later();
      }
      expect(await endsOf('alerts.0')).toEqual(['Refused: protected billing-1']);
      expect(await endsOf('big')).toEqual(['Refused: protected billing-1']);
      expect(await endsOf('protected')).toEqual(['Refused: protected billing-1', 'Refused: protected billing-1']);
      expect(await endsOf('PROTECTED')).toHaveLength(2);
      expect(await endsOf('alerts')).toEqual(['Refused: alerts undefined']);
      expect(await endsOf('alerts.7')).toEqual([]);
      expectNoKill(stage);
    });

    it('finds a rule without a name after it has moved to another place', async () => {
      await restart({ policy: policyOf({ more: ALERTS }) });
      await stage.alert({ alertname: 'MrsJobStuck', cluster: 'analytics', job_name: 'gone' });
      await stage.idle();
      stage.deploy(policyOf({ more: 'alerts: [{ name: big, match: { alertname: MrsJobBig }, action: notify }, { match: { alertname: MrsJobStuck }, action: kill }]' }));
      expect(await endsOf('alerts.1')).toEqual(['Not found gone']);
      expect(await endsOf('alerts.0')).toEqual([]);
    });

    it('shows both where a word is a job and a rule', async () => {
      await restart({ policy: policyOf({ more: 'alerts: [{ name: nightly, match: { alertname: MrsJobStuck }, action: kill }]' }) });
      await kill('nightly');
      await kill('paused');
      later();
      await stage.alert({ alertname: 'MrsJobStuck', cluster: 'analytics', job_name: 'by-rule' });
      await stage.idle();
      later();
      stage.env['PAUSED'] = 'true';
      stage.simulator.addJob({ job_name: 'refused' });
      await kill('refused');
      expect(await endsOf('nightly')).toEqual(['Not found by-rule', 'Not found nightly']);
      expect(await endsOf('paused')).toEqual(['Refused: paused refused', 'Not found paused']);
      expectNoKill(stage);
    });

    it('shows the newest ten', async () => {
      for (let number = 1; number <= 12; number++) {
        await kill('one');
        later();
      }
      expect(await endsOf('one')).toHaveLength(10);
      expect(await read('history one')).toContain('*How the last 10 requests about `one` ended*');
    });
  });

  it('says so where the ledger cannot be asked', async () => {
    await read('clusters');
    stage.ledger.script = () => 'fails';
    expect(await read('history')).toBe('The ledger could not be read, so there is no answer now. Please try again.');
    expect(stage.lines.some((line) => line.includes('an answer could not be found') && line.includes('ledger_failed'))).toBe(true);
  });
});

onlyOnAws('the own home hands nothing over').it('a read that cannot be handed over is told so at once', async () => {
  await stage.lambda.close();
  const { status, body } = await stage.type('jobs');
  expect({ status, body }).toEqual({ status: 200, body: { response_type: 'ephemeral', text: 'This could not be looked up now. Please try again.' } });
  expect(stage.lines.some((line) => line.includes('a command could not be handed over'))).toBe(true);
});

it('a read works without a bot token, for anybody in the channel, and leaves the channel alone', async () => {
  await restart({ env: { SLACK_BOT_TOKEN: undefined } });
  stage.simulator.addJob({ job_name: 'nightly-etl' });
  const { body } = await stage.type('jobs', { user_id: STRANGER, channel_id: 'C0ANY' });
  expect(body.text).toBe('Looking …');
  await stage.idle();
  expect(stage.simulator.slack.responses()).toHaveLength(1);
  expect(stage.simulator.requests.filter(({ path }) => path.startsWith('/api/'))).toEqual([]);
});
