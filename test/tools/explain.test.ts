import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { ALERT_SOURCES } from '../../lib/alerts/all-sources.ts';
import { explain } from '../../tools/explain/explain.ts';
import { aJob, HOUR_MS, NOON } from '../core/a-job.ts';
import { runTool } from './run-tool.ts';

const FIXTURES = join(import.meta.dirname, '../fixtures');
const POLICY = `dryRun: [api]
clusters:
  analytics: { id: 2b460e01-3351-4170-b0a7-57b9dd5ffef3 }
  dev: { id: bc134369-294c-42b7-a707-b2036ba38524 }
protected:
  - { queue: prod }
  - { name: "billing-*" }
ask:
  - { match: { cluster: analytics, type: Flink }, who: approver }
  - { trigger: slack, who: requester }
slack: { mayKill: [U012AB3CD], mayApprove: [U045EF6GH], channel: C0123456789 }
limits: { perHour: 7 }
alerts:
  - { match: { alertname: MrsJobStuck, severity: "crit*" }, action: kill }
  - { name: crowd, match: { alertname: Crowd }, cluster: dev, pick: { queue: adhoc }, action: ask }
  - { match: { alertname: Big }, action: notify }
  - { match: { alertname: Slow }, warn: 30m, action: kill, dryRun: true }
cleanup:
  - { name: later, cluster: dev, match: { name: "nb-*" }, olderThan: 12h, action: notify }
  - { name: stale, cluster: dev, match: { name: "nb-*" }, olderThan: 6h, action: kill }
`;

let folder: string;
let policyFile: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'explain-'));
  policyFile = save('policy.yml', POLICY);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

function save(name: string, text: string): string {
  writeFileSync(join(folder, name), text);
  return join(folder, name);
}

/** What is said, with the policy's file under its short name and without the last line, which is always the same. */
async function say(args: string[], env: Record<string, string> = { POLICY_FILE: policyFile }): Promise<{ code: number; lines: string[]; errors: string[] }> {
  const [printed, errors]: [string[], string[]] = [[], []];
  const code = await explain(args, { env, now: () => NOON, print: (text) => void printed.push(text), printError: (text) => void errors.push(text) });
  const lines = printed.join('\n').replaceAll(policyFile, 'policy.yml').split('\n');
  return { code, lines: lines.at(-1)?.startsWith('Not seen here: the off switch') ? lines.slice(0, -1) : lines, errors };
}

const NOTEBOOK = ['--cluster', 'dev', '--name', 'nb-1', '--user', 'ana', '--queue', 'adhoc', '--type', 'SparkSubmit', '--running-for', '7h'];
const without = (args: string[], ...flags: string[]): string[] => args.filter((arg, at) => !flags.includes(arg) && !flags.includes(args[at - 1] ?? ''));

