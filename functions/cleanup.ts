import { handleCleanup } from '../lib/cleanup/handle-schedule.ts';
import type { DigestReport } from '../lib/cleanup/send-digest.ts';
import type { CleanupReport } from '../lib/core/report.ts';
import { compose } from '../lib/house/compose.ts';
import { outsideOfLambda } from './aws/process.ts';

const outside = outsideOfLambda('cleanup', new URL('../build/policy.json', import.meta.url));
const house = compose(outside);

/** The scheduled run of the cleanup rules, and the weekly digest. */
export const handler = async (event: unknown): Promise<CleanupReport | DigestReport> => {
  await house.refresh();
  return handleCleanup(house.loadStarting, outside.log, event);
};
