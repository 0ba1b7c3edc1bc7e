import type { ExecutionView } from '../local/execution-view.ts';
import type { DurableBackendOptions } from '../local/durable-backend.ts';
import { rule, startWarnStage, type WarnStage, warnPolicy } from '../stage/warn.ts';
import type { SceneEngine } from './engines.ts';

/** What not every engine can do. */
export type Need = 'stop' | 'the life of an execution';

/** One story of the whole product on an engine: what is done, and what has to come of it on each of them. */
export type Scene = {
  name: string;
  needs?: Need[];
  /** Default: POLICY. */
  policy?: string;
  env?: Record<string, string>;
  durable?: Partial<DurableBackendOptions>;
  play: (stage: WarnStage) => unknown;
  /** The Ends on record in the order they came, as `outcome` or `outcome: rule`. */
  ends: string[];
  /** POSTs to MRS's kill, whatever was answered. */
  posts: number;
  /** Names of the jobs that died of it. */
  killed: string[];
  /** The operations of each execution, oldest first, as `written` writes them. */
  runs: string[];
};

export type Played = Pick<Scene, 'ends' | 'posts' | 'killed' | 'runs'>;

const ALERTS = `
alerts:
  - { match: { alertname: Stuck }, action: kill }
  - { match: { alertname: Asked }, action: ask }
  - { match: { alertname: Told }, action: notify }
  - { match: { alertname: Warned }, action: kill, warn: 30m, keep: 2h }
  - { match: { alertname: Memory }, cluster: analytics, pick: { queue: adhoc, order: longest-running, count: 2 }, action: kill }
`;

/** Alerts kill, ask, tell, warn and pick by their name; cleanup warns of notebooks that run for more than six hours. */
export const POLICY = warnPolicy(rule(), ALERTS);

/** Plays a scene on an engine; `look` at the stage once it is over. Throws where the stage found something amiss. */
export async function playScene({ policy = POLICY, env, durable, play }: Scene, { createBackend }: SceneEngine, look: (stage: WarnStage) => void = () => undefined): Promise<Played> {
  const stage = await startWarnStage(policy, { createBackend, ...(env && { env }), ...(durable && { durable }) });
  try {
    await play(stage);
    await stage.idle();
    look(stage);
    const { simulator, backend } = stage;
    return {
      ends: stage.ends().map(({ outcome, rule: by }) => [outcome, by].filter((word) => typeof word === 'string').join(': ')),
      posts: simulator.kills().length,
      killed: simulator.killed().map((id) => simulator.job(id)?.job_name ?? ''),
      runs: backend.list({ oldestFirst: true }).map(written),
    };
  } finally {
    await stage.close();
  }
}

/** An execution in a line: its function, then name, type (none: a step), attempts (none: one) and status (none: SUCCEEDED) of its operations in order. */
export function written({ functionName, operations }: Pick<ExecutionView, 'functionName' | 'operations'>): string {
  const words = operations.flatMap(({ Type: type, Name: name, Status: status, StepDetails: step }) => {
    if (type === 'EXECUTION') return [];
    const kind = type === 'STEP' ? '' : `(${String(type).toLowerCase()})`;
    const attempts = (step?.Attempt ?? 1) > 1 ? `×${step?.Attempt}` : '';
    return [`${name}${kind}${attempts}${status === 'SUCCEEDED' ? '' : `!${status}`}`];
  });
  return `${functionName.split('-').at(-1)}: ${words.join(' ')}`;
}
