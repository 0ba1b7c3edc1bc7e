import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { KillRequest } from '../../lib/core/request.ts';
import { TRIGGERS } from '../../lib/core/request.ts';
import { nameAtDoor, nameEndOf, nameExecution, nameNotice, nameOccurrence } from '../../lib/start/names.ts';
import { aPolicy, aRequest } from '../core/a-job.ts';
import { runs } from '../support/full-size.ts';

const DEPLOYMENT = 'mrs-killswitch-prod-kill:durable';
const alert = aRequest({ trigger: 'alerts' });
const DRY = aPolicy({ dryRun: true });

const name = (request: KillRequest = alert, deliveryKey = 'generic a-1', policy = aPolicy(), deployment = DEPLOYMENT): string =>
  nameExecution(policy, deployment, request, deliveryKey);

describe('the name of an execution', () => {
  it('is the same in every run, version and process: it is what keeps a repeat from starting', () => {
    expect(name()).toBe('alerts-live-784320dc224e418aa00f96ceacc5f8fa');
    expect(name(aRequest({ trigger: 'alerts', target: { job: { by: 'name', name: 'nightly-etl' } } }))).toBe('alerts-live-77bdad338eef9ed6e046718750a13cae');
    expect(name({ ...alert, warns: true })).toBe('alerts-live-64c9d9865338b5debafac117f1af5b44');
    expect(nameAtDoor(DEPLOYMENT, 'alerts', 'generic a-1')).toBe('alerts-door-41c5c7d1231f390abcdda86a4942211a');
    expect(nameOccurrence('generic', 'a-1')).toBe('53a602a7d8aab56471d0aeb533e35c7b');
    expect(nameNotice(DEPLOYMENT, 'perHour', '2026112213')).toBe('notice-f1ec17f7342389bd1a7cb51993e0e047');
  });

  it.each(TRIGGERS)('of %s is the trigger, dry or live, and a hash', (trigger) => {
    expect(name(aRequest({ trigger }))).toMatch(new RegExp(`^${trigger}-live-[0-9a-f]{32}$`));
    expect(name(aRequest({ trigger }), 'generic a-1', DRY)).toMatch(new RegExp(`^${trigger}-dry-[0-9a-f]{32}$`));
  });

  it('is dry for what only tells people, and live for what a warning hands on to, whatever the policy says by then', () => {
    expect(name({ ...alert, action: 'notify' })).toMatch(/^alerts-dry-/);
    const handed = { ...alert, warning: { first: { name: 'alerts-live-1', start: 1 }, round: 1, usedMs: 0 } };
    expect(name(handed, 'generic a-1', DRY)).toBe(name(handed));
    expect(name(handed)).toMatch(/^alerts-live-/);
  });

  it('fits Lambda whatever stands in it, with the number of a restart too', () => {
    const anyRequest = fc.record({ trigger: fc.constantFrom(...TRIGGERS), name: fc.string({ unit: 'binary' }), cluster: fc.option(fc.string({ unit: 'binary' }), { nil: undefined }) });
    fc.assert(
      fc.property(anyRequest, fc.string({ unit: 'binary' }), ({ trigger, name: job, cluster }, deliveryKey) => {
        const first = name(aRequest({ trigger, target: { cluster, job: { by: 'name', name: job } } }), deliveryKey);
        for (const each of [first, `${first}-99`, nameEndOf(`${first}-99`), nameAtDoor(DEPLOYMENT, trigger, deliveryKey)]) expect(each).toMatch(/^[A-Za-z0-9_-]{1,64}$/);
      }),
      { numRuns: runs(100) },
    );
  });

  const cluster = 'analytics';
  it.each<[string, string]>([
    ['delivery key', name(alert, 'generic a-2')],
    ['source in the delivery key', name(alert, 'alertmanager a-1')],
    ['stage', name(alert, 'generic a-1', aPolicy(), 'mrs-killswitch-dev-kill:durable')],
    ['service', name(alert, 'generic a-1', aPolicy(), 'other-prod-kill:durable')],
    ['job', name(aRequest({ trigger: 'alerts', target: { cluster, job: { by: 'mrs-id', id: '00000000-0000-4000-8000-000000000001' } } }))],
    ['kind of reference', name(aRequest({ trigger: 'alerts', target: { cluster, job: { by: 'name', name: '431b135e-c090-489f-b1db-0abe3822b855' } } }))],
    ['cluster', name(aRequest({ trigger: 'alerts', target: { ...alert.target, cluster: 'dev' } }))],
    ['missing cluster', name(aRequest({ trigger: 'alerts', target: { job: alert.target.job } }))],
    ['trigger', name(aRequest({ trigger: 'cleanup' }))],
    ['dry run of the policy', name(alert, 'generic a-1', DRY)],
    ['dry run of the policy for this trigger', name(alert, 'generic a-1', aPolicy({ dryRun: ['alerts'] }))],
    ['dry run of the request', name({ ...alert, dryRun: true })],
  ])('is another one for another %s', (_, other) => {
    expect(other).not.toBe(name());
  });

  it('cannot be made equal by moving a border between its parts', () => {
    const target = { cluster: 'b', job: { by: 'name', name: 'c' } } as const;
    expect(name(aRequest({ trigger: 'alerts', target }), 'a')).not.toBe(name(aRequest({ trigger: 'alerts', target: { ...target, cluster: 'c' } }), 'ab'));
    expect(name(alert, 'a","b')).not.toBe(name(alert, 'a'));
  });

  it.each<[string, Partial<KillRequest>]>([
    ['id of the request', { killId: 'kill-2' }],
    ['time of receipt', { receivedAt: 1 }],
    ['reason and requester', { reason: 'again', requestedBy: 'generic alert Other' }],
    ['action', { action: 'ask' }],
  ])('is the same for another %s: those differ from repeat to repeat', (_, fields) => {
    expect(name({ ...alert, ...fields })).toBe(name());
  });

  it('is the same for another time in the target: one delivery can be written with another', () => {
    const at = (submittedBefore: number) => name({ ...alert, target: { ...alert.target, submittedBefore } });
    expect(at(1_795_350_000_000)).toBe(at(1_795_350_060_000));
    const pick = { order: 'longest-running', count: 1, queue: 'adhoc' } as const;
    const picked = (submittedBefore: number, dryRun = false) => {
      const { target: _, ...request } = alert;
      return nameExecution(aPolicy(), DEPLOYMENT, { ...request, dryRun, target: { cluster, pick, submittedBefore } }, 'smn m-1');
    };
    expect(picked(1_795_350_000_000)).toBe(picked(1_795_350_060_000));
    // A pick kills nothing itself; its dry run is another one all the same.
    expect(picked(1)).toMatch(/^alerts-dry-/);
    expect(picked(1)).not.toBe(picked(1, true));
  });
});

describe('the name of a notice', () => {
  it('differs by deployment, subject and hour, and never looks like a kill', () => {
    const first = nameNotice(DEPLOYMENT, 'perHour', '2026112213');
    const others = [nameNotice('x:durable', 'perHour', '2026112213'), nameNotice(DEPLOYMENT, 'perDelivery', '2026112213'), nameNotice(DEPLOYMENT, 'perHour', '2026112214')];
    expect(first).toMatch(/^notice-[0-9a-f]{32}$/);
    expect(new Set([first, ...others]).size).toBe(4);
  });
});
