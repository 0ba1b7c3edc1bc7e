import { ASKED } from './asked.ts';
import { KILLS } from './kills.ts';
import { BROKEN_OFF, HANDED_ON } from './picked-and-warned.ts';
import type { Scene } from './scene.ts';

/** All of them. */
export const SCENES: Scene[] = [...KILLS, ...ASKED, ...HANDED_ON, ...BROKEN_OFF];
