import type { Actor } from './actor.ts';
import { type Place, SECOND_MS, type World } from './world.ts';

/** One call to the outside. */
export type Call<Answer> = {
  to: Place;
  /** For the story. */
  what: string;
  /** So long the caller waits. */
  timeoutMs: number;
  /** What happens over there, and what it answers; what it throws is an answer too. */
  effect: () => Answer;
  /** What the caller gets where no answer comes. */
  noAnswer: () => unknown;
  /** An answer that says "not now": nothing happened. Throws it, or gives it. */
  notNow?: () => Answer;
  /** How the story shows an answer; '' for none. */
  show?: (answer: Answer) => string;
  /** Told as the call leaves. */
  onLeave?: () => void;
  /** Told when a living caller has its answer. */
  onAnswer?: (answer: Answer) => void;
  signal?: AbortSignal | undefined;
  /** A kill: it may take long on its way, and have its effect when nobody waits any more. */
  isKill?: boolean;
  /** May come twice: what is written with a condition. */
  mayRepeat?: boolean;
};

type Fate = 'arrives' | 'never' | 'lost' | 'late' | 'twice' | 'not-now';

/**
 * Every call to the outside is a point at which the seed decides: it goes through; it never arrives; its answer is lost; it
 * arrives late, or twice; it is refused for now; or its caller dies before or after it. A dead caller never gets an answer.
 */
export function callOutside<Answer>(world: World, actor: Actor, call: Call<Answer>): Promise<Answer> {
  const { chance } = world;
  return new Promise<Answer>((resolve, reject) => {
    if (!actor.isAlive) return;
    const rate = world.rate();
    const say = (words: string): void => {
      if (world.isTold) world.tell(actor.name, `${call.to} ${call.what}${words === '' ? '' : ` → ${words}`}`);
    };
    const happen = (): { answer: Answer } | { error: unknown } => {
      try {
        return { answer: call.effect() };
      } catch (error) {
        return { error };
      }
    };

    const dies = actor.isMortal && chance.happens(rate * 0.7);
    if (dies && chance.happens(0.5)) return world.die(actor, `before ${call.to} ${call.what}`);
    call.onLeave?.();
    if (dies) {
      world.after(call.isKill === true ? chance.whole(50, 20 * SECOND_MS) : chance.whole(5, 60), () => (say('(nobody hears)'), happen()));
      return world.die(actor, `after ${call.to} ${call.what}`);
    }

    const fate = fateOf(world, call, rate);
    // A machine that stands still for a while finds its answer later.
    const frozenMs = actor.isMortal && chance.happens(rate / 8) ? chance.whole(2, 40) * SECOND_MS : 0;
    let isSettled = false;
    const settle = (afterMs: number, how: () => void): void => {
      world.after(afterMs + frozenMs, () => {
        if (isSettled || !actor.isAlive) return;
        isSettled = true;
        if (frozenMs > 0) world.tell(actor.name, `(stood still for ${frozenMs / SECOND_MS} s)`);
        how();
      });
    };
    const giveUp = (afterMs: number, why: string): void => settle(afterMs, () => (say(why), reject(call.noAnswer())));
    if (call.signal?.aborted) return giveUp(0, 'cut off');
    call.signal?.addEventListener('abort', () => giveUp(0, 'cut off'), { once: true });

    const thereMs = call.isKill === true && chance.happens(rate * 2) ? chance.whole(1, 24) * SECOND_MS : chance.whole(5, 60);
    const backMs = call.isKill === true && chance.happens(rate * 2) ? chance.whole(1, 24) * SECOND_MS : chance.whole(5, 60);
    switch (fate) {
      case 'never':
        return giveUp(chance.happens(0.5) ? call.timeoutMs : 200, 'never arrives');
      case 'not-now':
        return settle(thereMs + backMs, () => {
          say('not now');
          try {
            resolve((call.notNow as () => Answer)());
          } catch (error) {
            reject(error);
          }
        });
      case 'late':
        world.after(call.timeoutMs + chance.whole(1, 40) * SECOND_MS, () => (say('arrives late'), happen()));
        return giveUp(call.timeoutMs, 'no answer');
      case 'lost':
      case 'twice':
      case 'arrives':
        if (fate === 'lost' || thereMs + backMs > call.timeoutMs) giveUp(call.timeoutMs, 'no answer');
        world.after(thereMs, () => {
          const happened = happen();
          const shown = !world.isTold ? '' : 'error' in happened ? String((happened.error as Error).message) : (call.show?.(happened.answer) ?? '');
          say(`${shown}${fate === 'lost' ? ', its answer is lost' : ''}`);
          if (fate === 'twice') world.after(chance.whole(1, 30) * SECOND_MS, () => (say('comes once more'), happen()));
          if (fate === 'lost') return;
          settle(backMs, () => {
            if ('error' in happened) return reject(happened.error);
            call.onAnswer?.(happened.answer);
            resolve(happened.answer);
          });
        });
    }
  });
}

type Risks = Pick<Call<unknown>, 'to' | 'isKill' | 'mayRepeat'> & { notNow?: unknown };

function fateOf(world: World, { to, isKill = false, mayRepeat = false, notNow }: Risks, rate: number): Fate {
  const { chance } = world;
  if (world.isDown(to)) return chance.one(isKill || to === 'engine' ? ['never', 'lost'] : ['never', 'never', 'late']);
  if (!chance.happens(rate)) return 'arrives';
  const fates: Fate[] = ['never', 'lost'];
  if (isKill) fates.push('lost', 'late');
  if (to === 'ledger') fates.push('late');
  if (mayRepeat) fates.push('twice');
  if (notNow) fates.push('not-now', 'not-now');
  return chance.one(fates);
}
