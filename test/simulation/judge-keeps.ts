import { Kept, keptPartition } from '../../lib/ledger/keys.ts';
import type { Key } from '../../lib/ledger/port.ts';
import { KEEP } from '../../lib/slack/button.ts';
import type { JobRecord } from '../simulator/jobs.ts';
import type { Actor } from './actor.ts';
import { closedBy } from './judge-ends.ts';
import { type Kill, MARGIN_MS, MOST_AGE_MS } from './judge-kills.ts';
import { isKillNow, warnRuleOf } from './judge-warnings.ts';
import type { LedgerTable } from './ledger.ts';
import type { Origins } from './origin.ts';
import type { WarningClick } from './owners.ts';
import type { Plot } from './plot.ts';
import { APPROVER, PEOPLE, REQUESTER } from './policy.ts';
import { MINUTE_MS, SECOND_MS, type World } from './world.ts';

/** A keep that stands. Moments are epoch ms; `chain` is the first round of its warning. */
export type Keep = { jobId: string; chain: string; rule: string; by: string; writtenAt: number; from: number; until: number };

export type KeepJudge = {
  keeps: readonly Keep[];
  onWritten: (actor: Actor, keys: readonly Key[]) => void;
  onKill: (actor: Actor, kill: Kill) => void;
};

/** The first round of the warning that a keep is of. */
const namedIn = ({ rest }: Key): string => /(\S*)-\d+$/.exec(rest)?.[1] ?? '';

/** Judges keeps: that they hold against whatever they have to, that who kept may, and for how long in all. */
export function judgeKeeps(world: World, table: LedgerTable, jobs: Map<string, JobRecord>, origins: Origins, plot: () => Plot, clicks: () => readonly WarningClick[]): KeepJudge {
  const keeps: Keep[] = [];
  const known = new Set<string>();

  function note(actor: Actor, key: Key): void {
    const kept = Kept.safeParse(table.read(key)).data;
    // Whoever closes a round puts on record what its run did not come to; a click, which has no execution, names the first round.
    const { warning, request } = origins.of(closedBy(actor.execution) || namedIn(key)) ?? {};
    if (kept === undefined || known.has(key.rest) || warning === undefined) return;
    known.add(key.rest);
    const keep: Keep = { jobId: kept.job.job_id, chain: warning.first, rule: request?.policyRule ?? '', by: kept.by, writtenAt: world.now(), from: kept.at, until: kept.until };
    judgeRight(keep, actor);
    judgeLength(keep);
    keeps.push(keep);
  }

  function judgeRight({ by, jobId, chain }: Keep, actor: Actor): void {
    const owner = PEOPLE[jobs.get(jobId)?.job.user ?? ''];
    const clicked = clicks().filter((click) => click.by === by && click.what === KEEP && origins.of(click.warning)?.warning?.first === chain);
    const mayKeep = clicked.some(({ channel }) => [REQUESTER, APPROVER, owner].includes(by) || channel === owner);
    world.judge('kept by somebody who may not', !mayKeep, () => `${actor.name}: ${by}`);
  }

  function judgeLength({ jobId, chain, rule, by, from, until }: Keep): void {
    const { keepMin = 0, keepAtMostMin = Infinity } = warnRuleOf(plot(), rule) ?? {};
    // A warning whose run cannot get on for hours holds its job no longer; what it puts on record after the next one began, that one has not read.
    const counts = (keep: Keep): boolean => keep.chain === chain || keep.writtenAt < (origins.of(chain)?.startedAt ?? 0);
    const usedMs = keeps.filter((keep) => keep.jobId === jobId && keep.rule === rule && counts(keep)).reduce((sum, keep) => sum + keep.until - keep.from, 0);
    const line = (): string => `${by} for ${(until - from) / MINUTE_MS} min after ${usedMs / MINUTE_MS} min, and ${keepMin} of ${keepAtMostMin} min are allowed`;
    world.judge('kept longer than a click keeps', until - from > keepMin * MINUTE_MS + SECOND_MS, line);
    if (by !== APPROVER) world.judge('kept for longer than keepAtMost', usedMs + until - from > keepAtMostMin * MINUTE_MS + SECOND_MS, line);
  }

  return {
    keeps,
    onWritten(actor, keys) {
      for (const key of keys) if (key.partition === keptPartition) note(actor, key);
    },
    onKill(actor, { execution, jobId }) {
      const { request, pick } = origins.of(execution) ?? {};
      const isHeldBack = request !== undefined && !isKillNow(request) && (request.trigger === 'cleanup' || pick !== undefined || warnRuleOf(plot(), request.policyRule) !== undefined);
      const keep = keeps.find((one) => one.jobId === jobId && one.writtenAt < world.now() - MOST_AGE_MS - MARGIN_MS && one.until > world.now() + SECOND_MS);
      if (isHeldBack) world.judge('kill of a job that is kept', keep !== undefined, () => `${actor.name}: by ${keep?.by} for ${Math.round(((keep?.until ?? 0) - world.now()) / MINUTE_MS)} min more`);
    },
  };
}
