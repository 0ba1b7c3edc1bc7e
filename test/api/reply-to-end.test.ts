import { describe, expect, it } from '@jest/globals';
import type { End } from '../../lib/core/end.ts';
import type { Trouble } from '../../lib/core/errors.ts';
import type { Job } from '../../lib/core/job.ts';
import { replyToEnd } from '../../lib/api/reply-to-end.ts';
import type { Caller } from '../../lib/api/read-request.ts';

const OURS: Caller = { kind: 'api-token', name: 'ci' };
const OWN = { kind: 'iam-token', name: 'token:1' } as Caller;
const SHOWN = {
  cluster: 'analytics', job_id: 'job-1', job_name: 'etl', job_type: 'Spark', user: 'u', queue: 'q', job_state: 'RUNNING', job_result: 'UNDEFINED',
  app_id: 'a', launcher_id: 'l', submitted_time: 1, started_time: 2,
};
const job = { ...SHOWN, tracking_url: 'https://not-shown' } as unknown as Job;
const LOOK = ': look at the job before you send it again';
const SENT = `; a kill was sent and may still take effect${LOOK}`;

describe('the answer of REST', () => {
  it.each<[end: Partial<End> & Pick<End, 'outcome'>, status: number, body: object]>([
    [{ outcome: 'accepted', job }, 202, { outcome: 'accepted', job: SHOWN, reason: 'why' }],
    [{ outcome: 'already-over', job }, 200, { outcome: 'already-over', job: SHOWN, reason: 'why' }],
    [{ outcome: 'would-kill' }, 200, { outcome: 'would-kill', reason: 'why' }],
    [{ outcome: 'killed', job }, 200, { outcome: 'killed', job: SHOWN }],
    [{ outcome: 'finished-first' }, 200, { outcome: 'finished-first' }],
    [{ outcome: 'refused', rule: 'ask', job }, 409, { error_code: 'KILL.0409', error_msg: 'why; ask in Slack with /mrs kill job-1 on analytics, or change ask: in policy.yml' }],
    [{ outcome: 'refused', rule: 'ask' }, 409, { error_code: 'KILL.0409', error_msg: 'why' }],
    [{ outcome: 'refused', rule: 'kept', job }, 403, { error_code: 'KILL.0403', error_msg: 'why' }],
    [{ outcome: 'refused', rule: 'changed', mayTakeEffect: true }, 403, { error_code: 'KILL.0403', error_msg: `why${LOOK}` }],
    [{ outcome: 'ambiguous', candidates: [job, { ...job, job_id: 'job-2' }] }, 409, { error_code: 'KILL.0409', error_msg: 'ambiguous: why: job-1, job-2' }],
    [{ outcome: 'ambiguous' }, 409, { error_code: 'KILL.0409', error_msg: 'ambiguous: why: ' }],
    [{ outcome: 'not-found' }, 404, { error_code: 'KILL.0404', error_msg: 'not-found: why' }],
    [{ outcome: 'expired' }, 504, { error_code: 'KILL.0504', error_msg: 'why' }],
    [{ outcome: 'expired', mayTakeEffect: true }, 504, { error_code: 'KILL.0504', error_msg: `why${LOOK}` }],
    [{ outcome: 'failed', code: 'ledger' }, 503, { error_code: 'KILL.0503', error_msg: 'why' }],
    [{ outcome: 'failed', code: 'ledger', trouble: { service: 'MRS', kind: 'timeout', message: 'm' } }, 503, { error_code: 'KILL.0503', error_msg: 'why' }],
    [{ outcome: 'failed', code: 'unanswered', mayTakeEffect: true }, 502, { error_code: 'KILL.0502', error_msg: `why${LOOK}` }],
  ])('to %j', (end, status, body) => {
    for (const caller of [OURS, OWN]) expect(replyToEnd({ reason: 'why', ...end }, caller)).toEqual({ status, body });
  });

  it.each(['declined', 'still-running', 'notified', 'ignored'] as const)('is never %s', (outcome) => {
    expect(() => replyToEnd({ outcome, reason: 'why' }, OURS)).toThrow(`REST does not end in ${outcome}`);
  });

  const mrs = (more: Partial<Trouble>): Trouble => ({ service: 'MRS', kind: 'rejected', message: 'No.', ...more });
  it.each<[trouble: Trouble, status: number, code: string, withJob: boolean, retryAfter: string]>([
    [mrs({ kind: 'kill-refused', errorCode: '0175', status: 400 }), 500, '0175', true, ''],
    [mrs({ kind: 'kill-refused', errorCode: '0175', status: 400 }), 502, 'KILL.0502', false, ''],
    [mrs({ kind: 'rejected' }), 502, 'KILL.0502', true, ''],
    [mrs({ service: 'IAM', errorCode: '0175' }), 502, 'KILL.0502', true, ''],
    [mrs({ errorCode: 'APIG.0201' }), 502, 'KILL.0502', true, ''],
    [mrs({ errorCode: 'APIGW.0201' }), 502, 'KILL.0502', true, ''],
    [mrs({ errorCode: 'IAM.0061' }), 502, 'KILL.0502', true, ''],
    [mrs({ errorCode: 'x.APIG.1' }), 500, 'x.APIG.1', true, ''],
    [mrs({ kind: 'unauthorized', errorCode: '0192' }), 502, 'KILL.0502', true, ''],
    [mrs({ kind: 'forbidden', errorCode: '0192' }), 502, 'KILL.0502', true, ''],
    [mrs({ kind: 'timeout' }), 504, 'KILL.0504', true, ''],
    [mrs({ kind: 'unreachable' }), 502, 'KILL.0502', true, ''],
    [mrs({ kind: 'throttled', errorCode: '0200' }), 429, 'KILL.0429', true, '5'],
    [mrs({ kind: 'throttled', retryAfterSec: 17 }), 429, 'KILL.0429', true, '17'],
  ])('to trouble %j is %i %s', (trouble, status, code, withJob, retryAfter) => {
    for (const mayTakeEffect of [false, true]) {
      const reply = replyToEnd({ outcome: 'failed', reason: 'why', trouble, ...(withJob && { job }), ...(mayTakeEffect && { mayTakeEffect }) }, OURS);
      expect([reply.status, reply.body?.['error_code'], reply.headers, reply.refused]).toEqual([status, code, retryAfter === '' ? undefined : { 'retry-after': retryAfter }, undefined]);
      const message = String(reply.body?.['error_msg']);
      expect(message).toContain('No.');
      expect(message.endsWith(SENT)).toBe(mayTakeEffect);
      if (status === 500) expect(message).toBe(`No.${mayTakeEffect ? SENT : ''}`);
    }
  });

  it.each<[more: Partial<Trouble>, status: number, code: string]>([
    [{ kind: 'unauthorized', status: 401, errorCode: 'APIGW.0307' }, 401, 'APIGW.0307'],
    [{ kind: 'forbidden', status: 403, errorCode: '12000052' }, 403, '12000052'],
    [{ kind: 'forbidden', status: 401 }, 401, 'KILL.0401'],
    [{ kind: 'unauthorized', status: 403 }, 403, 'KILL.0403'],
    [{ kind: 'forbidden', status: 400, errorCode: '0192' }, 403, '0192'],
    [{ kind: 'unauthorized', status: 400 }, 401, 'KILL.0401'],
  ])("to MRS's refusal of a caller's own token, %j, is %i %s", (more, status, code) => {
    const end: End = { outcome: 'failed', reason: 'why', trouble: mrs(more), job };
    const refused = { cause: 'token refused by MRS', hint: more.errorCode };
    expect(replyToEnd(end, OWN)).toEqual({ status, body: { error_code: code, error_msg: 'No.' }, refused });
    expect(replyToEnd({ ...end, mayTakeEffect: true }, OWN)).toEqual({ status, body: { error_code: code, error_msg: `No.${SENT}` }, refused });
  });
});
