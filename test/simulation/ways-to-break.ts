import { type HttpAnswer, type HttpCall, NoAnswer, type OpenSend, type Send } from '../../lib/http/send.ts';
import type { EndEntry } from '../../lib/ledger/keys.ts';
import type { Entry, Key, Ledger, PutEntry, Wish } from '../../lib/ledger/port.ts';
import type { Engine } from '../../lib/start/engine.ts';
import type { PlayOptions } from './play.ts';
import { SECOND_MS, type World } from './world.ts';

export type Alter = NonNullable<PlayOptions['alter']>;

const isKill = ({ url }: HttpCall): boolean => url.pathname.endsWith('/kill');
export function isLook({ method, url }: HttpCall): boolean {
  return method === 'GET' && url.pathname.includes('/job-executions');
}

export function sending(alter: (send: Send, world: World) => Send): NonNullable<Alter['openSend']> {
  return (open, world): OpenSend => (origins) => alter(open(origins), world);
}

export function answering(isMeant: (call: HttpCall) => boolean, change: (text: string) => string): NonNullable<Alter['openSend']> {
  return sending((send) => async (call) => {
    const answer = await send(call);
    return isMeant(call) ? { ...answer, text: change(answer.text) } : answer;
  });
}

export function revive(text: string): string {
  return text.replaceAll(/"job_state":"\w+"/g, '"job_state":"RUNNING"').replaceAll(/"job_result":"\w+"/g, '"job_result":"UNDEFINED"');
}

/** An impatient client with a retry of its own. */
export function sendAgain(send: Send): Send {
  return async (call) => {
    if (!isKill(call)) return send(call);
    try {
      return await send({ ...call, timeoutMs: 3 * SECOND_MS });
    } catch (error) {
      if (!(error instanceof NoAnswer)) throw error;
      return send(call);
    }
  };
}

/** To make sure. */
export function sendFour(send: Send): Send {
  return async (call) => {
    for (let left = isKill(call) ? 3 : 0; left > 0; left--) await send(call);
    return send(call);
  };
}

/** The job of a kill is none that there is. */
export function mixUp(send: Send): Send {
  return (call) => send(isKill(call) ? { ...call, url: new URL(call.url.href.replace(/(?<=\/job-executions\/)[^/]+/, '0'.repeat(8))) } : call);
}

/** A way out on which a kill waits before it leaves. */
export function slowly(send: Send, world: World): Send {
  return async (call) => {
    if (isKill(call)) await world.sleep(15 * SECOND_MS);
    return send(call);
  };
}

const OK: HttpAnswer = { status: 200, headers: {}, text: '{"ok":true,"channel":"C0123456789","ts":"1.1"}' };

export function swallowing(isMeant: (body: string, method: string) => boolean): (send: Send) => Send {
  return (send) => async (call) => {
    const method = call.url.pathname.replace('/api/', '');
    return method.startsWith('chat.') && isMeant(call.body ?? '', method) ? OK : send(call);
  };
}

export function saying(word: string, instead: string): (send: Send) => Send {
  return (send) => (call) => send(call.url.pathname.startsWith('/api/') && call.body !== undefined ? { ...call, body: call.body.replaceAll(word, instead) } : call);
}

/** Says that it has written, and has not. */
export function losing(isMeant: (key: Key) => boolean): (ledger: Ledger) => Ledger {
  return (ledger) => ({
    ...ledger,
    claim: async (key, wish, at) => (isMeant(key) ? { mine: true, start: wish.start, until: wish.until, value: wish.value } : ledger.claim(key, wish, at)),
    put: (entries, at) => ledger.put(entries.filter(({ key }) => !isMeant(key)), at),
  });
}

/** Writes something else than it was given. */
export function rewriting(isMeant: (key: Key) => boolean, change: (entry: PutEntry) => PutEntry): (ledger: Ledger) => Ledger {
  return (ledger) => ({ ...ledger, put: (entries, at) => ledger.put(entries.map((entry) => (isMeant(entry.key) ? change(entry) : entry)), at) });
}

