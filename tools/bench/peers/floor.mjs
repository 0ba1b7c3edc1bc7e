import { createPost } from './post.mjs';
import { startBy } from './start-by.mjs';

/** The same as fast as it can be: an import of `node:http` reads all that it exports, Node's own undici among it. */
export const handler = startBy(createPost(process.getBuiltinModule('node:http')));
