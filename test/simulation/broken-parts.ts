import { type HttpAnswer, type HttpCall, NoAnswer, type OpenSend, type Send } from '../../lib/http/send.ts';
import type { Entry, Key, Ledger } from '../../lib/ledger/port.ts';
import type { PlayOptions } from './play.ts';
import { SECOND_MS, type World } from './world.ts';

type Alter = NonNullable<PlayOptions['alter']>;

/** A part that stands between the house and what is judged, and breaks a promise as a fault of the house's own would. */
export type BrokenPart = { breaks: string; by: string; alter: Alter };

/** For each promise at least one: the simulation has to notice each within a few seeds. */
export const BROKEN_PARTS: readonly BrokenPart[] = [
  { breaks: 'kill after the job was seen over', by: 'answers that show every job alive', alter: { openSend: answering(isLook, (text) => (text.includes('"job_detail"') ? revive(text) : text)) } },
  { breaks: 'kill within 10 s of an unanswered one', by: 'a client with retries of its own', alter: { openSend: sending(sendAgain) } },
  { breaks: 'kill without its record', by: 'an engine that forgets which steps had begun', alter: { operations: (operations) => operations.filter(({ Type: type, Status: status }) => type !== 'STEP' || status !== 'STARTED') } },
  { breaks: 'more than three kills', by: 'a client that sends four, to make sure', alter: { openSend: sending(sendFour) } },
  { breaks: 'kill without its record', by: 'a ledger that loses it', alter: { ledger: losing(({ partition, rest }) => partition.startsWith('run/') && rest.startsWith('post/')) } },
  { breaks: 'kill after a no', by: 'a yes in every answer', alter: { ledger: hearingYes } },
  { breaks: 'kill while the switch is on', by: 'a switch that reads off', alter: { parameters: (read) => new Map([...read.keys()].map((name) => [name, 'false'])) } },
  { breaks: 'kill on an old look at the job', by: 'a way out that is slow', alter: { openSend: sending(slowly) } },
  { breaks: 'kill on an old look at the switch', by: 'a way out that is slow', alter: { openSend: sending(slowly) } },
  { breaks: 'kill of a newer run', by: 'jobs that look old', alter: { openSend: answering(isLook, (text) => text.replaceAll(/"submitted_time":"?\d+"?/g, '"submitted_time":1')) } },
  { breaks: 'more kills than perHour', by: 'a place for everybody', alter: { ledger: (ledger) => ({ ...ledger, take: async () => ({ taken: true }) }) } },
  { breaks: 'an End that changes', by: 'claims without a condition', alter: { ledger: overwriting((key) => key.rest.endsWith('/end')) } },
  { breaks: 'a start without an End', by: 'a ledger that loses it', alter: { ledger: losing(({ rest }) => rest.endsWith('/end')) } },
  { breaks: 'an End that was never told', by: 'a Slack that swallows it', alter: { openSend: sending(swallowing((text) => !text.includes('"actions"') && text.includes('Killed'))) } },
  { breaks: 'told otherwise than the End', by: 'another word for it', alter: { openSend: sending(saying('Killed', 'Ended by itself')) } },
  { breaks: 'an answer that does not count', by: 'a ledger that hides it', alter: { ledger: hiding(({ rest }) => rest.endsWith('/answer')) } },
  { breaks: 'an End that is not true', by: 'killed jobs that look failed', alter: { openSend: answering(isLook, (text) => text.replaceAll('KILLED', 'FAILED')) } },
  { breaks: 'two cards with buttons for one start', by: 'a ledger that forgets cards', alter: { ledger: hiding(({ rest }) => rest.includes('/card/')) } },
  { breaks: 'a card that keeps its buttons', by: 'a Slack that loses updates', alter: { openSend: sending(swallowing((text, method) => method === 'chat.update' && !text.includes('"actions"'))) } },
  { breaks: 'accepted, and nothing started', by: 'an engine that only says so', alter: { engine: (engine) => ({ ...engine, start: async () => 'started' }) } },
  { breaks: 'a job that lives on', by: 'an engine that starts nothing anew', alter: { engine: (engine) => ({ ...engine, start: async (name, payload) => (/-\d+$/.test(name) ? 'exists' : engine.start(name, payload)) }) } },
];

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

/** An impatient client with a retry of its own. */
function sendAgain(send: Send): Send {
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
function sendFour(send: Send): Send {
  return async (call) => {
    for (let left = isKill(call) ? 3 : 0; left > 0; left--) await send(call);
    return send(call);
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
