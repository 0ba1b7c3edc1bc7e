import { type News, newsOf, type Shown, type SlackView } from './slack-view.ts';

type World = { sleep: (ms: number) => Promise<unknown>; print: (text: string) => void; expectsMore: boolean };

const EVERY_MS = 200;
/** Nothing more is waited for after so long without news: where all is said, while something is under way, and before the first news of something that was promised. */
const QUIET_MS = { said: 1_000, underWay: 30_000, promised: 15_000 };

/** Prints what a simulated Slack shows after `before`, until all is said. `expectsMore`: something was promised. */
export async function followSlack(slack: SlackView, before: Shown, { sleep, print, expectsMore }: World): Promise<void> {
  let shown = before;
  let last: News[] | undefined;
  for (let quietMs = 0; quietMs < quietFor(last, expectsMore); quietMs += EVERY_MS) {
    await sleep(EVERY_MS);
    const now = await slack.read();
    const news = newsOf(shown, now);
    shown = now;
    if (news.length === 0) continue;
    for (const { heading, lines } of news) print(`\n${heading}\n${lines.map((line) => `  ${line}`).join('\n')}`);
    last = news;
    quietMs = 0;
  }
  if (last === undefined && expectsMore) print('\nNothing came after it: the output of npm start says why.');
}

function quietFor(last: News[] | undefined, expectsMore: boolean): number {
  if (last === undefined) return expectsMore ? QUIET_MS.promised : QUIET_MS.said;
  return last.some(({ isUnderWay }) => isUnderWay) ? QUIET_MS.underWay : QUIET_MS.said;
}
