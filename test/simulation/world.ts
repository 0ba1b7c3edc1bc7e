import type { Actor } from './actor.ts';
import { type Chance, chanceOf } from './chance.ts';
import type { Looks, Rule } from './promises.ts';
import { type HeldTime, holdTime } from './time.ts';

export const SECOND_MS = 1_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 60 * MINUTE_MS;
/** 2026-11-22 12:00 UTC, when every story begins. */
export const NOON = 1_795_348_800_000;

/** Whom a call goes to. */
export type Place = 'ledger' | 'engine' | 'mrs' | 'iam' | 'slack' | 'parameters';

/** A rule that was broken, when and by what. */
export type Fault = { rule: Rule; at: number; line: string };

/** So long a place answers nobody. Epoch ms. */
type Outage = { place: Place; from: number; until: number };

/** What one seed plays in: a clock, dice, a story, and what is wrong with the outside for now. */
export type World = HeldTime & {
  chance: Chance;
  /** Dice of their own for what may come in between: the rest of a story is played with the others. */
  odd: Chance;
  startMs: number;
  /** How likely a call goes wrong now: 0 once everything has healed. */
  rate: () => number;
  isDown: (place: Place) => boolean;
  /** Whether it ever answered nobody for so long at a stretch. */
  wasDown: (place: Place, forMs: number) => boolean;
  /** From now on it answers nobody for so long; nothing of it where everything has healed by then. */
  breakDown: (place: Place, forMs: number) => void;
  /** Whether MRS leaves fields out of an answer now. */
  leavesOut: () => boolean;
  /** How late an execution runs first: an engine with a backlog, in some stories. */
  lateMs: () => number;
  /** From then on nothing goes wrong any more. Epoch ms. */
  healsAt: number;
  /** One line of the story. */
  tell: (who: string, what: string) => void;
  /** Whether somebody reads the story; where not, lines that are dear need not be made. */
  isTold: boolean;
  story: string[];
  /** Looks whether a rule was broken; each is noted once. `line` says by what. */
  judge: (rule: Rule, isBroken: boolean, line: () => string) => void;
  faults: Fault[];
  looks: Looks;
  die: (actor: Actor, why: string) => void;
  sleep: (delayMs: number) => Promise<void>;
};

const ODD_DICE = 104_729_000;
const LATE_DICE = 15_039_612;
const HEALS_AFTER_MS = 3 * HOUR_MS;
const OUTAGE_PLACES: readonly Place[] = ['ledger', 'ledger', 'slack', 'mrs', 'iam', 'engine'];

/** Makes the world of a seed and holds the time of this process, until `giveBack`. */
export function makeWorld(seed: number, isTold: boolean): World {
  const chance = chanceOf(seed);
  const time = holdTime(NOON, chance.random);
  const rate = chance.one([0, 0.02, 0.04, 0.08, 0.12]);
  const leavesOut = chance.happens(0.2);
  const healsAt = NOON + HEALS_AFTER_MS;
  const late = chanceOf(seed + LATE_DICE);
  const isBehind = rate > 0 && late.happens(0.15);
  const outages: Outage[] = [];
  for (let count = rate === 0 ? 0 : chance.whole(0, 2); count > 0; count--) {
    const from = NOON + chance.whole(0, HOUR_MS);
    const until = from + chance.one([chance.whole(5 * SECOND_MS, MINUTE_MS), chance.whole(MINUTE_MS, 20 * MINUTE_MS), chance.whole(MINUTE_MS, 2 * HOUR_MS)]);
    outages.push({ place: chance.one(OUTAGE_PLACES), from, until: Math.min(until, healsAt) });
  }
  const story: string[] = [];
  const faults: Fault[] = [];
  const looks: Looks = {};
  const tell: World['tell'] = (who, what) => {
    if (isTold) story.push(`${((time.now() - NOON) / SECOND_MS).toFixed(1).padStart(9)}s  ${who.padEnd(20)} ${what}`);
  };
  for (const { place, from, until } of outages) {
    time.at(from, () => tell('outage', `${place} answers nobody for ${Math.round((until - from) / SECOND_MS)} s`));
  }
  return {
    ...time,
    chance,
    odd: chanceOf(seed + ODD_DICE),
    startMs: NOON,
    rate: () => (time.now() < healsAt ? rate : 0),
    isDown: (place) => outages.some((outage) => outage.place === place && time.now() >= outage.from && time.now() < outage.until),
    wasDown: (place, forMs) => outages.some((outage) => outage.place === place && outage.until - outage.from >= forMs),
    breakDown(place, forMs) {
      const until = time.now() + forMs;
      if (rate === 0 || until > healsAt) return;
      outages.push({ place, from: time.now(), until });
      tell('outage', `${place} answers nobody for ${Math.round(forMs / SECOND_MS)} s`);
    },
    leavesOut: () => leavesOut,
    lateMs: () => (isBehind && time.now() < healsAt && late.happens(0.3) ? late.one([late.whole(1, 10 * MINUTE_MS), late.whole(12 * MINUTE_MS, 17 * MINUTE_MS), late.whole(10 * MINUTE_MS, HOUR_MS)]) : 0),
    healsAt,
    tell,
    isTold,
    story,
    faults,
    looks,
    judge(rule, isBroken, line) {
      looks[rule] = (looks[rule] ?? 0) + 1;
      if (!isBroken) return;
      tell('!!!', `${rule}: ${line()}`);
      if (!faults.some((fault) => fault.rule === rule)) faults.push({ rule, at: time.now(), line: line() });
    },
    die(actor, why) {
      if (!actor.isAlive) return;
      actor.isAlive = false;
      tell(actor.name, `† dies ${why}`);
      actor.onDeath(why);
    },
    sleep: (delayMs) => new Promise((resolve) => time.after(delayMs, resolve)),
  };
}
