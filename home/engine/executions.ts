import type { ErrorObject } from '@aws/durable-execution-sdk-js';
import type { Store } from '../store/store.ts';
import { alreadyStarted, invalidParameter } from './service-error.ts';

/** How an execution stands. https://docs.aws.amazon.com/lambda/latest/api/API_Execution.html */
export type ExecutionStatus = 'RUNNING' | 'SUCCEEDED' | 'FAILED' | 'TIMED_OUT' | 'STOPPED';
export type EndStatus = Exclude<ExecutionStatus, 'RUNNING'>;

/** One execution as it is on record. Times are epoch ms; `input` and `result` JSON text. */
export type Execution = {
  name: string;
  /** Random; another one when the execution begins anew under another version: its old callbacks and tokens are worth nothing then. */
  id: string;
  functionName: string;
  version: string;
  input: string;
  status: ExecutionStatus;
  startMs: number;
  endMs?: number;
  result?: string;
  error?: ErrorObject;
  invocations: number;
  checkpointCalls: number;
  /** Invocations in a row that threw. */
  throws: number;
  /** Invocations in a row that the process died under. */
  deaths: number;
  /** It was in flight when a process died, and has not got further since: it runs alone among its like. */
  mayBeDeadly: boolean;
};

/** `queued`: to be invoked. `running`: an invocation is in flight, or was when the process died. `waiting`: for a timer or an answer. */
export type Phase = 'queued' | 'running' | 'waiting' | 'over';

/** In which order they are invoked: what goes on before what is new, and at the end what the process may have died of. */
const RANKS = { goesOn: 0, isNew: 1, mayBeDeadly: 2 } as const;

const TABLE = `
CREATE TABLE IF NOT EXISTS executions (
  name TEXT PRIMARY KEY, id TEXT NOT NULL, functionName TEXT NOT NULL, version TEXT NOT NULL, input TEXT NOT NULL,
  status TEXT NOT NULL, phase TEXT NOT NULL, rank INTEGER NOT NULL, queuedMs INTEGER NOT NULL,
  startMs INTEGER NOT NULL, endMs INTEGER, result TEXT, error TEXT,
  invocations INTEGER NOT NULL, checkpointCalls INTEGER NOT NULL, throws INTEGER NOT NULL, deaths INTEGER NOT NULL, isTold INTEGER NOT NULL
) STRICT;
CREATE INDEX IF NOT EXISTS executions_open ON executions (phase, rank, queuedMs) WHERE phase <> 'over';
CREATE INDEX IF NOT EXISTS executions_over ON executions (endMs) WHERE phase = 'over';
CREATE INDEX IF NOT EXISTS executions_untold ON executions (endMs) WHERE isTold = 0;`;

type Row = Record<string, unknown>;

/** The table of executions. All of it is plain statements: for the store's `write`, but those that only read. */
export type Executions = ReturnType<typeof openExecutions>;