describe('a job', () => {
  it('is told of for every way to a kill: who is asked, by which rule and line, what is a dry run, and which limits count', async () => {
    expect(await say(NOTEBOOK)).toEqual({
      code: 0,
      errors: [],
      lines: [
        'At 2026-03-01 12:00 UTC',
        'Job: nb-1 in dev: type SparkSubmit, user ana, queue adhoc, RUNNING, running for 7 h',
        'Slack, /mrs kill: killed once the person who asks has confirmed it (ask.1, policy.yml:10)',
        '  Who may ask for it: U012AB3CD (slack.mayKill, policy.yml:11)',
        'An alert whose rule says kill: killed; nobody is asked',
        '  Limits that count: perDelivery 10, perHour 7',
        'Cleanup rule later (policy.yml:19): from 2026-03-01 17:00 UTC on, in 5 h: people are told, with a button to kill it. The rule itself kills nothing',
        'Cleanup rule stale (policy.yml:20): killed by the next run; nobody is asked',
        '  Limits that count: perDelivery 10, perHour 7, percentOfRunning 50',
        'REST: NOT killed, since it is a dry run (dryRun, policy.yml:1). Without that: killed; nobody is asked',
      ],
    });
  });

  it.each([
    ['protected', ['--queue', 'prod'], 'NOT killed, whoever asks. protected: nb-1 is protected by queue: prod; to allow the kill, change protected: in policy.yml (protected.0, policy.yml:6)'],
    ['of a cluster that is not listed', ['--cluster', 'prod'], 'NOT killed, whoever asks. clusters: prod is not listed; add it under clusters: in policy.yml'],
    ['of a type that MRS cannot stop', ['--type', 'SparkSql'], 'NOT killed, whoever asks. SparkSql: MRS cannot kill a SparkSql job; end the session of nb-1 in the cluster itself'],
    ['over', ['--state', 'finished'], 'NOT killed, whoever asks. it is over, so there is nothing to kill'],
  ])('that is %s is killed by nobody, which is said once', async (_what, more, line) => {
    const { lines } = await say([...without(NOTEBOOK, ...more), ...more]);
    expect(lines.at(-1)).toBe(line);
    expect(lines.join('\n')).not.toMatch(/: killed/);
  });

  it('of which something was not given is judged as MRS would leave it out', async () => {
    const { lines } = await say(without(NOTEBOOK, '--queue', '--user'));
    expect(lines.slice(2)).toEqual([
      'Not given: --user, --queue. A rule that reads it protects the job, asks the stricter question, and kills nothing',
      expect.stringMatching(/^NOT killed, whoever asks\. protected: MRS gave no queue of nb-1, .* \(protected\.0, policy\.yml:6\)$/),
    ]);
    const { lines: ageless } = await say([...without(NOTEBOOK, '--running-for'), '--by', 'cleanup']);
    expect(ageless.slice(1)).toEqual([
      'Job: nb-1 in dev: type SparkSubmit, user ana, queue adhoc, RUNNING',
      expect.stringMatching(/^Not given: --running-for\./),
      'Cleanup rule later (policy.yml:19): NOT killed. The rule reads what was not given: start time',
      'Cleanup rule stale (policy.yml:20): NOT killed. The rule reads what was not given: start time',
    ]);
  });

  it('over REST is refused where somebody would be asked', async () => {
    const { lines } = await say(['--cluster', '2b460e01-3351-4170-b0a7-57b9dd5ffef3', '--name', 'stream', '--queue', 'adhoc', '--type', 'flink', '--by', 'api']);
    expect(lines.at(-1)).toBe('REST: NOT killed. ask: an approver has to approve the kill of stream first; REST asks nobody, so use /mrs kill (ask.0, policy.yml:9)');
  });

  it('may wait still, and be meant by no rule', async () => {
    const { lines } = await say([...without(NOTEBOOK, '--name', '--running-for'), '--name', 'etl', '--waiting-for', '2h', '--by', 'cleanup']);
    expect(lines.slice(1)).toEqual(['Job: etl in dev: type SparkSubmit, user ana, queue adhoc, ACCEPTED, waiting for 2 h', 'Cleanup: NOT killed. No rule fits it, and none will when it only gets older']);
    expect((await say([...without(NOTEBOOK, '--running-for'), '--waiting-for', '2h', '--by', 'cleanup'])).lines.at(-2)).toContain('once it has run for 6 h: killed by the next run');
  });

  it.each(['bean', 'job_detail'])('may be given as MRS shows it (%s), and a flag wins', async (form) => {
    const { cluster: _ours, ...bean } = aJob({ started_time: NOON - HOUR_MS, user: 'ana' });
    const file = save('job.json', JSON.stringify(form === 'bean' ? bean : { job_detail: { ...bean, arguments: ['secret'] } }));
    const { lines } = await say(['--job', file, '--cluster', 'dev', '--user', 'bob', '--by', 'api']);
    expect(lines[1]).toBe(`Job: nightly-etl, ${bean.job_id} in dev: type SparkSubmit, user bob, queue adhoc, RUNNING, running for 1 h`);
  });

  it('is told of as JSON, and at another time', async () => {
    const { lines } = await say([...NOTEBOOK, '--by', 'cleanup', '--at', '2026-03-02T00:00:00+01:00', '--json']);
    expect(JSON.parse(lines.join('\n'))).toMatchObject({
      at: '2026-03-01T23:00:00.000Z',
      job: { job_name: 'nb-1', started_time: Date.parse('2026-03-01T16:00:00Z') },
      answers: [
        { by: 'cleanup', verdict: 'notify', fits: { fits: 'from', at: Date.parse('2026-03-02T04:00:00Z') }, policyRule: { name: 'later', rule: 'cleanup.0', at: 'policy.yml:19' } },
        { by: 'cleanup', verdict: 'kill', fits: { fits: 'now' }, who: 'none', limits: { perDelivery: 10, perHour: 7, percentOfRunning: 50 } },
      ],
    });
  });
});

