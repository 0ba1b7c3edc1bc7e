import { describe, expect, it } from '@jest/globals';
import { startBegan } from '../../lib/ledger/keys.ts';
import { noteBadEnd, takeStatusChange } from '../../lib/start/bad-end.ts';
import { EngineFailed } from '../../lib/start/engine.ts';
import { aRequest, NOON } from '../core/a-job.ts';
import { aStart, entryOf, type StartPlan } from './a-start.ts';

const NAME = `alerts-live-${'0'.repeat(32)}`;
const arnOf = (name: string, durable = 'svc-prod-kill'): string => `arn:aws:lambda:eu-west-1:123456789012:function:${durable}:7/durable-execution/${name}/id-1`;
const alert = () => aRequest({ trigger: 'alerts', policyRule: 'alerts.1' });

describe('an event about an execution', () => {
  const event = (fields: object = {}, detail: object = {}) => ({ source: 'aws.lambda', 'detail-type': 'Durable Execution Status Change', detail: { durableExecutionArn: arnOf(NAME), status: 'FAILED', ...detail }, ...fields });

  it.each<[string, unknown, string[], boolean]>([
    ['of a function of ours, by its name and qualifier', event(), ['other:1', 'svc-prod-kill:durable'], true],
    ['of a function of ours, by its ARN', event(), ['arn:aws:lambda:eu-west-1:123456789012:function:svc-prod-kill:durable'], true],
    ['of a function whose name ends as ours', event({}, { durableExecutionArn: arnOf(NAME, 'x-svc-prod-kill') }), ['svc-prod-kill:durable'], false],
    ['of a function whose name begins as ours', event({}, { durableExecutionArn: arnOf(NAME, 'svc-prod-kill-2') }), ['svc-prod-kill:durable'], false],
    ['of another account', event(), ['arn:aws:lambda:eu-west-1:999999999999:function:svc-prod-kill:durable'], false],
    ['that is no ARN', event({}, { durableExecutionArn: 'x' }), ['svc-prod-kill:durable'], false],
    ['where nothing is ours', event(), [], false],
    ['of another kind', event({ 'detail-type': 'Other' }), ['svc-prod-kill:durable'], false],
    ['of another service', event({ source: 'aws.ec2' }), ['svc-prod-kill:durable'], false],
    ['with a status that nobody knows', event({}, { status: 'PAUSED' }), ['svc-prod-kill:durable'], false],
    ['with a name of its own', event({}, { durableExecutionName: NAME }), ['svc-prod-kill:durable'], true],
    ['that is none', 'x', ['svc-prod-kill:durable'], false],
  ])('%s', (_, given, ours, isOurs) => expect(takeStatusChange(given, () => ours) !== undefined).toBe(isOurs));

  it.each(['FAILED', 'TIMED_OUT', 'STOPPED', 'RUNNING', 'SUCCEEDED'])('with the status %s', async (status) => {
    const played = await aStart({ stands: [entryOf(startBegan(NAME, 1), { at: NOON, since: NOON })] });
    const change = takeStatusChange(event({}, { status }), () => ['svc-prod-kill:durable']);
    expect(change).toBeDefined();
    await change?.({ ...played.parts, engine: played.engine, createId: () => 'a-1' });
    expect(played.started).toEqual(status === 'RUNNING' || status === 'SUCCEEDED' ? [] : [{ name: `end-${NAME}`, payload: { kind: 'end', status, name: NAME, start: 1, attempt: 'a-1' }, until: undefined }]);
  });
});

describe('an execution that came to a bad end', () => {
  const note = async (name: string, { input = '', ...plan }: StartPlan & { input?: string } = {}) => {
    const played = await aStart(plan);
    const asked: string[] = [];
    const engine = { ...played.engine, inputOf: async (arn: string) => (asked.push(arn), input) };
    const done = noteBadEnd({ ...played.parts, engine, createId: () => 'a-1' }, { arn: arnOf(name), status: 'FAILED' });
    return { played, asked, done };
  };

  it('that the ledger knows is closed by it, by its own start', async () => {
    const { played, asked, done } = await note(`${NAME}-2`, { stands: [entryOf(startBegan(NAME, 2), { at: NOON, since: NOON })], input: JSON.stringify({ request: alert() }) });
    await done;
    expect([played.started, asked]).toEqual([[{ name: `end-${NAME}-2`, payload: { kind: 'end', status: 'FAILED', name: NAME, start: 2, attempt: 'a-1' }, until: undefined }], []]);
  });

  it('that the ledger does not know is closed by what it was started with', async () => {
    const { played, asked, done } = await note(`${NAME}-2`, { stands: [entryOf(startBegan(NAME, 1), { at: NOON, since: NOON })], input: JSON.stringify({ request: alert() }) });
    await done;
    expect([played.started[0]?.payload, asked]).toEqual([{ kind: 'end', status: 'FAILED', name: NAME, start: 2, request: alert(), attempt: 'a-1' }, [arnOf(`${NAME}-2`)]]);
  });

  it.each(['', '{}', 'no JSON'])('that nobody knows is logged: %j', async (input) => {
    const { played, done } = await note(NAME, { input });
    await done;
    expect(played.started).toEqual([]);
    expect(played.lines).toMatchObject([{ level: 'error', message: 'an unknown execution came to a bad end', execution: NAME, status: 'FAILED' }]);
  });

  it.each([
    [`end-${NAME}`, 'closing a request that broke off broke off itself: look at its job'],
    ['notice-1', 'a notice was not sent'],
  ])('that is %s is logged, and nothing is started', async (name, message) => {
    const { played, asked, done } = await note(name);
    await done;
    expect([played.started, asked]).toEqual([[], []]);
    expect(played.lines).toMatchObject([{ level: 'error', message, execution: name, status: 'FAILED' }]);
  });

  it('without a name is logged', async () => {
    const played = await aStart();
    await noteBadEnd({ ...played.parts, engine: played.engine, createId: () => 'a-1' }, { arn: 'arn:aws:lambda:eu-west-1:123456789012:function:svc-prod-kill:7', status: 'FAILED' });
    expect(played.lines).toMatchObject([{ level: 'error', message: 'an unknown execution came to a bad end', execution: '' }]);
  });

  it('whose name only holds such a word is closed', async () => {
    const { played, done } = await note('the-end-1', { input: JSON.stringify({ request: alert() }) });
    await done;
    expect(played.started).toHaveLength(1);
  });

  it('is sent again where it cannot be closed now', async () => {
    await expect((await note(NAME, { input: JSON.stringify({ request: alert() }), onStart: () => new EngineFailed('down') })).done).rejects.toThrow('down');
  });
});
