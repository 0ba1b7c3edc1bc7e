import type { Part } from './part.ts';
import { firstAnswer } from './parts/first-answer.ts';
import { load } from './parts/load.ts';
import { size } from './parts/size.ts';

/** In the order of the table. */
export const PARTS: readonly Part[] = [load, firstAnswer, size];
