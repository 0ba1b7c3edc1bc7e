import * as http from 'node:http';
import { createPost } from './post.mjs';
import { startBy } from './start-by.mjs';

/** As anybody would write it. */
export const handler = startBy(createPost(http));
