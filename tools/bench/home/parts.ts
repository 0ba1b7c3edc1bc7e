import type { HomePart } from './part.ts';
import { days } from './parts/days.ts';
import { open } from './parts/open.ts';
import { people } from './parts/people.ts';
import { starts } from './parts/starts.ts';

/** In the order of the table. */
export const HOME_PARTS: readonly HomePart[] = [starts, open, people, days];
