import { describe, expect, it } from '@jest/globals';
import { describeTrouble, type Trouble, type TroubleKind } from '../../lib/core/errors.ts';
import { UrlForbidden } from '../../lib/http/guard.ts';
import { NoAnswer } from '../../lib/http/send.ts';
import { troubleOf, troubleOfNoAnswer, unreadableAnswer } from '../../lib/mrs/trouble.ts';
import { BROKEN_KILL_ERROR } from '../simulator/mrs-error.ts';

const read = (status: number, body: unknown, headers: Record<string, string> = {}, secrets: string[] = []): Trouble => {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return troubleOf('MRS', { status, headers, text }, secrets).trouble;
};
const ofCode = (status: number, errorCode: string): TroubleKind => read(status, { error_code: errorCode, error_msg: 'words' }).kind;

describe('trouble', () => {
  it.each<[string, TroubleKind, boolean]>([
    ['0160', 'kill-refused', false],
    ['0175', 'kill-refused', false],
    ['0200', 'kill-refused', false],
    ['0176', 'not-found', false],
    ['0201', 'not-found', false],
    ['12000003', 'not-found', false],
    ['0180', 'busy', true],
    ['0202', 'busy', true],
    ['0023', 'unavailable', true],
    ['0162', 'unavailable', true],
    ['0166', 'unavailable', true],
    ['0174', 'unavailable', true],
    ['0193', 'unavailable', true],
    ['12000004', 'unavailable', true],
    ['12000080', 'unavailable', true],
    ['0192', 'rejected', false],
    ['0167', 'rejected', false],
    ['12000001', 'unauthorized', false],
    ['130000002', 'unauthorized', false],
    ['12000136', 'forbidden', false],
    ['APIGW.0301', 'unauthorized', false],
    ['APIGW.0307', 'unauthorized', false],
    ['APIGW.0302', 'forbidden', false],
    ['APIGW.0308', 'throttled', true],
    ['APIGW.0101', 'rejected', false],
    ['APIGW.0601', 'unavailable', true],
    ['APIGW.0613', 'unavailable', true],
    ['APIG.0301', 'unauthorized', false],
    ['APIG.0308', 'throttled', true],
    ['APIG.0101', 'rejected', false],
  ])('%s is told by its code, in the old edition (500) as in the new (400): %s', (errorCode, kind, retryable) => {
    for (const status of [400, 404, 500]) {
      const failed = troubleOf('MRS', { status, headers: {}, text: JSON.stringify({ error_code: errorCode, error_msg: 'words' }) }, []);
      expect(failed).toMatchObject({ retryable, trouble: { kind, errorCode, status } });
    }
  });

  it.each<[number, TroubleKind]>([
    [400, 'rejected'],
    [401, 'unauthorized'],
    [403, 'forbidden'],
    [404, 'not-found'],
    [405, 'rejected'],
    [409, 'rejected'],
    [429, 'throttled'],
    [500, 'unavailable'],
    [502, 'unavailable'],
    [503, 'unavailable'],
    [504, 'unavailable'],
    [302, 'rejected'],
  ])('with a code that nobody knows is told by its status: %i is %s', (status, kind) => {
    expect(ofCode(status, 'MRS.9999')).toBe(kind);
    expect(ofCode(status, 'constructor')).toBe(kind);
  });

  it.each([['<html><body>404 Not Found</body></html>'], [''], ['{}']])(
    'without a code does not say of a 404 that the job does not exist: it may be a proxy who speaks (%j)',
    (body) => {
      expect(read(404, body).kind).toBe('rejected');
    },
  );
});

