import type { Part } from './part.ts';
import { api } from './parts/api.ts';
import { counts } from './parts/counts.ts';
import { delivery } from './parts/delivery.ts';
import { firstAnswer } from './parts/first-answer.ts';
import { kill } from './parts/kill.ts';
import { lists } from './parts/lists.ts';
import { load } from './parts/load.ts';
import { sign } from './parts/sign.ts';
import { size } from './parts/size.ts';

/** In the order of the table. */
export const PARTS: readonly Part[] = [load, firstAnswer, size, api, delivery, lists, kill, counts, sign];
