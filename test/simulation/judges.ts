import type { Key } from '../../lib/ledger/port.ts';
import type { DurableBackend } from '../local/durable-backend.ts';
import type { Cloud } from '../simulator/cloud.ts';
import type { Actor } from './actor.ts';
import { type CardJudge, judgeCards } from './judge-cards.ts';
import { judgeConsent } from './judge-consent.ts';
import { judgeDays } from './judge-days.ts';
import { type EndJudge, judgeEnds } from './judge-ends.ts';
import { judgeKeeps } from './judge-keeps.ts';
import { judgeKills, type KillJudge } from './judge-kills.ts';
import { judgeLimits } from './judge-limits.ts';
import { judgeNews } from './judge-news.ts';
import { judgePicks } from './judge-picks.ts';
import { judgePolicy } from './judge-policy.ts';
import { judgeWarnings } from './judge-warnings.ts';
import type { LedgerTable } from './ledger.ts';
import type { Origins } from './origin.ts';
import type { WarningClick } from './owners.ts';
import type { Plot } from './plot.ts';
import type { World } from './world.ts';

/** All judges of a story, each told of what it judges by. */
export type Judges = KillJudge &
  Pick<EndJudge, 'onAccepted' | 'onAnswered' | 'onNoticeLost' | 'onSlack'> &
  Pick<CardJudge, 'onStarted'> & {
    onWritten: (actor: Actor, keys: readonly Key[]) => void;
    /** Everything has ended. */
    judgeAtTheEnd: (backend: DurableBackend) => void;
  };

/** `plot` and `clicks` are asked for once there are any. */
export function makeJudges(world: World, table: LedgerTable, cloud: Cloud, origins: Origins, plot: () => Plot, clicks: () => readonly WarningClick[], isRunning: (execution: string) => boolean, houseNow: () => number): Judges {
  const { jobs, slack } = cloud;
  const judgeNewsOf = judgeNews(world, jobs, origins, () => killJudge.kills, houseNow);
  const judgePolicyOf = judgePolicy(world, jobs, origins, plot);
  const judgeConsentOf = judgeConsent(world, table, jobs, origins, plot);
  const judgeLimitsOf = judgeLimits(world, table, origins, plot, () => killJudge.kills);
  const killJudge: KillJudge = judgeKills(world, table, plot, houseNow, (actor, kill) => {
    judgeNewsOf(actor, kill);
    pickJudge.onKill(actor, kill);
    cardJudge.onKill(actor, kill);
    warningJudge.onKill(actor, kill);
    keepJudge.onKill(actor, kill);
    judgePolicyOf(actor, kill);
    judgeConsentOf(actor, kill);
    judgeLimitsOf(actor, kill);
  });
  const endJudge = judgeEnds(world, table, cloud, killJudge);
  const pickJudge = judgePicks(world, table, jobs, origins, () => cloud.killDelayMs, () => killJudge.kills, houseNow);
  const cardJudge = judgeCards(world, table, slack.messages, origins, houseNow);
  const warningJudge = judgeWarnings(world, table, slack.messages, origins, plot, clicks, isRunning);
  const keepJudge = judgeKeeps(world, table, jobs, origins, plot, clicks);
  return {
    ...killJudge,
    onAccepted: endJudge.onAccepted,
    onAnswered: endJudge.onAnswered,
    onNoticeLost: endJudge.onNoticeLost,
    onSlack(...slackCall) {
      endJudge.onSlack(...slackCall);
      cardJudge.onSlack();
      warningJudge.onSlack();
    },
    onWritten(actor, keys) {
      endJudge.onWritten(actor, keys);
      pickJudge.onWritten(actor, keys);
      cardJudge.onWritten(keys);
      keepJudge.onWritten(actor, keys);
    },
    onStarted(execution) {
      const { pick } = origins.of(execution) ?? {};
      if (pick !== undefined) pickJudge.onChild(execution, pick);
      cardJudge.onStarted(execution);
    },
    judgeAtTheEnd(backend) {
      const executions = backend.list({});
      endJudge.judgeAtTheEnd(backend, plot());
      pickJudge.judgeAtTheEnd(plot(), executions);
      cardJudge.judgeAtTheEnd(executions);
      judgeDays({ world, table, jobs, killDelayMs: cloud.killDelayMs, messages: slack.messages, origins, keeps: keepJudge.keeps, isAlarmed: endJudge.isAlarmed }, plot(), executions);
    },
  };
}
