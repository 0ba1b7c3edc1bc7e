import { expect } from '@jest/globals';
import type { End } from '../../lib/core/end.ts';
import type { ExecutionView } from '../local/execution-view.ts';
import type { WorkflowStage } from '../stage/workflow.ts';

type Expected = {
  outcome: End['outcome'];
  rule?: string;
  reason?: RegExp;
  /** POSTs to MRS's kill, whatever was answered. */
  posts: number;
  /** Job ids. */
  killed: string[];
};

/**
 * Checks what holds for every end: the execution SUCCEEDED with kill_id and outcome, the end was shown once and audited, every
 * line bears the kill_id, and no POST went out before the record was checkpointed and the audit line written.
 */
export function expectEnd(stage: WorkflowStage, execution: ExecutionView, { outcome, rule, reason, posts, killed }: Expected): End {
  const { simulator, lines, trail } = stage;
  expect(simulator.kills()).toHaveLength(posts);
  expect(simulator.killed()).toEqual(killed);

  expect([execution.status, execution.error]).toEqual(['SUCCEEDED', undefined]);
  const ends = stage.ends();
  expect(ends.map((end) => [end.outcome, end.rule])).toEqual([[outcome, rule]]);
  const [end] = ends as [End];
  const answeredBy = end.answeredBy === undefined ? {} : { answered_by: end.answeredBy };
  expect(JSON.parse(execution.result ?? '')).toEqual({ kill_id: 'kill-1', outcome, ...answeredBy });
  expect(end.reason).toMatch(reason ?? /\w/);
  expect(trail.slice(-3)).toEqual([`show end ${outcome}`, 'checkpoint report', 'checkpoint history']);

  expect(lines.filter(({ level }) => level === 'audit').at(-1)).toMatchObject({ message: 'kill request ended', outcome, end_reason: end.reason });
  expect(lines.filter(({ message }) => message === 'kill request ended')).toHaveLength(1);
  expect(lines.every(({ kill_id }) => kill_id === 'kill-1')).toBe(true);
  expectRecordBeforeKill(stage);
  return end;
}

/** No checkpoint, no kill; no audit line, no kill. */
export function expectRecordBeforeKill({ trail }: WorkflowStage): void {
  const post = trail.indexOf('POST kill');
  const audited = trail.indexOf('audit killing');
  const recorded = trail.indexOf('checkpoint record');
  if (post >= 0) {
    expect(recorded).toBeGreaterThanOrEqual(0);
    expect(audited).toBeGreaterThan(recorded);
    expect(post).toBeGreaterThan(audited);
  }
}
