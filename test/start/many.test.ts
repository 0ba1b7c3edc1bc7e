import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { endEntry, endUntil, historyEntries } from '../../lib/kill/history-entries.ts';
import { openEntries } from '../../lib/kill/remember.ts';
import { startEnd } from '../../lib/ledger/keys.ts';
import { listHistory } from '../../lib/slack/history.ts';
import { aRequest, NOON } from '../core/a-job.ts';
import { alerts, anAlert, MINUTE_MS, type StartStage, startStartStage, tally } from '../stage/start.ts';

const MANY = 50_000;

let stage: StartStage;
beforeEach(async () => {
  stage = await startStartStage();
});
afterEach(() => stage.close());

/** Ends of other alerts, all in the hour before noon. */
async function fillLedger(): Promise<void> {
  const request = aRequest({ trigger: 'alerts' });
  const parts = { policyHash: stage.load().starter.policyHash, clusters: [], clock: { now: () => NOON } };
  for (let from = 0; from < MANY; from += 8) {
    const entries = Array.from({ length: 8 }, (_, index) => {
      const id = { name: `alerts-live-${(from + index).toString(16).padStart(32, '0')}`, start: 1 };
      const began = NOON - 60 * MINUTE_MS + from + index;
      const end = endEntry(parts, request, { outcome: 'killed', reason: `end ${from + index}` }, { since: began, began });
      return [...openEntries(id, request, { began, since: began }), { key: startEnd(id.name, 1), value: end, until: endUntil(NOON) }, ...historyEntries(id, request, began, '1', end, endUntil(NOON))];
    }).flat();
    for (let at = 0; at < entries.length; at += 25) await stage.ledger.put(entries.slice(at, at + 25));
  }
}

describe(`a ledger with ${MANY} Ends`, () => {
  it('changes no answer: two hundred repeats at once are duplicates, what is new starts, what failed starts anew, history is the newest ten', async () => {
    stage.ending = () => ({ outcome: 'failed' });
    await stage.deliver([anAlert('old')]);
    await stage.backend.idle();
    stage.ending = () => ({ outcome: 'killed' });
    await stage.deliver(alerts(1));
    await stage.backend.idle();
    await fillLedger();
    stage.clock.advanceTo(NOON + 20 * MINUTE_MS);
    stage.lambda.calls.length = 0;

    const repeats = await Promise.all(Array.from({ length: 200 }, () => stage.deliver(alerts(1))));
    expect(tally(repeats.flat())).toEqual({ duplicate: 200 });
    // One start each, and nothing else is asked of Lambda: its API has quotas for a whole account.
    expect([stage.lambda.calls.length, stage.lambda.of('start').length]).toEqual([200, 200]);
    expect(tally(await stage.deliver([anAlert('old'), anAlert('new')]))).toEqual({ accepted: 2 });
    await stage.backend.idle();

    const { text } = await listHistory({ ledger: stage.ledger, clusters: [], policy: stage.load().policy, clock: { now: () => NOON + 20 * MINUTE_MS } });
    expect(text.split('\n').slice(1).map((line) => line.slice(0, 12))).toEqual(Array.from({ length: 10 }, () => '• *Killed* `'));
  }, 120_000);
});
