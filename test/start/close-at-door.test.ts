import { describe, expect, it } from '@jest/globals';
import { dayPartition, doorKey } from '../../lib/ledger/keys.ts';
import { closeAtDoor } from '../../lib/start/close-at-door.ts';
import { nameAtDoor } from '../../lib/start/names.ts';
import { aRequest, HOUR_MS, NOON } from '../core/a-job.ts';
import { aStart, type PlayedStart } from './a-start.ts';

describe('a request that ends at the door', () => {
  const request = aRequest({ trigger: 'alerts', killId: 'kill-1', receivedAt: NOON - 500 });
  const end = { outcome: 'refused', rule: 'target', reason: 'target: none' } as const;
  const close = async (of: Parameters<typeof closeAtDoor>[3] = end, { prepare = () => undefined, closeBy, killId = 'kill-1' }: { prepare?: (played: PlayedStart) => unknown; closeBy?: number; killId?: string } = {}) => {
    const played = await aStart();
    await prepare(played);
    const isNew = await closeAtDoor({ ...played.parts.starter, ...(closeBy !== undefined && { closeBy }) }, { ...request, killId }, 'd-1', of);
    return { ...played, isNew, audit: played.lines.filter(({ level }) => level === 'audit'), name: nameAtDoor('svc-test-kill:durable', 'alerts', 'd-1') };
  };

  it.each<[Parameters<typeof closeAtDoor>[3], object]>([
    [end, { outcome: 'refused', rule: 'target' }],
    [{ outcome: 'ignored', rule: 'test', reason: 'a test' }, { outcome: 'ignored', rule: 'test' }],
    [{ outcome: 'ignored', reason: 'a test' }, { outcome: 'ignored', rule: 'ignored' }],
  ])('stands there as %j, once in the history, and in the audit', async (of, said) => {
    const { isNew, stands, list, audit, name } = await close(of);
    expect(isNew).toBe(true);
    expect(await stands(doorKey(name))).toMatchObject({ owner: name, start: 1, value: { at: NOON, killId: 'kill-1', ...said }, until: NOON + 14 * 24 * HOUR_MS });
    expect(await list(dayPartition(NOON))).toMatchObject([{ rest: `2026-03-01T11:59:59.500Z-${name}-1`, value: { outcome: of.outcome, since: NOON - 500, began: NOON - 500 }, until: NOON + 30 * 24 * HOUR_MS }]);
    expect(audit).toMatchObject([{ message: 'kill request ended', run: name, kill_id: 'kill-1' }]);
  });

  const before = async ({ ledger, parts }: PlayedStart) => void (await closeAtDoor({ ...parts.starter, log: (await aStart()).parts.log }, { ...request, killId: 'kill-0' }, 'd-1', end), (ledger.calls.length = 0));

  it('a second time is only a repeat: nothing new is written', async () => {
    const { isNew, audit, list, ledger } = await close(end, { prepare: before });
    expect([isNew, audit, (await list(dayPartition(NOON))).length, ledger.calls.map(({ on }) => on)]).toEqual([false, [], 1, ['claim', 'list']]);
  });

  it('a second time by the same request is written once more: its first answer was lost', async () => {
    const { isNew, audit } = await close(end, { prepare: before, killId: 'kill-0' });
    expect([isNew, audit.length]).toEqual([true, 1]);
  });

  it('keeps its answer where the ledger is away, for 2 s or until the delivery has to be done', async () => {
    const away = ({ ledger }: PlayedStart) => void (ledger.script = () => 'fails');
    const asked: (number | undefined)[] = [];
    const deadlines = ({ ledger }: PlayedStart): void => {
      const claim = ledger.claim.bind(ledger);
      ledger.claim = (key, wish, call) => (asked.push(call.deadline), claim(key, wish, call));
      const put = ledger.put.bind(ledger);
      ledger.put = (entries, call) => (asked.push(call?.deadline), put(entries, call));
    };
    await close(end, { prepare: deadlines });
    await close(end, { prepare: deadlines, closeBy: NOON });
    expect(asked).toEqual([NOON + 2_000, NOON + 2_000, NOON, NOON]);
    const { isNew, audit, lines } = await close(end, { prepare: away });
    expect([isNew, audit.length]).toEqual([true, 1]);
    expect(lines[0]).toMatchObject({ level: 'error', message: 'the end of a request at the door could not be written', kill_id: 'kill-1' });
    const late = await close(end, { closeBy: NOON - 1 });
    expect([late.isNew, late.ledger.calls, late.audit.length]).toEqual([true, [], 1]);
    expect(late.lines[0]).toMatchObject({ error: expect.objectContaining({ message: 'no time was left for the ledger' }) });
    await expect(close(end, { prepare: ({ ledger }) => void (ledger.claim = () => Promise.reject(new TypeError('a fault of ours'))) })).rejects.toThrow('a fault of ours');
  });
});
