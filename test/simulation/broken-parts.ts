import { type HttpAnswer, type HttpCall, NoAnswer, type OpenSend, type Send } from '../../lib/http/send.ts';
import type { Entry, Key, Ledger } from '../../lib/ledger/port.ts';
import type { PlayOptions } from './play.ts';
import { SECOND_MS, type World } from './world.ts';

type Alter = NonNullable<PlayOptions['alter']>;

/**
 * For each property a part that breaks it: it stands between the house and what is judged, as a fault of the house's own would.
 * The simulation has to notice each within a few seeds.
 */
export const BROKEN_PARTS: Readonly<Record<string, Alter>> = {
  'kill after the job was seen over': { openSend: answering(isLook, (text) => (text.includes('"job_detail"') ? revive(text) : text)) },
  'kill within 10 s of an unanswered one': { openSend: sending(sendAgain(1)) },
  'more than three kills': { openSend: sending(sendAgain(3)) },
  'kill without its record': { ledger: losing(({ partition, rest }) => partition.startsWith('run/') && rest.startsWith('post/')) },
  'kill after a no': { ledger: hearingYes },
  'kill while the switch is on': { ledger: hiding(({ partition }) => partition === 'switch') },
  'kill on an old look at the job': { openSend: sending(slowly) },
  'kill on an old look at the switch': { openSend: sending(slowly) },
  'kill of a newer run': { openSend: answering(isLook, (text) => text.replaceAll(/"submitted_time":\d+/g, '"submitted_time":1')), ledger: hiding(({ partition }) => /^(?:name|run)\//.test(partition)) },
  'more kills than perHour': { ledger: (ledger) => ({ ...ledger, take: async () => ({ taken: true }) }) },
  'an End that changes': { ledger: overwriting((key) => key.rest.endsWith('/end')) },
  'a start without an End': { ledger: losing(({ rest }) => rest.endsWith('/end')) },
  'an End that was never told': { openSend: sending(swallowing((text) => !text.includes('"actions"') && text.includes('Killed'))) },
  'told otherwise than the End': { openSend: sending(saying('Killed', 'Ended by itself')) },
  'an answer that does not count': { ledger: hiding(({ rest }) => rest.endsWith('/answer')) },
  'an End that is not true': { openSend: answering(isLook, (text) => text.replaceAll('KILLED', 'FAILED')) },
  'two cards with buttons for one start': { ledger: hiding(({ rest }) => rest.includes('/card/')) },
  'a card that keeps its buttons': { openSend: sending(swallowing((text, method) => method === 'chat.update' && !text.includes('"actions"'))) },
};

const isKill = ({ url }: HttpCall): boolean => url.pathname.endsWith('/kill');
function isLook({ method, url }: HttpCall): boolean {
  return method === 'GET' && url.pathname.includes('/job-executions');
}

function sending(alter: (send: Send, world: World) => Send): NonNullable<Alter['openSend']> {
  return (open, world): OpenSend => (origins) => alter(open(origins), world);
}

function answering(isMeant: (call: HttpCall) => boolean, change: (text: string) => string): NonNullable<Alter['openSend']> {
  return sending((send) => async (call) => {
    const answer = await send(call);
    return isMeant(call) ? { ...answer, text: change(answer.text) } : answer;
  });
}

function revive(text: string): string {
  return text.replaceAll(/"job_state":"\w+"/g, '"job_state":"RUNNING"').replaceAll(/"job_result":"\w+"/g, '"job_result":"UNDEFINED"');
}

/** A client with retries of its own, as many have. */
function sendAgain(times: number): (send: Send) => Send {
  return (send) => async (call) => {
    for (let left = isKill(call) ? times : 0; ; left--) {
      try {
        return await send(call);
      } catch (error) {
        if (left === 0 || !(error instanceof NoAnswer)) throw error;
      }
    }
  };
}

/** A way out on which a kill waits before it leaves. */
function slowly(send: Send, world: World): Send {
  return async (call) => {
    if (isKill(call)) await world.sleep(15 * SECOND_MS);
    return send(call);
  };
}

const OK: HttpAnswer = { status: 200, headers: {}, text: '{"ok":true,"channel":"C0123456789","ts":"1.1"}' };

function swallowing(isMeant: (body: string, method: string) => boolean): (send: Send) => Send {
  return (send) => async (call) => {
    const method = call.url.pathname.replace('/api/', '');
    return method.startsWith('chat.') && isMeant(call.body ?? '', method) ? OK : send(call);
  };
}

function saying(word: string, instead: string): (send: Send) => Send {
  return (send) => (call) => send(call.url.pathname.startsWith('/api/') && call.body !== undefined ? { ...call, body: call.body.replaceAll(word, instead) } : call);
}

/** Says that it has written, and has not. */
function losing(isMeant: (key: Key) => boolean): (ledger: Ledger) => Ledger {
  return (ledger) => ({
    ...ledger,
    claim: async (key, wish, at) => (isMeant(key) ? { mine: true, start: wish.start, until: wish.until, value: wish.value } : ledger.claim(key, wish, at)),
    put: (entries, at) => ledger.put(entries.filter(({ key }) => !isMeant(key)), at),
  });
}

/** Gives nothing back of what stands there. */
function hiding(isMeant: (key: Key) => boolean): (ledger: Ledger) => Ledger {
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
function overwriting(isMeant: (key: Key) => boolean): (ledger: Ledger) => Ledger {
  return (ledger) => ({
    ...ledger,
    claim: async (key, wish, at) => {
      if (!isMeant(key)) return ledger.claim(key, wish, at);
      await ledger.put([{ key, value: wish.value, until: wish.until }], at);
      return { mine: true, start: wish.start, until: wish.until, value: wish.value };
    },
  });
}

/** Reads a yes in every answer. */
function hearingYes(ledger: Ledger): Ledger {
  const yes = (entry: Entry | undefined): Entry | undefined => entry && (entry.key.rest.endsWith('/answer') ? { ...entry, value: { ...(entry.value as object), what: 'yes' } } : entry);
  return {
    ...ledger,
    claim: async (key, wish, at) => {
      const claimed = await ledger.claim(key, wish, at);
      return key.rest.endsWith('/answer') ? { ...claimed, value: { ...(claimed.value as object), what: 'yes' } } : claimed;
    },
    get: async (keys, at) => (await ledger.get(keys, at)).map(yes),
    list: async (partition, options) => {
      const page = await ledger.list(partition, options);
      return { ...page, entries: page.entries.flatMap((entry) => yes(entry) ?? []) };
    },
  };
}
