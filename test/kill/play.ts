import { type KillEnd, killJob, MOST_POSTS, type Posted, type Seen } from '../../lib/kill/post.ts';
import { aJob } from '../core/a-job.ts';

/** One move of a kill, with what came of it. */
export type Event =
  | { move: 'post'; number: number; posted?: Posted }
  | { move: 'look'; number: number; seen?: Seen }
  | { move: 'wait'; seconds: number; granted: boolean };

/** What the outside answers, in order. Further looks see the job alive, further waits are granted. */
/** As the moves of a run allow: waits of five minutes in all. */
const WAITS_SEC = 300;

type Script = { posts: Posted[]; looks?: Seen[]; waits?: boolean[]; mostPosts?: number };

/** Plays a kill against a script without any time going by. Throws where more POSTs are made than the script has answers. */
export async function play({ posts, looks = [], waits = [], mostPosts = MOST_POSTS }: Script): Promise<{ end: KillEnd; events: Event[]; moves: string[] }> {
  const events: Event[] = [];
  const count = (move: Event['move']): number => events.filter((event) => event.move === move).length;
  const end = await killJob(
    {
      async post(number) {
        const posted = posts[count('post')];
        events.push({ move: 'post', number, ...(posted && { posted }) });
        if (posted === undefined) throw new Error(`POST ${number} is not in the script`);
        return posted;
      },
      async look(number) {
        const seen = looks[count('look')] ?? { kind: 'job', job: aJob() };
        events.push({ move: 'look', number, seen });
        return seen;
      },
      async wait(seconds) {
        const waitedSec = events.reduce((sum, event) => sum + (event.move === 'wait' && event.granted ? event.seconds : 0), 0);
        const granted = waits[count('wait')] ?? waitedSec + seconds <= WAITS_SEC;
        events.push({ move: 'wait', seconds, granted });
        return granted;
      },
    },
    { mostPosts },
  );
  return { end, events, moves: events.map((event) => (event.move === 'wait' ? `wait ${event.seconds}` : event.move)) };
}
