import { MOST_POSTS } from '../../lib/kill/post.ts';
import { PostAnswer } from '../../lib/ledger/keys.ts';
import { type Actor, startOf, type SwitchPlace } from './actor.ts';
import type { LedgerTable } from './ledger.ts';
import type { Plot } from './plot.ts';
import { SECOND_MS, type World } from './world.ts';

/**
 * A kill that left, whoever sent it and whatever became of it. `answer` is what its sender got; undefined while it waits, or died. What the ledger
 * keeps for a time counts from `houseAt`, by the house's clock, which may be set forward over it.
 */
export type Kill = { by: string; request: string; execution: string; jobId: string; sentAt: number; houseAt: number; answer?: number | 'none' };

/** Whether MRS took it, and who sent it heard that. */
export function wasTaken({ answer }: Kill): boolean {
  return typeof answer === 'number' && answer < 300;
}

export type KillJudge = {
  kills: Kill[];
  onKill: (actor: Actor, jobId: string) => (status: number | 'none') => void;
  onJobSeen: (actor: Actor, jobId: string, isOver: boolean, sentAt: number) => void;
  onSwitchRead: (actor: Actor, place: SwitchPlace, isOn: boolean, sentAt: number) => void;
  /** Whether a request got a look that showed the job over. */
  sawOver: (request: string, jobId: string) => boolean;
};

export const MOST_AGE_MS = 10 * SECOND_MS;
/** From the look at the clock to the sending: what the call before takes to come back. */
export const MARGIN_MS = SECOND_MS;

/** Judges each kill as it leaves, with what its sender knows and has on record. `onKill` is told of it before it is one of `kills`. */
export function judgeKills(world: World, table: LedgerTable, plot: () => Plot, houseNow: () => number, onKill: (actor: Actor, kill: Kill) => void): KillJudge {
  const kills: Kill[] = [];
  const seenOver = new Set<string>();

  function judge(actor: Actor, kill: Kill): void {
    const judge: World['judge'] = (rule, isBroken, line) => world.judge(rule, isBroken, () => `${actor.name}: ${line()}`);
    const mine = kills.filter(({ request }) => request === kill.request);
    const now = world.now();
    judge('kill after the job was seen over', seenOver.has(`${kill.request} ${kill.jobId}`), () => kill.jobId);
    for (const { sentAt, answer } of mine) {
      if (answer === undefined || answer === 'none') judge('kill within 10 s of an unanswered one', now - sentAt < MOST_AGE_MS, () => `${(now - sentAt) / SECOND_MS} s`);
    }
    judgeAccepted(kill, mine, judge);
    const counted = mine.filter(({ answer }) => answer === undefined || answer === 'none' || answer < 300);
    judge('more than three kills', counted.length >= MOST_POSTS, () => `${counted.length + 1}`);
    judgeReads(actor, judge);
    judgeRecord(kill, mine, judge);
    judgePause(judge);
  }

  /** What MRS has taken is not sent once more: neither by who heard it, nor, whichever start it is, by who finds it on record. */
  function judgeAccepted({ by, request, jobId }: Kill, mine: readonly Kill[], judge: World['judge']): void {
    const taken = mine.filter((one) => one.jobId === jobId && wasTaken(one));
    if (mine.length === 0) return;
    const isOnRecord = table.partition(`run/${request}`).some(({ rest, value }) => rest.startsWith('answer/') && PostAnswer.safeParse(value).data?.what === 'accepted');
    judge('kill after an accepted one', taken.some((one) => isOnRecord || one.by === by), () => `${taken.length} were taken`);
  }

  function judgeReads({ lastRead }: Actor, judge: World['judge']): void {
    const age = (sentAt: number | undefined): number => (sentAt === undefined ? Infinity : world.now() - sentAt);
    judge('kill on an old look at the job', age(lastRead.job?.sentAt) > MOST_AGE_MS + MARGIN_MS, () => `${age(lastRead.job?.sentAt) / SECOND_MS} s`);
    const switches = [...lastRead.switches.values()];
    judge('kill while the switch is on', switches.some(({ isOn }) => isOn), () => '');
    const switchAge = switches.length === 0 ? Infinity : Math.max(...switches.map(({ sentAt }) => age(sentAt)));
    judge('kill on an old look at the switch', switchAge > MOST_AGE_MS + MARGIN_MS, () => `${switchAge / SECOND_MS} s`);
  }

  /** By the world's own clock, whatever its sender has read. */
  function judgePause(judge: World['judge']): void {
    const pause = plot().pauses.find(({ from, until }) => world.now() > from + MOST_AGE_MS + MARGIN_MS && world.now() < until);
    if (plot().pauses.length > 0) judge('kill while paused', pause !== undefined, () => `by ${pause?.by}, for ${(world.now() - (pause?.from ?? 0)) / SECOND_MS} s`);
  }

  function judgeRecord({ request, execution }: Kill, mine: Kill[], judge: World['judge']): void {
    const entries = table.partition(`run/${request}`).map(({ rest }) => rest);
    const posts = entries.filter((rest) => rest.startsWith('post/')).length;
    judge('kill without its record', !entries.some((rest) => /^record(?:\/|$)/.test(rest)) || posts <= mine.length, () => `${posts} on record, ${mine.length + 1} sent`);
    const answer = table.read({ partition: `start/${request}`, rest: `${String(startOf(execution)).padStart(6, '0')}/answer` }) as { what: string } | undefined;
    if (answer !== undefined) judge('kill after a no', answer.what !== 'yes', () => answer.what);
  }

  return {
    kills,
    sawOver: (request, jobId) => seenOver.has(`${request} ${jobId}`),
    onKill(actor, jobId) {
      const kill: Kill = { by: actor.name, request: actor.request, execution: actor.execution, jobId, sentAt: world.now(), houseAt: houseNow() };
      judge(actor, kill);
      onKill(actor, kill);
      kills.push(kill);
      return (status) => {
        if (kill.answer === undefined) kill.answer = status;
      };
    },
    onJobSeen(actor, jobId, isOver, sentAt) {
      actor.lastRead.job = { sentAt };
      if (isOver) seenOver.add(`${actor.request} ${jobId}`);
    },
    onSwitchRead: (actor, place, isOn, sentAt) => void actor.lastRead.switches.set(place, { sentAt, isOn }),
  };
}
