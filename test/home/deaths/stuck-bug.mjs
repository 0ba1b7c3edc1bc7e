// Loaded before the own home (`--import`): a bug by which a call whose path has STUCK_AT in it never ends, and hears no signal.
import { registerHooks } from 'node:module';

const FILE = '/home/mrs/open-send.ts';
const WAY_OUT = 'return (call) => {';

// https://nodejs.org/docs/latest-v24.x/api/module.html#moduleregisterhooksoptions
registerHooks({
  load(url, context, nextLoad) {
    const loaded = nextLoad(url, context);
    if (!url.endsWith(FILE)) return loaded;
    const source = Buffer.from(loaded.source).toString();
    if (!source.includes(WAY_OUT)) throw new Error(`${FILE} has no place for the bug any more`);
    return { ...loaded, source: source.replace(WAY_OUT, `${WAY_OUT} if (call.url.href.includes(process.env.STUCK_AT)) return new Promise(() => undefined);`) };
  },
});