/** Gives nothing back of what stands there. */
export function hiding(isMeant: (key: Key) => boolean): (ledger: Ledger) => Ledger {
  const seen = (entry: Entry | undefined): entry is Entry => entry !== undefined && !isMeant(entry.key);
  return (ledger) => ({
    ...ledger,
    claim: async (key, wish, at) => {
      const claimed = await ledger.claim(key, wish, at);
      return isMeant(key) ? { mine: true, start: wish.start, until: wish.until, value: wish.value } : claimed;
    },
    get: async (keys, at) => (await ledger.get(keys, at)).map((entry) => (seen(entry) ? entry : undefined)),
    list: async (partition, options) => {
      const page = await ledger.list(partition, options);
      return { ...page, entries: page.entries.filter(seen) };
    },
  });
}

/** A ledger without conditions: the last one decides. */
export function overwriting(isMeant: (key: Key) => boolean): (ledger: Ledger) => Ledger {
  return (ledger) => ({
    ...ledger,
    claim: async (key, wish, at) => {
      if (!isMeant(key)) return ledger.claim(key, wish, at);
      await ledger.put([{ key, value: wish.value, until: wish.until }], at);
      return { mine: true, start: wish.start, until: wish.until, value: wish.value };
    },
  });
}

/** Reads something else than what stands there. */
export function rereading(isMeant: (key: Key) => boolean, change: (value: object) => object): (ledger: Ledger) => Ledger {
  const reread = (entry: Entry): Entry => (isMeant(entry.key) ? { ...entry, value: change(entry.value as object) } : entry);
  return (ledger) => ({
    ...ledger,
    claim: async (key, wish, at) => {
      const claimed = await ledger.claim(key, wish, at);
      return isMeant(key) ? { ...claimed, value: change(claimed.value as object) } : claimed;
    },
    get: async (keys, at) => (await ledger.get(keys, at)).map((entry) => entry && reread(entry)),
    list: async (partition, options) => {
      const page = await ledger.list(partition, options);
      return { ...page, entries: page.entries.map(reread) };
    },
  });
}

/** Never gives back what was claimed. */
export function keeping(isMeant: (key: Key) => boolean): (ledger: Ledger) => Ledger {
  return (ledger) => ({ ...ledger, release: async (key, owner, start, at) => (isMeant(key) ? undefined : ledger.release(key, owner, start, at)) });
}

/** Whoever comes is let in, and who was there is out. */
export function evicting(isMeant: (key: Key, wish: Wish) => boolean): (ledger: Ledger) => Ledger {
  return (ledger) => ({
    ...ledger,
    claim: async (key, wish, at) => {
      const claimed = await ledger.claim(key, wish, at);
      if (claimed.mine || !isMeant(key, wish)) return claimed;
      await ledger.release(key, claimed.owner, Number.MAX_SAFE_INTEGER, at);
      return ledger.claim(key, wish, at);
    },
  });
}

/** Takes every repeat of an alert that picks for something new. */
export function forgetful(engine: Engine): Engine {
  let number = 1_000;
  return {
    ...engine,
    start: async (name, payload) => {
      const answer = await engine.start(name, payload);
      if (answer === 'started' || !/^alerts-dry-[0-9a-f]{32}$/.test(name)) return answer;
      return engine.start(`${name}-${++number}`, payload.replace('"start":1,', `"start":${number},`));
    },
  };
}

/** Writes another outcome into each End that has this one. */
export function ending(outcome: EndEntry['outcome'], instead: EndEntry['outcome']): (ledger: Ledger) => Ledger {
  const changed = (value: unknown): unknown => ((value as Partial<EndEntry> | undefined)?.outcome === outcome ? { ...(value as EndEntry), outcome: instead } : value);
  return (ledger) => ({ ...ledger, claim: (key, wish, at) => ledger.claim(key, key.rest.endsWith('/end') ? { ...wish, value: changed(wish.value) } : wish, at) });
}

/** An execution finds that its request was received so much later. */
export function received(laterMs: number): (event: unknown) => unknown {
  const later = (text: string): string => text.replaceAll(/receivedAt\\":(\d+)/g, (_, at: string) => `receivedAt\\":${Number(at) + laterMs}`);
  return (event) => {
    const { InitialExecutionState: state } = event as { InitialExecutionState: unknown };
    return Object.assign(event as object, { InitialExecutionState: JSON.parse(later(JSON.stringify(state))) as unknown });
  };
}