describe('an error body', () => {
  it.each<[string, unknown, Partial<Trouble>]>([
    ['of MRS', { error_msg: 'Failed to terminate the job.', error_code: '0175' }, { errorCode: '0175', message: 'Failed to terminate the job.' }],
    ['of MRS with other keys', { errorCode: '12000003', errorMsg: 'no cluster' }, { errorCode: '12000003', message: 'no cluster' }],
    ['of MRS as its page prints it, a comma short', BROKEN_KILL_ERROR, { errorCode: '0175', message: 'Failed to terminate the job.', kind: 'kill-refused' }],
    ['with a number for a code', { error_code: 12000003, error_msg: 'no cluster' }, { errorCode: '12000003', kind: 'not-found' }],
    ['with a number for a code that JSON does not allow', '{"error_code": 0175, "error_msg": "failed"}', { errorCode: '0175', message: 'failed' }],
    ['in Chinese', { error_msg: '终止作业失败', error_code: '0175' }, { message: '终止作业失败', kind: 'kill-refused' }],
    ['of the gateway', { error_msg: 'throttled', error_code: 'APIGW.0308', request_id: 'r-1' }, { errorCode: 'APIGW.0308', kind: 'throttled' }],
    ['of IAM', { error: { code: 401, message: 'wrong password', title: 'Unauthorized' } }, { errorCode: '401', message: 'wrong password' }],
    ['of newer IAM', { error_code: 'IAM.0061', error_msg: 'locked' }, { errorCode: 'IAM.0061', message: 'locked' }],
    ['with a nested pair', { error: { error_code: '0176', error_msg: 'gone' } }, { errorCode: '0176', message: 'gone', kind: 'not-found' }],
    ['of other services', { code: 'X.1', message: 'other' }, { errorCode: 'X.1', message: 'other' }],
    ['in HTML', '<html><h1>502</h1></html>', { message: 'unreadable answer' }],
    ['that is empty', '', { message: 'empty answer' }],
    ['that is blank', ' \r\n', { message: 'empty answer' }],
    ['that is null', 'null', { message: 'unreadable answer' }],
    ['that is a list', '[{"error_code":"0175"}]', { message: 'unreadable answer' }],
    ['whose members are no texts', { error_code: { a: 1 }, error_msg: ['x'] }, { message: 'unreadable answer' }],
    ['whose error is null', { error: null }, { message: 'unreadable answer' }],
  ])('%s is understood', (_, body, expected) => {
    const status = body === '' || typeof body === 'string' ? 500 : 400;
    expect(read(status, body)).toMatchObject(expected);
  });

  it.each(['<html>', '', 'null', '[]', '{"error":null}', '{"error_code":{}}'])('without a code has none: %j', (body) => {
    expect(read(500, body)).not.toHaveProperty('errorCode');
  });

  it('keeps its words on one line and short', () => {
    const { message } = read(400, { error_code: '0175', error_msg: `a\r\n  b\t${'word '.repeat(100)}` });
    expect(message).toMatch(/^a b word word/);
    expect(message).toHaveLength(300);
    expect(message.endsWith('…')).toBe(true);
  });

  it('with a code as long as a page has no code', () => {
    expect(read(500, { error_code: 'A'.repeat(5_000), error_msg: 'words' })).toEqual({ service: 'MRS', kind: 'unavailable', status: 500, message: 'words' });
  });
});

describe('the request id', () => {
  it.each([
    ['x-request-id', '2db4dab3-0001'],
    ['x-iam-trace-id', 'token_cn-north-1_null_8b3a'],
  ])('is taken from %s, for people who ask the provider', (name, id) => {
    const trouble = read(500, { error_code: '0175', error_msg: 'failed' }, { [name]: id });
    expect(trouble.requestId).toBe(id);
    expect(describeTrouble(trouble)).toBe(`MRS answered 0175: failed (request ${id})`);
  });

  it('is left out where it is none', () => {
    expect(read(500, '', { 'x-request-id': 'two words' })).not.toHaveProperty('requestId');
  });
});

describe('Retry-After', () => {
  it.each([
    ['7', 7],
    [' 120 ', 120],
    ['0', 0],
  ])('%j counts in seconds', (header, seconds) => {
    expect(read(429, '', { 'retry-after': header }).retryAfterSec).toBe(seconds);
  });

  it.each(['Sun, 22 Nov 2026 12:00:00 GMT', '', '-1', '1.5', '1e9', '9999999', 'soon'])('%j counts as absent', (header) => {
    expect(read(429, '', { 'retry-after': header })).not.toHaveProperty('retryAfterSec');
  });
});

describe("the gateway's words", () => {
  it('on a wrong signature lose its canonical request, which holds header values', () => {
    const { message } = read(401, {
      error_code: 'APIGW.0301',
      error_msg: 'verify aksk signature fail, canonical request: POST|/v2/p/kill/||host:mrs|x-auth-token:hunter2hunter2|\n|host|e3b0c442',
    });
    expect(message).toBe('verify aksk signature fail, canonical request: …');
  });

  it('lose the secrets that the call carried, and whatever may be a piece of a token', () => {
    const token = `MII${'Ab1-'.repeat(1_000)}`;
    const { message } = read(401, { error_code: 'APIGW.0301', error_msg: `bad token ${token.slice(0, 500)} for pass"word/1` }, {}, ['pass"word/1', token]);
    expect(message).toBe('bad token … for [secret]');
  });

  it.each(['error_code', 'x-request-id'])('lose them in %s too', (place) => {
    const trouble =
      place === 'error_code' ? read(401, { error_code: 'hunter2hunter2' }, {}, ['hunter2hunter2']) : read(401, '', { [place]: 'hunter2hunter2' }, ['hunter2hunter2']);
    expect(JSON.stringify(trouble)).not.toContain('hunter2');
  });
});

describe('an answer that is missing or says nothing', () => {
  it.each(['unreachable', 'timeout'] as const)('is trouble that may pass: %s', (kind) => {
    const failed = troubleOfNoAnswer('IAM', new NoAnswer(kind, 'no answer within 5 ms'));
    expect(failed).toMatchObject({ retryable: true, trouble: { service: 'IAM', kind, message: 'no answer within 5 ms' } });
  });

  it('is not what a forbidden URL is: that error passes as it is', () => {
    const error = new UrlForbidden('no');
    expect(troubleOfNoAnswer('MRS', error)).toBe(error);
  });

  it('is worth another try where a 2xx has not what was asked for', () => {
    expect(unreadableAnswer('MRS', { status: 202, headers: {}, text: 'secret' }, 'job_detail')).toMatchObject({
      retryable: true,
      trouble: { kind: 'unavailable', status: 202, message: 'the answer has no job_detail' },
    });
  });
});
