import { buttonsOf } from '../simulator/slack-client.ts';
import { HOUR_MS } from '../core/a-job.ts';
import type { Length } from './faults.ts';
import { breakPlace, mend, type Place } from './places.ts';
import { findSecrets } from './secrets.ts';
import { ASK, type Trigger } from './triggers.ts';
import { type Ahead, startWorld, type World } from './world.ts';

/** `source`: of the alert, or OWN_TOKEN. `hasKeys`: MRS is called with AK/SK. */
export type Cell = { place: Place; fault: string; trigger: Trigger; length: Length; source?: string; hasKeys?: boolean };
/** What came of it in the table's words, and each promise that was broken. */
export type Played = { came: string; broken: string[] };

/** Plays one cell to its end, and looks for secrets in all that came of it. */
export async function playCell({ place, fault, trigger, length, source, hasKeys = false }: Cell, look: (world: World) => void | Promise<void> = () => undefined): Promise<Played> {
  const world = await startWorld(trigger, { hasKeys, ...(fault === 'clock an hour off' && aheadAt(place, length)) });
  try {
    breakPlace(world, place, fault, length);
    await ASK[trigger](world, source);
    await untilItEnds(world);
    await look(world);
    const came = whatCame(world, trigger);
    const broken = [...judge(world, place, length), ...findSecrets(world)];
    return { came, broken: came.startsWith('not started') && fault !== 'clock an hour off' ? [...broken, ...(await askAgain(world, trigger))] : broken };
  } finally {
    await world.close();
  }
}

/** What was not taken is not lost: when all goes well again, the next of its kind is. */
async function askAgain(world: World, trigger: Trigger): Promise<string[]> {
  mend(world);
  await ASK[trigger](world);
  await untilItEnds(world);
  return world.ends().some(({ outcome }) => outcome === 'killed') ? [] : ['it was not taken later, when all went well'];
}

/** A clock is off all the time: the first length is one that is ahead, the other one that is behind. */
function aheadAt(place: Place, length: Length): Ahead {
  const ms = length === 'once' ? HOUR_MS : -HOUR_MS;
  return place === 'Slack' ? { slackMs: ms } : place === 'parameter store' ? {} : { cloudMs: ms };
}

/** No longer: what comes due on the way would be late. */
const STEP_MS = 30_000;

/** A warning, and a question whose click could not be taken, stand until their time is up. */
async function untilItEnds(world: World): Promise<void> {
  const { stage, clock } = world;
  await stage.backend.idle();
  for (const until = clock.now() + HOUR_MS; world.ends().length === 0 && clock.now() < until; ) {
    clock.advanceTo(clock.now() + STEP_MS);
    await stage.backend.idle();
  }
}

/** `killed`, `refused paused`, `failed ×3`, `killed, not said`, `502 failed`, `not started`. */
function whatCame(world: World, trigger: Trigger): string {
  const ends = world.ends();
  const posts = world.stage.simulator.kills().length;
  const status = trigger === 'REST' ? `${world.answers.at(-1)?.status} ` : '';
  const outcomes = ends.map(({ outcome, rule }) => [outcome, rule].filter(Boolean).join(' '));
  const usual = outcomes.some((outcome) => ['killed', 'accepted', 'still-running'].includes(outcome)) ? 1 : 0;
  const isAllSaid = (ends.length === 0 ? [undefined] : ends).every((end) => isSaid(world, trigger, end && String(end['outcome'])));
  return `${status}${outcomes.join(' + ') || 'not started'}${posts === usual ? '' : ` ×${posts}`}${isAllSaid ? '' : ', not said'}`;
}

/** How messages begin that say an end. */
const FIRST_WORDS: Readonly<Record<string, string>> = { killed: 'Killed', 'finished-first': 'Ended by itself', 'already-over': 'Already over', refused: 'Refused', expired: 'Expired', 'still-running': 'Still running', failed: 'Failed', 'not-found': 'Not found' };

/** Whether who asked can know how it ended: by a message, or by the answer that they got. */
function isSaid({ stage, answers, threw }: World, trigger: Trigger, outcome: string | undefined): boolean {
  if (trigger === 'REST') return true;
  const { slack } = stage.simulator;
  const words = [...slack.messages(), ...slack.ephemerals()].map(({ text, blocks }) => `${text}\n${JSON.stringify(blocks)}`).concat(slack.responses().map(({ body }) => String(body['text'])));
  if (trigger === 'Slack' && outcome === 'failed' && answers.some(({ text }) => text.includes('could not be started'))) return true;
  if (outcome !== undefined) return words.some((text) => text.includes(FIRST_WORDS[outcome] ?? outcome));
  if (trigger === 'cleanup' || trigger === 'warn') return threw.length > 0 || words.some((text) => text.startsWith('*Cleanup'));
  return answers.some(({ status, text }) => status >= 400 || /could not|try again|not started|not taken/i.test(text)) || words.some((text) => /could not|try again/i.test(text));
}

const SETTLE_MS = 10_000;
const MOST_POSTS = 3;

/** The promises that hold in every cell. */
function judge(world: World, place: Place, length: Length): string[] {
  const { stage: { simulator }, job } = world;
  const broken: string[] = [];
  const ends = world.ends();
  // Who starts a kill and never hears whether it began says so, and what began says its own end.
  const own = ends.filter(({ code }) => ends.length === 1 || !(code === 'not_started' && place === 'engine'));
  if (own.length > 1) broken.push(`${own.length} Ends: ${own.map(({ outcome }) => String(outcome)).join(', ')}`);
  const kills = simulator.kills();
  for (const { path } of kills) if (!path.includes(job.job_id)) broken.push(`another job was to be killed: ${path}`);
  for (const id of simulator.killed()) if (id !== job.job_id) broken.push(`another job was killed: ${id}`);
  const isUnanswered = (status: number | undefined): boolean => status === undefined || status === 502;
  for (const [index, { at }] of kills.entries()) {
    const before = kills[index - 1];
    if (before && isUnanswered(before.answeredStatus) && at - before.at < SETTLE_MS) broken.push(`a POST ${at - before.at} ms after an unanswered one`);
  }
  const spent = kills.filter(({ answeredStatus: status }) => isUnanswered(status) || (status ?? 0) < 300).length;
  if (spent > MOST_POSTS) broken.push(`${spent} POSTs were accepted or got no answer`);
  const isKilled = simulator.killed().includes(job.job_id);
  const outcome = own[0]?.['outcome'];
  if (!isKilled && (outcome === 'killed' || outcome === 'accepted')) broken.push(`${outcome}, and the job runs`);
  if (isKilled && place !== 'status read' && outcome !== 'killed' && outcome !== 'accepted') broken.push(`the job was killed, and the End is ${String(outcome)}`);
  const buttons = simulator.slack.messages().flatMap(buttonsOf);
  if (buttons.length > 0 && ends.length > 0 && !(place === 'Slack' && length === 'for good')) broken.push(`${buttons.length} buttons are left after the end`);
  return broken;
}
