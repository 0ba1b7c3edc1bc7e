import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { findPackagingProblems } from '../../tools/osls/check-packaging.ts';
import { PACKAGING_SETTINGS } from '../../tools/docs/other-settings.ts';
import { checkPackagingVariables, RULES } from '../../tools/osls/packaging-variables.ts';
import { thinned } from '../support/full-size.ts';
import { runTool } from './run-tool.ts';

const POLICY = 'clusters: { dev: { id: bc134369-294c-42b7-a707-b2036ba38524 } }\n';
const SETTINGS = 'HW_REGION_NAME=eu-west-101\nHW_USER_NAME=u\nHW_USER_PASSWORD=ssm:/kill/password\nHW_DOMAIN_NAME=d\n';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'osls-'));
  writeFileSync(join(folder, 'policy.yml'), POLICY);
  writeFileSync(join(folder, '.env.prod'), SETTINGS);
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('a package or a deployment that cannot be ends before osls begins, with nothing written', () => {
  it.each(thinned<[string[], Record<string, string>, string[]]>([
    [['deploy'], {}, ['Name the stage: npm run deploy -- --stage prod']],
    [['deploy', '--stage', 'local'], {}, ['Name the stage: npm run deploy -- --stage prod. The stage local is for npm start']],
    [['remove'], {}, ['Name the stage: npm run remove -- --stage prod']],
    [['deploy', '--stage', 'a b'], {}, ['--stage has to be the name of a stage: a letter, then at most 31 letters, digits and -, such as prod.']],
    [['deploy', '--stage', 'prdo'], {}, ['--stage prdo: there is no .env.prdo here, and there is .env.prod; did you mean --stage prod?']],
    [['deploy', '--stage', 'prod', '--region', 'mars'], {}, ['--region has to be an AWS region, such as eu-west-1, and is mars.']],
    [['deploy', '--stage', 'prod'], {}, ['No AWS credentials: set AWS_PROFILE, or AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.']],
    [
      ['deploy', '--stage', 'prod'],
      { CLEANUP_ENABLED: 'maybe', PAUSED: 'maybe', POLICY_FILE: 'nowhere.yml' },
      ['settings: PAUSED: has to be true, false or ssm:/name; CLEANUP_ENABLED: has to be true or false', 'POLICY_FILE: nowhere.yml is not there: name the policy, or take the setting away for policy.yml'],
    ],
    [['build'], { SLACK_SIGNING_SECRET: 'short' }, ['settings: SLACK_SIGNING_SECRET: entry 1 has to be at least 16 characters long']],
    [['start'], { KILL_CONCURRENCY: '0' }, ['settings: KILL_CONCURRENCY: has to be a whole number from 1, or none where the account has too little to reserve any']],
  ], 4))('%j with %j', async (args, env, lines) => {
    const end = await runTool('osls', { args, env: { HOME: folder, ...env }, cwd: folder });
    expect(end.lines).toEqual(lines);
    expect(end.code).toBe(1);
    expect(readdirSync(folder).toSorted()).toEqual(['.env.prod', 'policy.yml']);
  });
});

describe('what a package is checked for', () => {
  const NO_STAGE = { stage: 'no-such-stage' };
  const policyFile = (): Record<string, string> => ({ POLICY_FILE: join(folder, 'policy.yml') });

  it('is what is given; a deployment needs the rest too, and says which file could hold it', () => {
    expect(findPackagingProblems(policyFile(), { ...NO_STAGE, isDeployed: false })).toEqual([]);
    expect(findPackagingProblems(policyFile(), { ...NO_STAGE, isDeployed: true })).toEqual([expect.stringMatching(/^--stage no-such-stage: there is no \.env\.no-such-stage here; /), expect.stringMatching(/^settings: HW_REGION_NAME: is required: /)]);
  });

  it('is nothing that a reference leads to', () => {
    const env = { ...policyFile(), HW_REGION_NAME: 'eu-west-101', HW_ACCESS_KEY: 'ssm:/ak', HW_SECRET_KEY: 'ssm:/sk', ALERT_TOKENS: 'ssm:/tokens', PAUSED: 'ssm:/paused' };
    expect(findPackagingProblems(env, { ...NO_STAGE, isDeployed: true })).toEqual([]);
    expect(findPackagingProblems({ ...env, HW_ACCESS_KEY: 'file:/ak' }, { ...NO_STAGE, isDeployed: true })).toEqual(['settings: HW_ACCESS_KEY: file: references are for the own home; write ssm:/name']);
  });

  it('is every setting that only packaging reads', () => {
    expect(Object.keys(RULES).toSorted()).toEqual(Object.keys(PACKAGING_SETTINGS).toSorted());
  });

  it.each([
    ['CLEANUP_ENABLED', ['true', 'false', ''], ['yes', 'TRUE', '1']],
    ['CLEANUP_SCHEDULE', ['rate(1 hour)', 'rate(30 minutes)', 'cron(30 6 * * ? *)'], ['0 * * * *', 'rate(1 hours)', 'rate(2 hour)', 'cron(0 6 * * ?)', 'hourly']],
    ['CLEANUP_ALARM_HOURS', ['1', '25', '168'], ['0', '169', '1.5', 'two']],
    ['REFUSED_CALLERS_ALARM', ['1', '20'], ['0', 'many']],
    ['KILL_CONCURRENCY', ['none', '1', '900'], ['0', '-1', 'all']],
    ['KMS_KEY_ARN', ['arn:aws:kms:eu-west-1:123456789012:key/0f1e2d3c-0000-4000-8000-000000000001'], ['alias/key', 'arn:aws:kms:eu-west-1:123456789012:alias/key']],
    ['ALARM_TOPIC_ARN', ['arn:aws:sns:eu-west-1:123456789012:operators'], ['operators']],
    ['CLOUDWATCH_TOPIC_ARN', ['arn:aws-cn:sns:cn-north-1:123456789012:alarms'], ['arn:aws:sqs:eu-west-1:123456789012:alarms']],
    ['CLOUDWATCH_EVENTS_ENABLED', ['true'], ['on']],
    ['CLOUDWATCH_ACTIONS_ENABLED', ['false'], ['off']],
    ['SOURCE_MAPS', ['true'], ['yes']],
  ])('%s may be %j and not %j', (name, good, wrong) => {
    expect(good.flatMap((value) => checkPackagingVariables({ [name]: value }))).toEqual([]);
    for (const value of wrong) expect(checkPackagingVariables({ [name]: value })).toEqual([{ name, problem: expect.stringMatching(/^has to be /) }]);
  });
});
