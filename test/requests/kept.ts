import type { Drawn } from './draw.ts';

/** Requests that broke something once, made as small as they could be, and what they broke. */
export const KEPT: readonly { broke: string; drawn: Drawn }[] = [];
