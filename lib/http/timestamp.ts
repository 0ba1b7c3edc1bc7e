import * as z from 'zod/mini';

/** ISO time in, epoch ms out. */
export const timestamp = z.pipe(z.iso.datetime({ offset: true }), z.transform((text) => Date.parse(text)));
