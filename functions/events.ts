import { compose } from '../lib/house/compose.ts';
import { handleEvent } from './aws/handle-event.ts';
import { outsideOfLambda } from './aws/process.ts';

const outside = outsideOfLambda('events', new URL('../build/policy.json', import.meta.url));
const house = compose(outside);

/** Events from inside AWS: executions that ended without a report, and CloudWatch's alarms. */
export const handler = async (event: unknown): Promise<void> => {
  await house.refresh();
  return handleEvent(house.loadStarting, outside.log, event);
};
