import { UpstreamFailed } from '../../lib/core/errors.ts';
import type { Job } from '../../lib/core/job.ts';
import { type Reporter, silentReporter, type View } from '../../lib/core/report.ts';
import type { MessageRef, Requested } from '../../lib/core/request.ts';
import type { HttpRequest } from '../../lib/http/reply.ts';
import type { CallBudget } from '../../lib/http/retry.ts';
import type { Log } from '../../lib/log/log.ts';
import { dayPartition, type EndEntry } from '../../lib/ledger/keys.ts';
import { createLog } from '../../lib/log/log.ts';
import type { Mrs } from '../../lib/mrs/mrs.ts';
import { Secret } from '../../lib/settings/secret.ts';
import type { SlackParts } from '../../lib/slack/ask-for-kill.ts';
import type { LaterTask } from '../../lib/slack/later.ts';
import { NOON } from '../core/a-job.ts';
import { aStart, type PlayedStart, type StartPlan } from '../start/a-start.ts';

/** Who is who in these tests. */
export const KILLER = 'U0KILLER';
export const APPROVER = 'U0APPROVER';
export const STRANGER = 'U0STRANGER';
export const CHANNEL = 'C0OPS';
export const RIGHTS = { team: 'T1', mayKill: [KILLER], mayApprove: [APPROVER], channel: CHANNEL };

/** Where Slack wants what is answered later. */
export const RESPONSE_URL = 'https://hooks.slack.com/actions/1';

export type SlackPlan = StartPlan & {
  /** What MRS says of the job that is looked at. */
  job?: Job | 'gone' | 'no answer';
  /** What a message comes to that is shown; it throws what is an error. */
  onShow?: (view: View, played: Pick<PlayedStart, 'ledger'>) => Error | undefined | Promise<void>;
  onHandOver?: (task: LaterTask) => Error | undefined;
  comesAgain?: boolean;
};

/** Everything that commands, clicks and their later work use, over a ledger in memory, on a clock that stands. */
export type PlayedSlack = Omit<PlayedStart, 'parts' | 'shown'> & {
  parts: SlackParts & Omit<PlayedStart['parts'], 'mrs'> & { reporter: Reporter };
  log: Log;
  shown: { request: Requested; view: View; card: MessageRef | undefined }[];
  said: string[];
  handed: LaterTask[];
  /** Which job was looked at, and with what patience. */
  reads: { cluster: string; jobId: string; budget: CallBudget }[];
  /** What was counted, with the rule that refused. */
  counted: Record<string, unknown>[];
  request: (form: Record<string, string>, path: string) => HttpRequest;
};

export async function aSlack(plan: SlackPlan = {}): Promise<PlayedSlack> {
  const played = await aStart({ ...plan, policy: { slack: RIGHTS, ...plan.policy } });
  const [shown, said, handed, reads, counted]: [PlayedSlack['shown'], string[], LaterTask[], PlayedSlack['reads'], Record<string, unknown>[]] = [[], [], [], [], []];
  const log = createLog({
    level: 'debug', now: played.clock.now,
    write: (line) => void (line.startsWith('{"_aws"') ? counted.push(JSON.parse(line) as Record<string, unknown>) : played.lines.push(JSON.parse(line) as PlayedSlack['lines'][number])),
  });
  const mrs = {
    ...played.parts.mrs,
    async job({ name }: { name: string }, jobId: string, budget: CallBudget) {
      reads.push({ cluster: name, jobId, budget });
      const { job = 'gone' } = plan;
      if (job === 'gone') throw new UpstreamFailed({ kind: 'not-found', message: 'no such job' } as never);
      if (job === 'no answer') throw new UpstreamFailed({ kind: 'unavailable', message: 'no answer' } as never);
      return job;
    },
  } as unknown as Mrs;
  const parts = {
    ...played.parts, starter: { ...played.parts.starter, warnEngine: played.engine }, log, mrs, engine: played.engine, settings: { slack: { signingSecrets: [], botToken: new Secret('xoxb-test') } } as unknown as SlackParts['settings'],
    async handOver(task: LaterTask) {
      handed.push(task);
      const error = plan.onHandOver?.(task);
      if (error) throw error;
    },
    reporter: {
      ...silentReporter,
      async show(request: Requested, view: View, card?: MessageRef) {
        shown.push({ request, view: structuredClone(view), card });
        const error = await plan.onShow?.(view, played);
        if (error) throw error;
        return card ?? { channel: CHANNEL, ts: `9.${shown.length}` };
      },
      say: async (text: string, as: 'plain' | 'mrkdwn') => void said.push(as === 'mrkdwn' ? text : `${as}: ${text}`),
    },
    ...(plan.comesAgain !== undefined && { comesAgain: plan.comesAgain }),
  };
  return {
    ...played, parts, log, shown, said, handed, reads, counted,
    request: (form, path) => ({ method: 'POST', path, headers: {}, rawBody: Buffer.from(new URLSearchParams(form).toString()), requestId: 'request-1', receivedAt: NOON, answerBy: NOON + 3_000, log }),
  };
}

/** How each request ended at the door, as the day has it: its outcome, and the rule that refused it or the code of its failure. */
export async function endsAtDoor({ list }: PlayedSlack): Promise<string[]> {
  const ends = (await list(dayPartition(NOON))).filter(({ rest }) => rest.endsWith('-1')).map(({ value }) => value as EndEntry);
  return ends.map(({ outcome, rule, code }) => `${outcome} ${rule ?? code}`);
}
