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
import { setOutClock } from './clocks.ts';
import { type Env, envOfMoments } from './deployments.ts';
import { ALERT_TOKEN, API_TOKEN, makeDoors, SIGNING_SECRET } from './doors.ts';
import { KILL_FUNCTION, makeDurable, WARN_FUNCTION } from './durable.ts';
import { type Around, type Functions, makeFunctions } from './house.ts';
import { makeJudges } from './judges.ts';
import { ledgerOver, makeLedgerTable } from './ledger.ts';
import { setOutMishaps } from './mishaps.ts';
import { keepOrigins } from './origin.ts';
import { notePause } from './pause.ts';
import { makePeople } from './people.ts';
import { type Deployed, removePolicyFiles } from './policy.ts';
import type { Looks } from './promises.ts';
import { type Plot, setOut, type Setting } from './plot.ts';
import { setOutUpgrades } from './upgrades.ts';
import { type Fault, HOUR_MS, makeWorld, SECOND_MS, type World } from './world.ts';

export type Played = {
  seed: number;
  faults: Fault[];
  /** How often each rule was looked at. */
  looks: Looks;
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
    /** `ofKills`: the engine of functions/kill. */
    engine?: (engine: Engine, ofKills: Engine) => Engine;
    /** What stands in the policy of a deployment. */
    deployed?: (deployed: Deployed) => Deployed;
    /** What a function is invoked with from outside. */
    events?: (event: unknown) => unknown;
    /** What an execution is invoked with. */
    resumed?: (event: unknown) => unknown;
  };
};

const HORIZON_MS = 44 * HOUR_MS;
/** A warning lives a day longer than a kill. */
const HORIZON_OF_DAYS_MS = 54 * HOUR_MS;
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
        upgrades.onKill();
        mishaps.onKill();
        if (chance.happens(0.06)) world.after(chance.one([chance.whole(1, 60), chance.whole(60, 1_200)]) * SECOND_MS, () => endByItself(jobId));
        return judges.onKill(actor, jobId);
      },
      onJobSeen(actor, jobId, isOver, sentAt) {
        judges.onJobSeen(actor, jobId, isOver, sentAt);
        if (!isOver) mishaps.onLook(actor);
      },
      onSlack(actor, method, body, answer) {
        judges.onSlack(actor, method, body, answer);
        if (method !== 'chat.postEphemeral' && answer['ok'] === true) people.lookAt(String(answer['channel']), String(answer['ts']));
      },
    }, setting.diesSlowly);
    const clock = setOutClock(world);
    const origins = keepOrigins(world, () => plot);
    const judges = makeJudges(world, table, cloud, origins, () => plot, () => people.warningClicks, (execution) => durable.backend.list({ executionName: execution })[0]?.status === 'RUNNING', clock.now);

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
      judges.onWritten(actor, keys);
      mishaps.onWritten(keys);
      if (keys[0]?.partition === switchKey.partition) notePause(plot, table, world.now());
      // Between a choice and its cooldown a claim can lapse.
      if (keys[0]?.rest.endsWith('/choice') && chance.happens(setting.ledgerLostAtChoice ?? 0.04)) world.breakDown('ledger', chance.whole(60, 540) * SECOND_MS);
    }

    function onStarted(name: string, by: Actor, payload: string): void {
      by.started.push(name);
      origins.onStarted(name, by, payload);
      judges.onStarted(name);
    }

    const isPaused = (): boolean => plot.pauses.some(({ by, from, until }) => by === 'parameter' && world.now() >= from && world.now() < until);

    const env: Env = {
      ...settingsOf(CLOUD_URL), HW_PROJECT_ID: PROJECT_ID, SLACK_API_URL: `${CLOUD_URL}/api/`, SLACK_BOT_TOKEN: BOT_TOKEN, SLACK_SIGNING_SECRET: SIGNING_SECRET,
      ALERT_TOKENS: `sender:${ALERT_TOKEN}`, API_TOKENS: `client:${API_TOKEN}`, KILL_FUNCTION, WARN_FUNCTION, LEDGER_TABLE: 'ledger', PAUSED: 'ssm:/paused',
    };
    const around: Around = {
      envAt: envOfMoments(env, () => plot, alter?.deployed),
      openSend: (who) => alter?.openSend?.(openSend(who), world) ?? openSend(who),
      openLedger: (who) => {
        const ledger = ledgerOver(world, table, who, { onWritten, onSwitchRead: judges.onSwitchRead });
        return alter?.ledger?.(ledger) ?? ledger;
      },
      openEngine: (name, who) => alter?.engine?.(durable.openEngine(name, who), durable.openEngine(KILL_FUNCTION, who)) ?? durable.openEngine(name, who),
      invokeSelf: (who) => (payload) => handOver(who(), payload),
      readParameter: () => String(isPaused()),
      onSwitchRead: judges.onSwitchRead,
      alterParameters: alter?.parameters,
    };
    const mishaps = setOutMishaps(world, () => people, () => durable.restart());
    const functions = makeFunctions(world, clock, around);
    const durable = makeDurable(world, clock, {
      // An execution keeps the deployment that it began under.
      invoke: (name, actor, event, context) => functions.invoke(name, actor, alter?.resumed?.(event) ?? event, context, origins.runsSince(actor.execution)),
      onStarted,
      isFull: mishaps.isFull,
      onBadEnd(event) {
        const { durableExecutionName: execution } = event.detail;
        const notice = async (): Promise<void> => {
          if (!(await doors.deliver('events', `notice ${shortName(execution)}`, event))) judges.onNoticeLost(execution);
        };
        world.after(chance.one([chance.whole(1, 20) * SECOND_MS, chance.whole(1, 600) * SECOND_MS]), () => void notice());
        if (chance.happens(0.1)) world.after(chance.whole(30, 300) * SECOND_MS, () => void notice());
      },
    });
    const invoke: Functions['invoke'] = (name, actor, event, context) => functions.invoke(name, actor, alter?.events?.(event) ?? event, context);
    const upgrades = setOutUpgrades(world, seed, () => {
      origins.onUpgrade();
      durable.upgrade();
    });
    const doors = makeDoors(world, { invoke }, judges);
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
    await world.run(Math.max(world.startMs + (plot.warned ? HORIZON_OF_DAYS_MS : HORIZON_MS), lastNews + AFTER_NEWS_MS), MOST_TURNS);
    judges.judgeAtTheEnd(durable.backend);
    durable.backend.close();
    world.judge('the simulation itself', false, () => '');
    return { seed, faults: world.faults, looks: world.looks, story: world.story, starts: durable.backend.list({}).length, kills: judges.kills.length };
  } catch (error) {
    world.judge('the simulation itself', true, () => String((error as Error).stack));
    return { seed, faults: world.faults, looks: world.looks, story: world.story, starts: 0, kills: 0 };
  } finally {
    table.close();
    world.giveBack();
    removePolicyFiles();
  }
}
