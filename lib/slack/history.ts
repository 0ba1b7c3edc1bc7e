import { formatDuration } from '../core/time.ts';
import { dayPartition, EndEntry } from '../ledger/keys.ts';
import type { Ledger } from '../ledger/port.ts';
import { type Cluster, findCluster } from '../mrs/cluster.ts';
import { FIRST_WORDS, linesMessage, type Message } from './cards.ts';
import { asker, code, foreign, jobLine, person } from './text.ts';

const HISTORY_LENGTH = 10;
const HISTORY_DAYS = 30;
const DAY_MS = 86_400_000;
const PAGE = 50;

/** The newest Ends with who, why and outcome; refusals by `alerts` and what was ignored are left out, REST and other refusals are not. */
export async function listHistory({ ledger, clusters }: { ledger: Ledger; clusters: readonly Cluster[] }, now: Date): Promise<Message> {
  const newest: EndEntry[] = [];
  for (let day = 0; day < HISTORY_DAYS && newest.length < HISTORY_LENGTH; day++) {
    newest.push(...(await endsOfDay(ledger, dayPartition(now.getTime() - day * DAY_MS), now.getTime(), HISTORY_LENGTH - newest.length)));
  }
  const lines = newest.map((end) => historyLine(clusters, end, now));
  return linesMessage(newest.length === 0 ? `No kill was asked for in the last ${HISTORY_DAYS} days` : `The last ${newest.length}`, lines);
}

async function endsOfDay(ledger: Ledger, partition: string, now: number, most: number): Promise<EndEntry[]> {
  const ends: EndEntry[] = [];
  let after: string | undefined;
  do {
    const page = await ledger.list(partition, { now, newestFirst: true, most: PAGE, after });
    for (const { key, value } of page.entries) {
      const end = key.rest.endsWith('-1') ? EndEntry.safeParse(value).data : undefined;
      if (end && end.outcome !== 'ignored' && end.rule !== 'alerts') ends.push(end);
    }
    after = page.after;
  } while (after !== undefined && ends.length < most);
  return ends.slice(0, most);
}

function historyLine(clusters: readonly Cluster[], { outcome, rule, began, by, trigger, why, answeredBy, job, asked }: EndEntry, now: Date): string {
  const words = rule === undefined ? FIRST_WORDS[outcome] : `${FIRST_WORDS[outcome]}: ${rule}`;
  const subject = job === undefined ? (asked === undefined ? '' : ` ${code(asked)}`) : ` ${jobLine({ ...job, cluster: findCluster(clusters, job.cluster)?.name ?? job.cluster })}`;
  const because = why === '' ? '' : `, because ${foreign(why, 100)}`;
  const answered = answeredBy === undefined ? '' : `, answered by ${person(answeredBy)}`;
  return `*${words}*${subject}, ${formatDuration(now.getTime() - began)} ago, asked for by ${asker(trigger, by)}${because}${answered}`;
}