describe('an alert', () => {
  const labels = (...pairs: string[]): string[] => pairs.flatMap((pair) => ['--alert', pair]);

  it('is told of by the first rule that it meets, and what becomes of its job', async () => {
    const { lines } = await say([...labels('alertname=MrsJobStuck', 'severity=critical', 'job_name=etl', 'cluster=analytics'), '--queue', 'adhoc', '--type', 'Flink', '--running-for', '2h']);
    expect(lines).toEqual([
      'Alert MrsJobStuck of alertmanager, 2026-03-01 12:00 UTC: it meets rule alerts.0 (policy.yml:14), action kill. It means etl in analytics',
      '  Job: etl in analytics: type Flink, queue adhoc, RUNNING, running for 2 h',
      '  Not given: --user. A rule that reads it protects the job, asks the stricter question, and kills nothing',
      '  Alert rule alerts.0 (policy.yml:14): killed once an approver has approved it, who is not the person who asks (ask.0, policy.yml:9)',
      '    Who may approve: U045EF6GH (slack.mayApprove, policy.yml:11)',
      '    Limits that count: perDelivery 10, perHour 7',
    ]);
  });

  it.each([
    ['no rule', labels('alertname=Other'), 'NOT killed. refused: alerts: no rule fits; add one under alerts: in policy.yml'],
    ['another severity', labels('alertname=MrsJobStuck', 'severity=low'), 'NOT killed. refused: alerts: no rule fits; add one under alerts: in policy.yml'],
    ['no job', labels('alertname=Big'), 'NOT killed. refused: target: the alert names no job; give it a label such as application_id or job_name; it met rule alerts.2 (policy.yml:16), action notify'],
    ['a cluster that is not listed', labels('alertname=Big', 'job_name=etl', 'cluster=prod'), 'NOT killed. refused: clusters: prod is not listed; add it under clusters: in policy.yml; it met rule alerts.2 (policy.yml:16), action notify'],
    ['no job that was described', labels('alertname=Big', 'job_name=etl'), 'it meets rule alerts.2 (policy.yml:16), action notify. It means etl'],
  ])('with %s says so', async (_what, args, ending) => {
    const [line] = (await say(args)).lines;
    expect(line).toBe(`Alert ${String(args[1]).slice('alertname='.length)} of alertmanager, 2026-03-01 12:00 UTC: ${ending}`);
  });

  it.each([
    ['a rule that tells', 'Big', [], /people are told, with a button to kill it/],
    ['a rule that warns, in a dry run', 'Slow', [], /NOT killed, since it is a dry run \(alerts\.3\.dryRun, policy\.yml:17\)\. Without that: people are warned for 30m; then, unless somebody keeps it, killed; nobody is asked\n    Limits that count: perDelivery 10$/],
    ['another job', 'Big', ['--name', 'other'], /NOT the described job: it means nb-1, and the described job is another/],
    ['another id', 'Big', ['--id', 'application_1564622673393_0007'], /people are told/],
    ['a job that is newer than the alert', 'Big', ['--at', '2026-03-01T12:00:00Z', '--running-for', '0s'], /--running-for: has to be a duration/],
  ])('of %s says what becomes of the job', async (_what, alertname, more, expected) => {
    const { lines, errors } = await say([...labels(`alertname=${alertname}`, 'job_name=nb-1'), ...without(NOTEBOOK, '--name', ...more), ...more]);
    expect([...lines, ...errors].join('\n')).toMatch(expected);
  });

  it.each([
    ['fits', [], ['  The rule picks it, where no other job comes first', '  Alert rule crowd (policy.yml:15): killed once an approver has approved it, who is not the person who asks', '    Who may approve: U045EF6GH (slack.mayApprove, policy.yml:11)', '    Limits that count: perDelivery 10, perHour 7, percentOfRunning 50']],
    ['is a stream', ['--type', 'Flink'], ['  NOT the described job: left out: 1 streaming']],
    ['is of another queue', ['--queue', 'fast'], ['  NOT the described job: the described job does not fit the pick']],
    ['is in another cluster', ['--cluster', 'analytics'], ['  NOT the described job: it picks in dev, and the described job is in analytics']],
  ])('that leads to a pick says whether a job is meant that %s', async (_what, more, expected) => {
    const { lines } = await say([...labels('alertname=Crowd'), ...without(NOTEBOOK, ...more), ...more]);
    expect(lines[0]).toBe('Alert Crowd of alertmanager, 2026-03-01 12:00 UTC: it meets rule crowd (policy.yml:15), action ask. It means the longest-running job of dev (queue: adhoc)');
    expect(lines.slice(1).filter((line) => !line.startsWith('  Job: '))).toEqual(expected);
  });

  it.each([...Object.keys(ALERT_SOURCES).map((source) => [source, `alerts/${source}/stuck-job.json`]), ['cloudwatch', 'cloudwatch/direct.json']])('of a saved delivery is read as %s sends it, when it began', async (source, file) => {
    const rules = ['alertname', 'alarm_name', 'title'].map((label) => `{ source: ${source}, match: { ${label}: "*" }, cluster: dev, job: nothing, action: kill }`);
    const all = save('all.yml', `${POLICY.slice(0, POLICY.indexOf('alerts:'))}alerts: [${rules.join(', ')}]\n`);
    const { code, lines, errors } = await say(['--payload', source, join(FIXTURES, file), '--policy', all, '--json']);
    expect({ code, errors }).toEqual({ code: 0, errors: [] });
    const { alerts } = JSON.parse(lines.join('\n')) as { alerts: { at: string; source: string; result: object }[] };
    expect(alerts).toHaveLength(1);
    expect(alerts[0]).toMatchObject({ source, result: { outcome: 'refused', rule: 'target' }, policyRule: { at: expect.stringContaining('all.yml:') } });
    expect(Date.parse(String(alerts[0]?.at))).toBeLessThanOrEqual(NOON);
  });
});

