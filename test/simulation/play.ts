import type { Operation } from '@aws-sdk/client-lambda';
import type { OpenSend } from '../../lib/http/send.ts';
import { SWITCH_OWNER, switchKey } from '../../lib/ledger/keys.ts';
import type { Key, Ledger } from '../../lib/ledger/port.ts';
import type { Engine } from '../../lib/start/engine.ts';
import { PROJECT_ID } from '../simulator/client.ts';
import { endJobByHand, isJobOver, refreshJob } from '../simulator/jobs.ts';
import { settingsOf } from '../simulator/settings.ts';
import { type Actor, shortName } from './actor.ts';
import { callOutside } from './call.ts';
import { BOT_TOKEN, CLOUD_URL, makeCloud } from './cloud.ts';
import { ALERT_TOKEN, API_TOKEN, makeDoors, SIGNING_SECRET } from './doors.ts';
import { KILL_FUNCTION, makeDurable, WARN_FUNCTION } from './durable.ts';
import { type Around, type Functions, makeFunctions } from './house.ts';
import { judgeCards } from './judge-cards.ts';
import { judgeDays } from './judge-days.ts';
import { judgeEnds } from './judge-ends.ts';
import { judgeKeeps } from './judge-keeps.ts';
import { judgeKills, type KillJudge } from './judge-kills.ts';
import { judgeNews } from './judge-news.ts';
import { judgePicks } from './judge-picks.ts';
import { judgePolicy } from './judge-policy.ts';
import { judgeWarnings } from './judge-warnings.ts';
import { ledgerOver, makeLedgerTable } from './ledger.ts';
import { keepOrigins } from './origin.ts';
import { makePeople } from './people.ts';
import { type Deployed, deployedAt, policyFile } from './policy.ts';
import { type Plot, setOut, type Setting } from './plot.ts';
import { type Fault, HOUR_MS, makeWorld, SECOND_MS, type World } from './world.ts';

export type Played = {
  seed: number;
  faults: Fault[];
  story: string[];
  /** How much happened. */
  starts: number;
  kills: number;
};

export type PlayOptions = {
  /** Makes the story; else there is none. */
  isTold?: boolean;
  setting?: Setting;
  /** A part that does not do what it should, in place of the good one: what is judged stays beneath it. */
  alter?: {
    ledger?: (ledger: Ledger) => Ledger;
    openSend?: (openSend: OpenSend, world: World) => OpenSend;
    parameters?: (read: Map<string, string>) => Map<string, string>;
    engine?: (engine: Engine) => Engine;
    /** What a function is invoked with from outside. */
    events?: (event: unknown) => unknown;
    /** What an invocation is told of the operations so far. */
    operations?: (operations: Operation[]) => Operation[];
  };
};

type Env = Record<string, string | undefined>;

const HORIZON_MS = 44 * HOUR_MS;
/** Whatever a late word leads to is over by then: asked, killed and followed. */
const AFTER_NEWS_MS = 12 * HOUR_MS;
const MOST_TURNS = 400_000;

