import type { Outcome } from './end.ts';

/** What happened to a job. `of` is its id, where none is known what was asked for: by it a job is counted once. */
export type Happening = { what: Outcome | 'warned' | 'kept'; of: string; rule?: string | undefined; user?: string | undefined; queue?: string | undefined };

/** So many jobs by a name. */
export type Named = { name: string; jobs: number };

/** A week in numbers of jobs, a job once for each of them. `from` and `until` are epoch ms. */
export type WeeklyDigest = {
  from: number;
  until: number;
  killed: number;
  /** Told to die, and nobody saw them die within the week. */
  sent: number;
  warned: number;
  kept: number;
  /** Before a kill or after a warning. */
  endedThemselves: number;
  /** By a dry run. */
  wouldKill: number;
  /** By the rule that refused, the most first. */
  refused: Named[];
  /** Whose jobs and in which queues most were killed. */
  users: Named[];
  queues: Named[];
};

const MOST_NAMED = 5;

/** Counts what happens in a week; holds no more of a job than its id. */
export function countWeek(from: number, until: number): { add: (happening: Happening, at: number) => void; digest: () => WeeklyDigest } {
  const killed = new Set<string>();
  const sent = new Set<string>();
  const warned = new Set<string>();
  const kept = new Set<string>();
  const finished = new Set<string>();
  const over = new Set<string>();
  const wouldKill = new Set<string>();
  const refused = new Map<string, Set<string>>();
  const users = new Map<string, number>();
  const queues = new Map<string, number>();
  /** Also before the week: one that is found over in it ended by itself. */
  const everWarned = new Set<string>();

  return {
    /** `at` is when it happened, epoch ms. */
    add({ what, of, rule = '', user, queue }, at) {
      if (what === 'warned') everWarned.add(of);
      if (at < from || at >= until) return;
      switch (what) {
        case 'killed':
          if (!killed.has(of)) {
            countOne(users, user);
            countOne(queues, queue);
          }
          killed.add(of);
          break;
        case 'accepted':
        case 'still-running':
          sent.add(of);
          break;
        case 'warned':
          warned.add(of);
          break;
        case 'kept':
          kept.add(of);
          break;
        case 'finished-first':
          finished.add(of);
          break;
        case 'already-over':
          over.add(of);
          break;
        case 'would-kill':
          wouldKill.add(of);
          break;
        case 'refused':
          // Whoever it met says how that ended.
          if (rule !== 'repeat') refused.set(rule, (refused.get(rule) ?? new Set()).add(of));
          break;
        case 'declined':
        case 'expired':
        case 'not-found':
        case 'ambiguous':
        case 'failed':
        case 'notified':
        case 'ignored':
          break;
      }
    },
    digest() {
      // One that was killed is over for whoever asks again: only of one that was warned it says that the job ended by itself.
      const ended = new Set([...finished, ...[...over].filter((of) => everWarned.has(of))].filter((of) => !killed.has(of)));
      return {
        from,
        until,
        killed: killed.size,
        sent: [...sent].filter((of) => !killed.has(of) && !ended.has(of)).length,
        warned: warned.size,
        kept: kept.size,
        endedThemselves: ended.size,
        wouldKill: wouldKill.size,
        refused: mostFirst([...refused].map(([name, jobs]) => ({ name, jobs: jobs.size }))),
        users: topOf(users),
        queues: topOf(queues),
      };
    },
  };
}

/** Whether there is nothing to tell. */
export function isQuiet({ killed, sent, warned, kept, endedThemselves, wouldKill, refused }: WeeklyDigest): boolean {
  return killed + sent + warned + kept + endedThemselves + wouldKill + refused.length === 0;
}

/** What MRS left out is nobody's. */
function countOne(counts: Map<string, number>, name = ''): void {
  if (name !== '') counts.set(name, (counts.get(name) ?? 0) + 1);
}

function topOf(counts: Map<string, number>): Named[] {
  return mostFirst([...counts].map(([name, jobs]) => ({ name, jobs }))).slice(0, MOST_NAMED);
}

/** Those of one number by their names. */
function mostFirst(named: Named[]): Named[] {
  return named.toSorted((a, b) => b.jobs - a.jobs || (a.name < b.name ? -1 : 1));
}
