import { describe, expect, it } from '@jest/globals';
import { openEntries } from '../../lib/kill/remember.ts';
import { runJob, startAnswer, startHeld, switchKey } from '../../lib/ledger/keys.ts';
import type { PutEntry } from '../../lib/ledger/port.ts';
import { runWarningPayload } from '../../lib/start/run-warning.ts';
import { aJob, aRequest, HOUR_MS, NOON } from '../core/a-job.ts';
import { ANALYTICS } from '../kill/mrs-of-simulator.ts';
import { play } from './a-payload.ts';
import { entryOf, ID, MINUTE_MS, type PlayedStart, type StartPlan } from './a-start.ts';

const job = aJob({ job_id: 'job-1', job_name: 'etl' });
const request = aRequest({ killId: 'kill-w', trigger: 'alerts', policyRule: 'alerts.1', rule: { content: 'c-1', askAgainMs: 24 * HOUR_MS }, warns: true, target: { cluster: 'analytics', job: { by: 'mrs-id', id: 'job-1' } } });
const SEEN = { cluster: ANALYTICS.id, job_id: 'job-1', job_name: 'etl', job_type: '', user: '', queue: '', app_id: '', launcher_id: '' };
const UNTIL = NOON + 10 * MINUTE_MS;
/** A warning that stands until ten past noon. */
const STANDS = [...openEntries(ID, request, { began: NOON, since: NOON }), entryOf(runJob(ID.name), SEEN), entryOf(startHeld(ID.name, 1, 'warned'), { at: NOON, until: UNTIL, callback: 'of before', keepMs: HOUR_MS, usedMs: 0 })];
const clicked = (what: string): PutEntry => entryOf(startAnswer(ID.name, 1), { at: NOON + MINUTE_MS, what, by: 'U1' });

const warn = ({ stands = STANDS, onClick, prepare = () => undefined, ...plan }: StartPlan & { onClick?: (played: PlayedStart) => unknown; prepare?: (played: PlayedStart) => void } = {}) => play({
  plan: { stands, ...plan }, payload: { kind: 'warn', request, ...ID, attempt: 'a-1' }, run: runWarningPayload,
  ...(onClick && { onClick }), parts: (played) => {
    prepare(played);
    return { mrs: { job: async () => job } as never };
  },
});

describe('a warning that stands', () => {
  it('waits for a click until its time is up, and hands on to the kill', async () => {
    const { result, callbacks, started, stands, ids, answers } = await warn();
    expect([result, ids]).toEqual([{ kill_id: 'kill-w', outcome: 'warned' }, expect.arrayContaining(['kill-w'])]);
    expect(callbacks).toEqual([{ name: 'click', timeout: { seconds: 600 } }]);
    expect(started.map(({ payload }) => payload)).toMatchObject([{ kind: 'kill', request: { killId: 'kill-w', warning: { first: ID, round: 1 } } }]);
    expect((await stands(startHeld(ID.name, 1, 'warned')))?.value).toMatchObject({ callback: 'callback-1', until: UNTIL });
    expect(answers).toEqual([]);
  });

  it('goes on as soon as it is woken', async () => {
    const { result, clock } = await warn({ onClick: ({ ledger }) => ledger.put([clicked('kill')]) });
    expect([result?.outcome, clock.now()]).toEqual(['warned', NOON]);
  });

  it('wakes itself where somebody clicked before its callback was on record', async () => {
    const { answers } = await warn({ prepare: ({ ledger }) => {
      const put = ledger.put.bind(ledger);
      ledger.put = async (entries, ...rest) => (await put([clicked('kill')]), put(entries, ...rest));
    } });
    expect(answers).toEqual(['callback-1 answered']);
  });

  it('does not hide a fault of ours, and hands nothing on then', async () => {
    await expect(warn({ onClick: () => { throw new TypeError('a fault of ours'); } })).rejects.toThrow('a fault of ours');
  });
});

describe('a warning that has not stood yet', () => {
  const begun = openEntries(ID, request, { began: NOON, since: NOON });

  it('is refused while the switch is on, and nothing was killed', async () => {
    const { result, started } = await warn({ stands: [...begun, entryOf(switchKey, { at: NOON })] });
    expect([result, started]).toEqual([{ kill_id: 'kill-w', outcome: 'refused' }, []]);
  });
});
