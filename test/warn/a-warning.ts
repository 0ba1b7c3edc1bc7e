import type { End } from '../../lib/core/end.ts';
import type { KillRequest } from '../../lib/core/request.ts';
import { type Answer, startAnswer } from '../../lib/ledger/keys.ts';
import type { PutEntry } from '../../lib/ledger/port.ts';
import { createLog } from '../../lib/log/log.ts';
import { runWarning } from '../../lib/warn/round.ts';
import type { Warner, Warning } from '../../lib/warn/warner.ts';
import { aJob, aRequest, HOUR_MS, NOON } from '../core/a-job.ts';
import { aRun, ID, type PlayedRun, type RunPlan } from '../kill/a-run.ts';

export const MINUTE_MS = 60_000;
export const DAY_MS = 24 * HOUR_MS;
export const JOB = aJob();
/** Warns for half an hour, keeps for an hour, two in all. */
export const TERMS = { warnMs: 30 * MINUTE_MS, keepMs: HOUR_MS, keepAtMostMs: 2 * HOUR_MS };
export const RULE = { name: 'stale', askAgainMs: 24 * HOUR_MS };
export const STALE = { name: 'stale', cluster: 'analytics', match: { queue: 'adhoc' }, action: 'kill', ...TERMS } as const;
export const FIRST = { name: 'cleanup-live-1', start: 1 };
/** The round after the first, of which an hour was kept. */
export const SECOND = { first: FIRST, round: 2, usedMs: HOUR_MS };

export type WarningPlan = RunPlan & {
  /** What somebody clicks while it stands, and how long after its callback is open. */
  click?: { afterMs: number; answer: Omit<Answer, 'at'> };
  /** Why what it hands on to cannot be started. */
  onStart?: () => void;
};

export type PlayedWarning = Omit<PlayedRun, 'parts' | 'play'> & {
  parts: Warner;
  /** For how long (s) it waited for a click, each time, and the callbacks that were woken. */
  waits: number[];
  woken: string[];
  /** What it handed on to. */
  handed: KillRequest[];
  /** What was counted, in order. */
  counted: string[];
  play: (request?: Partial<KillRequest>) => Promise<End | undefined>;
  get: (key: PutEntry['key']) => Promise<unknown>;
};

export const wished = (fields: Partial<KillRequest> = {}): KillRequest => aRequest({ trigger: 'cleanup', requestedBy: 'cleanup rule stale', reason: 'stale', policyRule: 'stale', rule: RULE, warns: true, ...fields });
export const warningOf = (fields: Partial<Warning> = {}): Warning => ({ job: JOB, rule: { action: 'kill', dryRun: false, ...TERMS }, usedMs: 0, ...fields });

/** A round of a warning by itself: the moves of `aRun`, and a click as the plan has it. */
export async function aWarning({ click, onStart = () => undefined, ...plan }: WarningPlan = {}): Promise<PlayedWarning> {
  const { play: _play, ...run } = await aRun({ ...plan, policy: { cleanup: [STALE], slack: { channel: 'C1', mayKill: [], mayApprove: ['U9'] }, ...plan.policy } });
  const { clock, ledger } = run;
  const [waits, woken, handed, counted]: [number[], string[], KillRequest[], string[]] = [[], [], [], []];
  const id = plan.id ?? ID;
  const parts: Warner = {
    ...run.parts,
    log: createLog({
      level: 'debug', now: clock.now, write(line) {
        const read = JSON.parse(line) as PlayedRun['lines'][number] & { _aws?: { CloudWatchMetrics: { Metrics: { Name: string }[] }[] } };
        if (read._aws) counted.push(...read._aws.CloudWatchMetrics.flatMap(({ Metrics }) => Metrics.map(({ Name }) => Name)));
        else run.lines.push(read);
      },
    }),
    show: run.parts.show ?? (async () => undefined),
    async awaitClick(seconds, onOpen) {
      waits.push(seconds);
      await onOpen('callback-1');
      if (woken.length > 0) return;
      await clock.sleep(click?.afterMs ?? seconds * 1_000);
      if (click) await ledger.claim(startAnswer(id.name, id.start), { owner: id.name, start: id.start, until: NOON + 9 * DAY_MS, value: { at: clock.now(), ...click.answer } }, { now: clock.now() });
    },
    wake: async (callback) => void woken.push(callback),
    next: {
      nameOf: ({ warns, warning }) => `${warns ? 'round' : 'kill'}-${warning?.round}`,
      async start(request) {
        handed.push(request);
        onStart();
      },
    },
  };
  return {
    ...run, parts, waits, woken, handed, counted,
    play: (request = {}) => runWarning(parts, wished(request)),
    get: async (key) => (await ledger.get([key], { now: clock.now() }))[0]?.value,
  };
}
