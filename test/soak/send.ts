import { setTimeout as sleep } from 'node:timers/promises';
import { ALERT_TOKEN } from '../home/serve/process.ts';
import type { Sent } from './deliveries.ts';

/** What all the tries to deliver came to, by what their senders saw. */
export type Answers = Map<string, number>;

const AT_ONCE = 16;
/** As senders of alerts do after a 5xx, or where nothing came. */
const MOST_TRIES = 60;
const AGAIN_AFTER_MS = 500;
/** So many answers never reach who waits for them. */
const SHARE_LOST = 0.03;
const WAIT_MS = 35_000;
/** With more open nothing new is sent: a request that waits for a quarter of an hour expires. */
const MOST_OPEN = 120;
const LOOK_AGAIN_MS = 200;

/** Sends `count` deliveries, some at once; `onEach` is told after each how many were taken. Gives what their senders saw. */
export async function sendAll(count: number, { url, next, countOpen, random, onEach }: { url: string; next: () => Sent; countOpen: () => number; random: () => number; onEach: (done: number) => void }): Promise<Answers> {
  const answers: Answers = new Map();
  let begun = 0;
  let done = 0;
  let isFull = false;
  const watching = setInterval(() => void (isFull = countOpen() > MOST_OPEN), LOOK_AGAIN_MS);

  async function deliver(): Promise<void> {
    while (begun < count) {
      if (isFull) {
        await sleep(LOOK_AGAIN_MS);
        continue;
      }
      begun += 1;
      const sent = next();
      if (!(await deliverOne(sent))) sent.untaken += 1;
      onEach(++done);
    }
  }

  async function deliverOne(sent: Sent): Promise<boolean> {
    for (let tries = 1; tries <= MOST_TRIES; tries++) {
      const { seen, outcome } = await post(url, sent, random() < SHARE_LOST);
      answers.set(seen, (answers.get(seen) ?? 0) + 1);
      if (outcome !== undefined) {
        sent.told.push(outcome);
        return true;
      }
      await sleep(AGAIN_AFTER_MS * (1 + random()));
    }
    return false;
  }

  await Promise.all(Array.from({ length: AT_ONCE }, deliver));
  clearInterval(watching);
  return answers;
}

/** `outcome`: where it was taken, and its sender saw that. */
async function post(url: string, { body }: Sent, isLost: boolean): Promise<{ seen: string; outcome?: string }> {
  try {
    const answer = await fetch(`${url}/alerts/generic`, { method: 'POST', headers: { authorization: `Bearer ${ALERT_TOKEN}`, 'content-type': 'application/json' }, body, signal: AbortSignal.timeout(WAIT_MS) });
    const { results } = (await answer.json()) as { results?: { outcome: string }[] };
    const outcome = results?.[0]?.outcome ?? 'no result';
    if (isLost) return { seen: 'lost on its way' };
    return answer.status === 202 ? { seen: outcome, outcome } : { seen: `${answer.status}` };
  } catch {
    return { seen: 'no answer' };
  }
}
