import { describe, expect, it } from '@jest/globals';
import { CallBackFailed, describeTrouble, findKnownCode, InvalidRequest, KNOWN_CODES, SettingsInvalid, TooLarge, TROUBLE_KINDS, type Trouble, troubleCode, Unauthorized, UpstreamFailed } from '../../lib/core/errors.ts';

const TROUBLE: Trouble = { service: 'MRS', kind: 'kill-refused', message: 'Failed to terminate the job.' };

it('each error has a name and a code of its own, and says whether the same call may succeed later', () => {
  const errors = [new InvalidRequest('x'), new Unauthorized('no token'), new CallBackFailed('x'), new TooLarge('x'), new SettingsInvalid([]), new UpstreamFailed(TROUBLE)];
  expect(errors.map(({ name, code, retryable }) => [name, code, retryable])).toEqual([
    ['InvalidRequest', 'invalid_request', false],
    ['Unauthorized', 'unauthorized', false],
    ['CallBackFailed', 'call_back_failed', true],
    ['TooLarge', 'too_large', false],
    ['SettingsInvalid', 'settings_invalid', false],
    ['UpstreamFailed', 'upstream_failed', false],
  ]);
});

it('who is not let in is told the same whatever the cause, which is for the log', () => {
  const { message, cause, hint } = new Unauthorized('wrong token', 'another source has it');
  expect([message, cause, hint]).toEqual(['authentication failed', 'wrong token', 'another source has it']);
});

it('wrong settings are said one by one', () => {
  const problems = [{ name: 'A', problem: 'is missing' }, { name: 'B', problem: 'has to be https' }];
  expect(new SettingsInvalid(problems)).toMatchObject({ message: 'settings: A: is missing; B: has to be https', problems });
});

describe('trouble with MRS', () => {
  it('passes where there was no answer, or one that says so', () => {
    const passes = TROUBLE_KINDS.filter((kind) => new UpstreamFailed({ ...TROUBLE, kind }).retryable);
    expect(passes).toEqual(['unreachable', 'timeout', 'unavailable', 'throttled', 'busy']);
    expect(new UpstreamFailed(TROUBLE)).toMatchObject({ message: 'MRS: Failed to terminate the job.', trouble: TROUBLE });
  });

  it.each<[Partial<Trouble>, string]>([
    [{}, 'MRS: Failed to terminate the job.'],
    [{ requestId: '2db4' }, 'MRS: Failed to terminate the job.'],
    [{ status: 500 }, 'MRS answered HTTP 500: Failed to terminate the job.'],
    [{ errorCode: '0175' }, 'MRS answered 0175: Failed to terminate the job.'],
    [{ status: 500, errorCode: '0175', requestId: '2db4' }, 'MRS answered 0175: Failed to terminate the job. (request 2db4)'],
    [{ service: 'IAM', kind: 'timeout', message: 'after 5 s', status: 200 }, 'IAM gave no answer: after 5 s'],
    [{ service: 'IAM', kind: 'unreachable', message: 'ECONNRESET', status: 200 }, 'IAM gave no answer: ECONNRESET'],
  ])('is one sentence: %j', (fields, text) => {
    expect(describeTrouble({ ...TROUBLE, ...fields })).toBe(text);
  });

  it('is counted by its code, and without one by its kind', () => {
    expect([troubleCode({ ...TROUBLE, errorCode: 'IAM.0061' }), troubleCode(TROUBLE)]).toEqual(['IAM.0061', 'kill-refused']);
  });

  it('is known by its code, whose gateway may be a dedicated one', () => {
    expect(KNOWN_CODES.map(findKnownCode)).toEqual(KNOWN_CODES);
    expect(['APIG.0308', 'APIGW.0308', 'X-APIG.0308', 'APIG-0308', '9999', undefined].map(findKnownCode)).toEqual(['APIGW.0308', 'APIGW.0308', undefined, undefined, undefined, undefined]);
  });

  it('has the codes that are documented', () => {
    expect(KNOWN_CODES.join(' ')).toBe(
      '0023 0160 0162 0166 0167 0174 0175 0176 0180 0192 0193 0200 0201 0202 12000001 12000003 12000004 12000052 12000080 12000136 130000002 ' +
        'APIGW.0101 APIGW.0301 APIGW.0302 APIGW.0303 APIGW.0304 APIGW.0305 APIGW.0306 APIGW.0307 APIGW.0308 ' +
        'APIGW.0601 APIGW.0605 APIGW.0606 APIGW.0608 APIGW.0609 APIGW.0610 APIGW.0611 APIGW.0613',
    );
  });
});