it('no control character of an alert comes to the terminal, and each alert is one line', async () => {
  const { lines } = await say(['--alert', 'alertname=red\u001b[31m\r\nok']);
  expect(lines).toEqual([expect.stringMatching(/^Alert red \[31m {2}ok of alertmanager, /)]);
});

describe('a command line', () => {
  it.each([[['--help']], [['-h', '--name', 'x']]])('%j explains itself', async (args) => {
    const { code, lines } = await say(args);
    expect([code, lines.join('\n')]).toEqual([0, expect.stringContaining('npm run explain -- --cluster dev')]);
    for (const source of [...Object.keys(ALERT_SOURCES), 'cloudwatch']) expect(lines.join('\n')).toContain(source);
  });

  it.each([
    [[], /^a job or an alert is needed: such as --cluster dev --name nb-1/],
    [['nb-1'], /^nb-1: this is no option/],
    [['--nmae', 'nb-1'], /^--nmae is no option of npm run explain; did you mean --name\? npm run explain -- --help lists them\.$/],
    [['--name', 'x'], /^--cluster: say which one; policy\.yml lists analytics, dev$/],
    [[...NOTEBOOK, '--by', 'alert'], /^--by: has to be slack, alerts, cleanup, api$/],
    [['--cluster', 'dev', '--running-for', '7'], /^--running-for: has to be a duration such as 90s, 30m, 6h, 2d or 2w$/],
    [[...NOTEBOOK, '--waiting-for', '7h'], /^--waiting-for: a job runs or waits/],
    [[...NOTEBOOK, '--state', 'RUNING'], /^--state: has to be NEW, /],
    [[...NOTEBOOK, '--id', '17'], /^--id: has to be the job's id in MRS/],
    [[...NOTEBOOK, '--at', '2026-03-01 12:00'], /^--at: has to be a time with its zone, such as 2026-11-29T14:30:00Z$/],
    [['--job', '/nowhere/job.json', '--cluster', 'dev'], /^--job: \/nowhere\/job\.json cannot be read \(ENOENT\); name a file that is there$/],
    [['--alert', 'alertname'], /^--alert: has to be label=value, such as alertname=MrsJobStuck; this is "alertname"$/],
    [['--alert', 'a=b', '--source', 'zabbix'], /^--source: there is no source zabbix; known are alertmanager, /],
    [['--source', 'smn', ...NOTEBOOK], /^--source: says who sends an alert/],
    [['--alert', 'a=b', '--by', 'slack'], /^--by: this is not the way of an alert/],
    [['--payload', 'zabbix', 'x.json'], /^--payload: there is no source zabbix/],
    [['--payload', 'smn'], /^--payload: takes the source and one file/],
    [['--payload', 'smn', '/nowhere/x.json'], /^--payload: \/nowhere\/x\.json cannot be read \(ENOENT\)/],
    [['--payload', 'generic', 'x.json', '--alert', 'a=b'], /^--payload: has source and labels of its own/],
    [[...NOTEBOOK, '--policy', '/nowhere/policy.yml'], /^--policy: \/nowhere\/policy\.yml cannot be read; name the policy's file$/],
  ])('%j is answered in one line that names the flag, and ends with 1', async (args, expected) => {
    const { code, lines, errors } = await say(args);
    expect([code, lines, errors]).toEqual([1, [''], [expect.stringMatching(expected)]]);
    expect(errors[0]).not.toContain('\n');
  });

  it('names what is wrong in a file, and in the policy', async () => {
    expect((await say(['--job', save('bad.json', '{'), '--cluster', 'dev'])).errors).toEqual([expect.stringMatching(/^--job: .*bad\.json is no JSON: /)]);
    expect((await say(['--job', save('list.json', '[]'), '--cluster', 'dev'])).errors).toEqual([expect.stringMatching(/^--job: .*list\.json has no job_id; /)]);
    expect((await say(['--payload', 'generic', save('other.json', '{}')])).errors).toEqual([expect.stringMatching(/^--payload: .*other\.json is no delivery of generic: id/)]);
    expect((await say(['--payload', 'cloudwatch', save('none.json', '{}')])).errors).toEqual([expect.stringMatching(/^--payload: there is no alert of cloudwatch in .*none\.json$/)]);
    expect((await say(NOTEBOOK, { POLICY_FILE: save('wrong.yml', 'clusters: {}\n') })).errors).toEqual([expect.stringMatching(/^wrong\.yml:1:11 clusters: has to list at least one cluster/)]);
  });

  it('is that of npm run explain, which reads .env as deploy does', async () => {
    save('.env', 'POLICY_FILE=nowhere.yml\n');
    const { code, lines } = await runTool('explain', { args: NOTEBOOK, cwd: folder });
    expect([code, lines]).toEqual([1, [expect.stringMatching(/^POLICY_FILE: nowhere\.yml is not there: /)]]);
  });
});
