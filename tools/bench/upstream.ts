import { fork } from 'node:child_process';
import { join } from 'node:path';
import { settingsOf } from '../../test/simulator/settings.ts';
import { ask, nextMessage } from './ask.ts';

/** Where the parts of the upstream process listen. `listsUrl` is MRS with its lists answered fast. */
export type Served = { mrsUrl: string; iamUrl: string; listsUrl: string; slackUrl: string; lambdaUrl: string; ledgerUrl: string; table: string };

export type Asked =
  | { do: 'add-jobs'; count: number; fields?: { job_name?: string; job_type?: string; started_time?: number } }
  | { do: 'delay'; ms: number }
  | { do: 'take-calls' }
  | { do: 'begin' }
  | { do: 'last-invocation' };

/** A request that was answered: `to` is `POST kill`, or the ledger's `PutItem`, of which the body is kept too; `at` is epoch ms, `bytes` of its body. */
export type Call = { to: string; at: number; method: string; path: string; bytes: number; target?: string; body?: string };
/** What Lambda gives a durable function at its first invocation. */
export type Invocation = { event: object };

const PROCESS = join(import.meta.dirname, 'upstream-process.ts');

export type Upstream = {
  urls: Served;
  /** Running jobs, the oldest first; their ids. */
  addJobs(count: number, fields?: { job_name?: string; started_time?: number }): Promise<{ id: string; yarnId: string }[]>;
  /** From now on each answer leaves so many ms later. */
  delay(ms: number): Promise<void>;
  /** What was answered since this was asked last. */
  takeCalls(): Promise<Call[]>;
  /** What was started since this was asked last begins: it stands in the ledger that it did. */
  begin(): Promise<void>;
  /** The first invocation of the execution of kill that was started last, which is the caller's to run. */
  lastInvocation(): Promise<Invocation>;
  stop(): void;
};

/** Starts the process that stands for everything outside of the functions. */
export async function startUpstream(): Promise<Upstream> {
  const child = fork(PROCESS, { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] });
  const urls = await nextMessage<Served>(child);
  const say = <T>(asked: Asked): Promise<T> => ask<T>(child, asked);
  return {
    urls,
    addJobs: (count, fields = {}) => say({ do: 'add-jobs', count, fields }),
    delay: async (ms) => void (await say({ do: 'delay', ms })),
    takeCalls: () => say({ do: 'take-calls' }),
    begin: async () => void (await say({ do: 'begin' })),
    lastInvocation: () => say({ do: 'last-invocation' }),
    stop: () => child.disconnect(),
  };
}

/** The settings that lead to it, over those of the template; keys are signed with and looked at by nobody. */
export function leadTo({ mrsUrl, iamUrl, slackUrl, lambdaUrl, ledgerUrl, table }: Served, functionName: string): Record<string, string> {
  return {
    ...settingsOf(iamUrl),
    MRS_ENDPOINT: mrsUrl,
    SLACK_API_URL: slackUrl,
    LEDGER_TABLE: table,
    AWS_ENDPOINT_URL_LAMBDA: lambdaUrl,
    AWS_ENDPOINT_URL_DYNAMODB: ledgerUrl,
    AWS_REGION: 'eu-west-1',
    AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
    AWS_SECRET_ACCESS_KEY: 'a-secret-key-of-aws-0123456789',
    AWS_SESSION_TOKEN: 'a-session-token-of-aws', // Lambda gives one
    AWS_LAMBDA_FUNCTION_NAME: `mrs-killswitch-bench-${functionName}`,
    AWS_LAMBDA_FUNCTION_MEMORY_SIZE: '512',
  };
}
