import { coversGlob } from '../../lib/core/covers.ts';
import { matchesGlob } from '../../lib/core/glob.ts';
import { ACTIVE_STATES } from '../../lib/core/job.ts';
import { nearestWord, replacedIn } from '../../lib/core/near-names.ts';
import type { Selector } from '../../lib/core/selector.ts';

/**
 * The types of jobs as MRS shows them; a SparkPython job is shown as SparkSubmit.
 * https://support.huaweicloud.com/intl/en-us/api-mrs/CreateExecuteJob.html
 */
const TYPES = ['MapReduce', 'SparkSubmit', 'SparkScript', 'SparkSql', 'SparkStreaming', 'HiveScript', 'HiveSql', 'DistCp', 'Flink', 'Kafka'];

/** Why no job that is still going on can ever fit; undefined where one may. */
export function whyNoJobFits({ name, user, queue, type, state, olderThanMs, pendingLongerThanMs }: Selector): string | undefined {
  const mistyped = Object.entries({ name, user, queue, type, state }).find(([, glob]) => glob !== undefined && replacedIn(glob).length > 0);
  if (mistyped) return `${mistyped[0]} has ${replacedIn(mistyped[1] ?? '').join(' and ')} in it; type it anew`;
  if (type !== undefined && fitting(type, TYPES).length === 0) {
    if (matchesGlob(type.toLowerCase(), 'sparkpython')) return 'MRS shows a SparkPython job as SparkSubmit; write type: SparkSubmit';
    return `no type of MRS fits ${type}; they are ${TYPES.join(', ')}${didYouMean(type, TYPES)}`;
  }
  if (state === undefined) return undefined;
  const states = fitting(state, ACTIVE_STATES);
  if (states.length === 0) return `a job that goes on is in no state that fits ${state}; they are ${ACTIVE_STATES.join(', ')}${didYouMean(state, ACTIVE_STATES)}`;
  if (olderThanMs !== undefined && !states.includes('RUNNING')) return `olderThan is for jobs that run, and state: ${state} for those that wait; write pendingLongerThan`;
  if (pendingLongerThanMs !== undefined && states.every((one) => one === 'RUNNING')) return `pendingLongerThan is for jobs that wait, and state: ${state} for those that run; write olderThan`;
  return undefined;
}

/** Whether all jobs that fit are such as MRS cannot stop. */
export function meansOnlySparkSql({ type }: Selector): boolean {
  return type !== undefined && fitting(type, TYPES).join() === 'SparkSql';
}

/** Whether every job that `narrow` fits is one that `wide` fits too; false where that is not sure. */
export function coversSelector(wide: Selector, narrow: Selector): boolean {
  const isAsWide = (field: 'name' | 'user' | 'queue' | 'type' | 'state'): boolean => {
    const [other, own] = [wide[field], narrow[field]];
    if (other === undefined) return true;
    if (own === undefined) return false;
    return field === 'type' || field === 'state' ? coversGlob(other.toLowerCase(), own.toLowerCase()) : coversGlob(other, own);
  };
  const isAsOld = (field: 'olderThanMs' | 'pendingLongerThanMs'): boolean => wide[field] === undefined || (narrow[field] ?? -1) >= wide[field];
  return (['name', 'user', 'queue', 'type', 'state'] as const).every(isAsWide) && isAsOld('olderThanMs') && isAsOld('pendingLongerThanMs');
}

/** The words that a glob fits, without regard to case. */
function fitting(glob: string, words: readonly string[]): string[] {
  return words.filter((word) => matchesGlob(glob.toLowerCase(), word.toLowerCase()));
}

function didYouMean(typed: string, words: readonly string[]): string {
  const near = nearestWord(typed, words);
  return near === undefined ? '' : `; did you mean ${near}?`;
}
