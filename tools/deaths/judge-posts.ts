import { JOBS_PATH } from '../../test/simulator/client.ts';
import type { RecordedRequest, Simulator } from '../../test/simulator/simulator.ts';
import { Post, PostAnswer } from '../../lib/ledger/keys.ts';
import type { Blame, Row } from './judge.ts';

const SETTLE_MS = 10_000;
/** What lies between the sender's clock and the simulator's. */
const MARGIN_MS = 50;
const MOST_POSTS = 3;

/** Judges the POSTs that MRS got, each job being asked for by one request; gives how many there were. */
export function judgePosts(simulator: Simulator, blame: Blame): number {
  let sent = 0;
  const byJob = Map.groupBy(simulator.requests, ({ path }) => (path.startsWith(`${JOBS_PATH}/`) ? path.slice(JOBS_PATH.length + 1).split('/')[0] : undefined));
  for (const { job_id: jobId, job_name: name, finished_time: overAt } of simulator.jobs()) {
    const path = `${JOBS_PATH}/${jobId}`;
    const ofJob = byJob.get(jobId) ?? [];
    const posts = ofJob.filter(({ method }) => method === 'POST');
    sent += posts.length;
    const effective = posts.filter(mayHaveWorked);
    if (effective.length > MOST_POSTS) blame('more than three POSTs', `${name}: ${effective.length}`);
    posts.forEach((post, index) => {
      const before = posts.slice(0, index).findLast(mayHaveWorked);
      if (before !== undefined && post.at - before.at < SETTLE_MS - MARGIN_MS) blame('a POST within 10 s of one', `${name}: ${post.at - before.at} ms after one answered ${before.answeredStatus ?? 'not'}`);
      const saysOver = (look: RecordedRequest): boolean => look.method === 'GET' && look.path === path && (look.answeredStatus ?? 500) < 300 && overAt > 0 && look.at > overAt && look.at < post.at - MARGIN_MS;
      if (ofJob.some(saysOver)) blame('a POST after the job was seen over', `${name}: ${post.at - overAt} ms after its end`);
    });
  }
  return sent;
}

/** What was refused for now had no effect. Whether an answer reached who had asked nobody here knows: it may have died. */
function mayHaveWorked({ answeredStatus }: RecordedRequest): boolean {
  return answeredStatus === undefined || answeredStatus < 300 || answeredStatus === 502 || answeredStatus === 504;
}

/** Judges by the ledger that once MRS took a kill, and that is on record, no other one of that request is meant any more. */
export function judgeAccepted(rows: readonly Row[], blame: Blame): void {
  for (const [request, ofRequest] of Map.groupBy(rows.filter(({ pk }) => pk.startsWith('run/')), ({ pk }) => pk)) {
    const takenAt = Math.min(...ofRequest.flatMap(({ sk, value }) => (sk.startsWith('answer/') && PostAnswer.parse(value).what === 'accepted' ? [PostAnswer.parse(value).at] : [])));
    for (const { sk, value } of ofRequest) if (sk.startsWith('post/') && Post.parse(value).at > takenAt) blame('a POST after one that was taken', `${request} ${sk}: ${Post.parse(value).at - takenAt} ms after it`);
  }
}