/** Opens the table, made where it is missing. */
export function openExecutions({ database }: Store, createId: () => string) {
  database.exec(TABLE);
  // Those that say "not over" say it so that the index of what is open serves. https://sqlite.org/partialindex.html
  const statements = {
    insert: database.prepare(`INSERT INTO executions VALUES (:name, :id, :functionName, :version, :input, 'RUNNING', 'queued', ${RANKS.isNew}, :startMs, :startMs, NULL, NULL, NULL, 0, 0, 0, 0, 1)`),
    byName: database.prepare('SELECT * FROM executions WHERE name = ?'),
    queued: database.prepare("SELECT * FROM executions WHERE phase <> 'over' AND phase = 'queued' AND rank < :below ORDER BY rank, queuedMs LIMIT :most"),
    queue: database.prepare("UPDATE executions SET phase = 'queued', rank = :rank, queuedMs = :queuedMs WHERE name = :name AND phase = 'waiting'"),
    queueDead: database.prepare(`UPDATE executions SET phase = 'queued', rank = ${RANKS.mayBeDeadly}, queuedMs = :queuedMs WHERE name = :name AND phase = 'running'`),
    begin: database.prepare("UPDATE executions SET phase = 'running', invocations = invocations + 1, deaths = deaths + 1 WHERE name = ?"),
    settle: database.prepare("UPDATE executions SET phase = 'waiting', throws = :throws, deaths = :deaths WHERE name = :name AND phase = 'running'"),
    note: database.prepare('UPDATE executions SET checkpointCalls = checkpointCalls + 1, deaths = iif(:alive, 0, deaths) WHERE name = :name'),
    keepResult: database.prepare('UPDATE executions SET result = :result WHERE name = :name'),
    finish: database.prepare("UPDATE executions SET status = :status, phase = 'over', endMs = :endMs, result = :result, error = :error, isTold = :isTold WHERE name = :name"),
    renew: database.prepare(`UPDATE executions SET id = :id, version = :version, phase = 'queued', rank = ${RANKS.goesOn}, queuedMs = :queuedMs, result = NULL, throws = 0, deaths = 0 WHERE name = :name`),
    tell: database.prepare('UPDATE executions SET isTold = 1 WHERE name = ?'),
    inPhase: database.prepare("SELECT * FROM executions WHERE phase <> 'over' AND phase = ? ORDER BY startMs, rowid"),
    ofOtherVersion: database.prepare("SELECT * FROM executions WHERE phase <> 'over' AND version <> ? ORDER BY startMs, rowid"),
    untold: database.prepare('SELECT * FROM executions WHERE isTold = 0'),
    open: database.prepare("SELECT count(*) AS open FROM executions WHERE phase <> 'over'"),
    openBy: database.prepare("SELECT functionName, count(*) AS open FROM executions WHERE phase <> 'over' GROUP BY functionName"),
    all: database.prepare('SELECT * FROM executions ORDER BY startMs, rowid'),
    forget: database.prepare("DELETE FROM executions WHERE rowid IN (SELECT rowid FROM executions WHERE phase = 'over' AND isTold = 1 AND endMs < :beforeMs LIMIT :most)"),
  };
  const read = (row: Row | undefined): Execution | undefined => row && toExecution(row);
  const readAll = (rows: Row[]): Execution[] => rows.map(toExecution);
  const byName = (name: string): Execution | undefined => read(statements.byName.get(name));

  return {
    /** A new one, or the one of that name and with the same function and input. Throws DurableExecutionAlreadyStartedException, InvalidParameterValueException. */
    begin(functionName: string, wantedName: string | undefined, input: string, version: string, startMs: number): { execution: Execution; started: boolean } {
      if (wantedName !== undefined && !/^[a-zA-Z0-9_-]{1,64}$/.test(wantedName)) {
        throw invalidParameter('DurableExecutionName must be 1 to 64 of a-z, A-Z, 0-9, - and _');
      }
      const taken = wantedName === undefined ? undefined : byName(wantedName);
      if (taken !== undefined) {
        if (taken.functionName !== functionName || taken.input !== input) throw alreadyStarted(taken.name);
        return { execution: taken, started: false };
      }
      const id = createId();
      const name = wantedName ?? id;
      statements.insert.run({ name, id, functionName, version, input, startMs });
      return { execution: { name, id, functionName, version, input, status: 'RUNNING', startMs, invocations: 0, checkpointCalls: 0, throws: 0, deaths: 0, mayBeDeadly: false }, started: true };
    },
    byName,
    /** Those to be invoked next, at most `most`; with what may be deadly, it alone. */
    nextQueued(most: number, mayBeDeadly: boolean): Execution[] {
      const next = readAll(statements.queued.all({ below: RANKS.mayBeDeadly, most }));
      if (next.length === most || !mayBeDeadly) return next;
      const last = readAll(statements.queued.all({ below: RANKS.mayBeDeadly + 1, most: next.length + 1 }));
      return last;
    },
    /** One that waits is to be invoked again; what runs is told by its next checkpoint, or begins again when it has settled. */
    queue: (name: string, queuedMs: number): void => void statements.queue.run({ name, rank: RANKS.goesOn, queuedMs }),
    /** To be invoked again: its invocation was in flight when the process died. */
    queueDead: (name: string, queuedMs: number): void => void statements.queueDead.run({ name, queuedMs }),
    /** An invocation of it begins: its death is counted before it can die. */
    markRunning: (name: string): void => void statements.begin.run(name),
    markSettled: (name: string, throws: number, deaths = 0): void => void statements.settle.run({ name, throws, deaths }),
    /** A checkpoint call of it came; `alive`: it got further than where the process may have died. */
    noteCheckpoint: (name: string, alive: boolean): void => void statements.note.run({ name, alive: Number(alive) }),
    keepResult: (name: string, result: string | undefined): void => void statements.keepResult.run({ name, result: result ?? null }),
    finish(name: string, status: EndStatus, endMs: number, { result, error }: { result?: string | undefined; error?: ErrorObject | undefined }, isTold: boolean): void {
      statements.finish.run({ name, status, endMs, result: result ?? null, error: error === undefined ? null : JSON.stringify(error), isTold: Number(isTold) });
    },
    /** Begins anew under its old name: nothing of what ran before is replayed. */
    renew: (name: string, version: string, queuedMs: number): void => void statements.renew.run({ name, id: createId(), version, queuedMs }),
    markTold: (name: string): void => void statements.tell.run(name),
    inPhase: (phase: Exclude<Phase, 'over'>): Execution[] => readAll(statements.inPhase.all(phase)),
    ofOtherVersion: (version: string): Execution[] => readAll(statements.ofOtherVersion.all(version)),
    untold: (): Execution[] => readAll(statements.untold.all()),
    countOpen: (): number => Number(statements.open.get()?.['open']),
    countOpenByFunction: (): Record<string, number> => Object.fromEntries(statements.openBy.all().map(({ functionName, open }) => [String(functionName), Number(open)])),
    /** Every one there is, oldest first: for tests and their like. */
    all: (): Execution[] => readAll(statements.all.all()),
    /** Forgets what ended before `beforeMs`, at most `most` of them; how many. */
    forget: (beforeMs: number, most: number): number => Number(statements.forget.run({ beforeMs, most }).changes),
  };
}

function toExecution(row: Row): Execution {
  const { endMs, result, error } = row;
  return {
    name: String(row['name']),
    id: String(row['id']),
    functionName: String(row['functionName']),
    version: String(row['version']),
    input: String(row['input']),
    status: row['status'] as ExecutionStatus,
    startMs: Number(row['startMs']),
    invocations: Number(row['invocations']),
    checkpointCalls: Number(row['checkpointCalls']),
    throws: Number(row['throws']),
    deaths: Number(row['deaths']),
    mayBeDeadly: row['rank'] === RANKS.mayBeDeadly,
    ...(endMs !== null && { endMs: Number(endMs) }),
    ...(typeof result === 'string' && { result }),
    ...(typeof error === 'string' && { error: JSON.parse(error) as ErrorObject }),
  };
}
