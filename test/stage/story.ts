import type { SimulatedJob } from '../simulator/simulator.ts';
import { HOUR_MS, MINUTE_MS } from './cleanup.ts';
import { APPROVER, REQUESTER } from './slack.ts';
import { CHANNEL, OWNER, type WarnStage } from './warn.ts';

/** Who is who in a story, by the ids that messages mention. */
const NAMES = new Map([[OWNER, 'the owner'], [APPROVER, 'an approver'], [REQUESTER, 'who may kill']]);

/** What happens between two looks is told under the time of the first. */
const STEP_MS = 5 * MINUTE_MS;

/** A day of hourly cleanup, told by what people saw: one line for each message whenever it says something else, and one for each kill. */
export type Story = {
  /** Goes on to `HH:MM`, cleaning up at each full hour on the way, that one included; a time that was is the next day's. */
  until(time: string): Promise<void>;
  /** Notes what people see now. */
  look(): void;
  /** Somebody clicks on the newest message with buttons that speaks of the job; the notes that they got alone are in the story too. */
  click(job: string, actionId: 'keep' | 'kill-now', user: string): Promise<void>;
  /** Puts what happened beside what people saw. */
  tell(line: string): void;
  /** A job whose running time passes six hours so many minutes after now. */
  add(name: string, inMinutes: number, fields?: Partial<SimulatedJob>): SimulatedJob;
  /** The lines so far. */
  told(): string[];
};

/** Begins at `startMs` (epoch ms, a full hour). */
export async function tellStory(stage: WarnStage, startMs: number): Promise<Story> {
  const lines: string[] = [];
  const said = new Map<string, string>();
  const jobs = new Map<string, string>();
  let kills = 0;
  await stage.goTo(startMs - MINUTE_MS);

  const words = (text: string): string =>
    text
      .replaceAll(/<!date\^\d+\^[^|]*\|([^>]*)>/g, '$1')
      .replaceAll(/ UTC\b/g, '')
      .replaceAll(/<@(\w+)>/g, (mention, id: string) => NAMES.get(id) ?? mention)
      .replaceAll(/`([^`]*?) \([0-9a-f-]{36}\)` in `analytics`/g, '$1')
      .replaceAll(/[`*]/g, '')
      .replaceAll(/\s+/g, ' ');
  const note = (atMs: number): void => {
    const time = new Date(atMs).toISOString().slice(11, 16);
    const news = new Map<string, Set<string>>();
    for (const { ts, channel, text } of stage.simulator.slack.messages()) {
      const key = `${channel} ${ts}`;
      if (said.get(key) === text) continue;
      said.set(key, text);
      const line = words(text);
      news.set(line, (news.get(line) ?? new Set()).add(channel === CHANNEL ? 'channel' : 'owner'));
    }
    for (const { path } of stage.simulator.kills().slice(kills)) lines.push(`${time} MRS is told to kill ${jobs.get(path.split('/').at(-2) ?? '')}`);
    kills = stage.simulator.kills().length;
    for (const [line, places] of news) lines.push(`${time} ${[...places].join(' and ')}: ${line}`);
  };

  const story: Story = {
    async until(time) {
      const [hour = 0, minute = 0] = time.split(':').map(Number);
      const day = Math.floor(stage.now() / (24 * HOUR_MS)) * 24 * HOUR_MS;
      const at = day + hour * HOUR_MS + minute * MINUTE_MS;
      const endMs = at > stage.now() ? at : at + 24 * HOUR_MS;
      while (stage.now() < endMs) {
        const from = stage.now();
        const next = Math.min(endMs, (Math.floor(from / STEP_MS) + 1) * STEP_MS);
        await stage.goTo(next);
        note(from);
        if (next % HOUR_MS !== 0) continue;
        await stage.cleanAt(next);
        note(next);
      }
    },
    look: () => note(stage.now()),
    async click(job, actionId, user) {
      const message = stage.cards().findLast(({ text, blocks }) => text.includes(job) && JSON.stringify(blocks).includes(actionId));
      if (message === undefined) throw new Error(`nothing of ${job} has a button`);
      const notes = await stage.clickAndRead(message, actionId, user);
      story.tell(`${NAMES.get(user)} clicks on ${actionId} of ${job}${notes.map((text) => `, and reads: ${words(text)}`).join('')}`);
      note(stage.now());
    },
    tell: (line) => void lines.push(`${new Date(stage.now()).toISOString().slice(11, 16)} > ${line}`),
    add(name, inMinutes, fields) {
      const job = stage.addRunning(name, 6 - inMinutes / 60, fields);
      jobs.set(job.job_id, name);
      return job;
    },
    told: () => lines,
  };
  return story;
}
