import { describe, it } from '@jest/globals';
import { homeOfStage } from './home-of-stage.ts';

/** For tests of what the own home does not have; `why` says what that is. */
export function onlyOnAws(_why: string): { describe: typeof describe; it: typeof it } {
  return homeOfStage() === 'aws' ? { describe, it } : { describe: describe.skip as typeof describe, it: it.skip as typeof it };
}