/** Plays the whole product for one seed, from the first alert until everything has healed and ended, and judges it. */
export async function playSeed(seed: number, { isTold = false, setting = {}, alter }: PlayOptions = {}): Promise<Played> {
  const world = makeWorld(seed, isTold);
  const { chance } = world;
  const table = makeLedgerTable();
  try {
    let plot: Plot = { perHour: 1, percentOfRunning: 50, picks: [], alerts: [], pauses: [], deployments: [] };
    const { cloud, addJob, onKilled, openSend } = makeCloud(world, {
      onKill(actor, jobId) {
        durable.onKill(actor.execution);
        if (chance.happens(0.06)) world.after(chance.one([chance.whole(1, 60), chance.whole(60, 1_200)]) * SECOND_MS, () => endByItself(jobId));
        return killJudge.onKill(actor, jobId);
      },
      onJobSeen: (...seen) => killJudge.onJobSeen(...seen),
      onSlack(actor, method, body, answer) {
        endJudge.onSlack(actor, method, body, answer);
        cardJudge.onSlack();
        warningJudge.onSlack();
        if (method !== 'chat.postEphemeral' && answer['ok'] === true) people.lookAt(String(answer['channel']), String(answer['ts']));
      },
    });
    const origins = keepOrigins(world, () => plot);
    const judgeNewsOf = judgeNews(world, cloud.jobs, origins, () => killJudge.kills);
    const killJudge: KillJudge = judgeKills(world, table, () => plot, (actor, kill) => {
      judgeNewsOf(actor, kill);
      pickJudge.onKill(actor, kill);
      cardJudge.onKill(actor, kill);
      warningJudge.onKill(actor, kill);
      keepJudge.onKill(actor, kill);
      judgePolicyOf(actor, kill);
    });
    const endJudge = judgeEnds(world, table, cloud);
    const pickJudge = judgePicks(world, table, cloud.jobs, origins, () => cloud.killDelayMs, () => killJudge.kills);
    const cardJudge = judgeCards(world, table, cloud.slack.messages, origins);
    const warningJudge = judgeWarnings(world, table, cloud.slack.messages, origins, () => plot, () => people.warningClicks);
    const keepJudge = judgeKeeps(world, table, cloud.jobs, origins, () => plot, () => people.warningClicks);
    const judgePolicyOf = judgePolicy(world, cloud.jobs, origins, () => plot);

    /** Nobody's doing: a kill that did not reach it finds it over when it is tried again. */
    function endByItself(jobId: string): void {
      const record = cloud.jobs.get(jobId);
      if (record === undefined || isJobOver(refreshJob(record, cloud.killDelayMs, world.now()))) return;
      world.tell('MRS', `${record.job.job_name} (${jobId.slice(0, 4)}) ends by itself`);
      endJobByHand(record, chance.one(['SUCCEEDED', 'FAILED']), world.now());
    }

    /** Who has no execution goes by the name that it writes under. */
    function onWritten(actor: Actor, keys: readonly Key[]): void {
      const [, name] = /^(?:run|start)\/(.*)$/.exec(keys[0]?.partition ?? '') ?? [];
      if (actor.execution === '' && name !== undefined) actor.request = name;
      endJudge.onWritten(actor, keys);
      pickJudge.onWritten(actor, keys);
      cardJudge.onWritten(keys);
      keepJudge.onWritten(actor, keys);
      // Between a choice and its cooldown a claim can lapse.
      if (keys[0]?.rest.endsWith('/choice') && chance.happens(0.04)) world.breakDown('ledger', chance.whole(60, 540) * SECOND_MS);
    }

    function onStarted(name: string, by: Actor, payload: string): void {
      origins.onStarted(name, by, payload);
      const { pick } = origins.of(name) ?? {};
      if (pick !== undefined) pickJudge.onChild(name, pick);
      cardJudge.onStarted(name);
    }

    const isPaused = (): boolean => plot.pauses.some(({ by, from, until }) => by === 'parameter' && world.now() >= from && world.now() < until);

    const env: Env = {
      ...settingsOf(CLOUD_URL), HW_PROJECT_ID: PROJECT_ID, SLACK_API_URL: `${CLOUD_URL}/api/`, SLACK_BOT_TOKEN: BOT_TOKEN, SLACK_SIGNING_SECRET: SIGNING_SECRET,
      ALERT_TOKENS: `sender:${ALERT_TOKEN}`, API_TOKENS: `client:${API_TOKEN}`, KILL_FUNCTION, WARN_FUNCTION, LEDGER_TABLE: 'ledger', PAUSED: 'ssm:/paused',
    };
    const envs = new Map<Deployed | undefined, Env>();
    const envAt = (at: number): Env => {
      const deployed = deployedAt(plot.deployments, at);
      const known = envs.get(deployed) ?? { ...env, POLICY_FILE: policyFile(plot, deployed) };
      envs.set(deployed, known);
      return known;
    };
    const around: Around = {
      envAt,
      openSend: (who) => alter?.openSend?.(openSend(who), world) ?? openSend(who),
      openLedger: (who) => {
        const ledger = ledgerOver(world, table, who, { onWritten, onSwitchRead: killJudge.onSwitchRead });
        return alter?.ledger?.(ledger) ?? ledger;
      },
      openEngine: (...of) => alter?.engine?.(durable.openEngine(...of)) ?? durable.openEngine(...of),
      invokeSelf: (who) => (payload) => handOver(who(), payload),
      readParameter: () => String(isPaused()),
      onSwitchRead: killJudge.onSwitchRead,
      alterParameters: alter?.parameters,
    };
    const functions = makeFunctions(world, around);
    const durable = makeDurable(world, {
      // An execution keeps the deployment that it began under.
      invoke: (name, actor, event, context) => functions.invoke(name, actor, event, context, origins.of(actor.execution)?.startedAt),
      alterOperations: alter?.operations,
      onStarted,
      onBadEnd(event) {
        const { durableExecutionName: execution } = event.detail;
        const notice = async (): Promise<void> => {
          if (!(await doors.deliver('events', `notice ${shortName(execution)}`, event))) endJudge.onNoticeLost(execution);
        };
        world.after(chance.one([chance.whole(1, 20) * SECOND_MS, chance.whole(1, 600) * SECOND_MS]), () => void notice());
        if (chance.happens(0.1)) world.after(chance.whole(30, 300) * SECOND_MS, () => void notice());
      },
    });
    const invoke: Functions['invoke'] = (name, actor, event, context) => functions.invoke(name, actor, alter?.events?.(event) ?? event, context);
    const doors = makeDoors(world, { invoke }, endJudge.onAccepted);
    const people = makePeople(world, cloud.slack, doors);

    function handOver(actor: Actor, payload: unknown): Promise<void> {
      return callOutside(world, actor, {
        to: 'engine',
        what: 'invoke slack later',
        timeoutMs: 8 * SECOND_MS,
        effect: () => void doors.deliver('slack', 'later', payload),
        noAnswer: () => new Error('no answer'),
      });
    }

    // A person's pause, straight into the table.
    const pauseByLedger = (until: number): void => void table.claim(switchKey, { owner: SWITCH_OWNER, start: 1, until }, { now: world.now() });
    plot = setOut({ world, cloud: { cloud, addJob, onKilled, openSend }, doors, people }, pauseByLedger, setting);
    const lastNews = Math.max(world.startMs, ...plot.alerts.map(({ startsAt = 0 }) => startsAt));
    await world.run(Math.max(world.startMs + HORIZON_MS, lastNews + AFTER_NEWS_MS), MOST_TURNS);
    endJudge.judgeAtTheEnd(durable.backend, plot);
    pickJudge.judgeAtTheEnd(plot, durable.backend.list({}));
    cardJudge.judgeAtTheEnd(durable.backend.list({}));
    judgeDays({ world, table, jobs: cloud.jobs, killDelayMs: cloud.killDelayMs, messages: cloud.slack.messages, origins, isAlarmed: endJudge.isAlarmed }, plot, durable.backend.list({}));
    durable.backend.close();
    return { seed, faults: world.faults, story: world.story, starts: durable.backend.list({}).length, kills: killJudge.kills.length };
  } catch (error) {
    world.blame('the simulation itself', String((error as Error).stack));
    return { seed, faults: world.faults, story: world.story, starts: 0, kills: 0 };
  } finally {
    table.close();
    world.giveBack();
  }
}
