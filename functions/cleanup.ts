import { handleCleanup } from '../lib/cleanup/handle-schedule.ts';
import type { CleanupReport } from '../lib/core/report.ts';
import { compose } from './aws/compose.ts';
import { outsideOfLambda } from './aws/process.ts';

const outside = outsideOfLambda(new URL('../build/policy.json', import.meta.url));
const house = compose(outside);

/** The scheduled run of the cleanup rules. */
export const handler = async (event: unknown): Promise<CleanupReport> => {
  await house.refresh();
  return handleCleanup(house.loadStarting, outside.log, event);
};
