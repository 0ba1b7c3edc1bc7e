import type { Ground, Part } from '../part.ts';

/** A part of the table of the own home: it needs no packages and no upstream of others. */
export type HomePart = Pick<Part, 'name' | 'about'> & { measure: (ground: Pick<Ground, 'rounds' | 'isQuick'>) => Promise<Awaited<ReturnType<Part['measure']>>> };
