import type { Kept } from '../../lib/ledger/keys.ts';
import type { Setting } from './plot.ts';
import { GUARDED_USER, REQUESTER, STRANGER } from './policy.ts';
import type { Rule } from './promises.ts';
import {
  type Alter, answering, ending, evicting, forgetful, hiding, isLook, keeping, losing, mixUp, overwriting, received, rereading, revive, rewriting, saying, sendAgain, sendFour, sending, slowly, swallowing,
} from './ways-to-break.ts';
import { HOUR_MS } from './world.ts';

/** A story in which the promise matters, so that few seeds are enough. */
const CROWD: Setting = { isCrowd: true, perHour: 30 };
const NAMED: Setting = { isCrowd: false };
const TOLD: Setting = { ...CROWD, picks: { action: 'notify' } };
const CYCLES: Setting = { ...CROWD, hasCycles: true, picks: { cooldownMin: 1 } };
const ASKED: Setting = { ...CROWD, picks: { action: 'ask', cooldownMin: 1, askAgainHours: 24 } };
const ASKED_AGAIN: Setting = { ...CROWD, picks: { action: 'ask', askAgainHours: 1 } };
const NEWEST: Setting = { ...CROWD, diesSlowly: true, picks: { action: 'kill', order: 'newest', count: 1, cooldownMin: 1 } };
const NEWEST_FOR_AN_HOUR: Setting = { ...CROWD, ledgerLostAtChoice: 0.5, picks: { action: 'kill', order: 'newest', count: 1, cooldownMin: 60 } };

const DAYS: Setting = { isWarned: true };

const STARTS_NOTHING_ANEW: Alter = { engine: (engine) => ({ ...engine, start: async (name, payload) => (/-\d+$/.test(name) ? 'exists' : engine.start(name, payload)) }) };
const [FIRST_JOB, SECOND_JOB] = ['55555551-0000-4000-9000-000000000001', '55555552-0000-4000-9000-000000000002'];

const isWarn = (payload: string): boolean => payload.includes('"kind":"warn"');

/** What is said of a question to who answers it, and on record, where nobody asked for the kill in person. */
const ASKS_THE_WRONG_ONE: Alter = {
  openSend: sending(saying('who\\":\\"approver\\",\\"requestedBy\\":\\"\\"', `who\\":\\"requester\\",\\"requestedBy\\":\\"${REQUESTER}\\"`)),
  ledger: rereading(({ rest }) => /\/(?:asked|began)$/.test(rest), (value) => ('trigger' in value ? { person: REQUESTER, ...value } : { ...value, who: 'requester' })),
};

const NEVER_WARNS: Alter = { engine: (engine) => ({ ...engine, start: async (name, payload, until) => (isWarn(payload) ? 'exists' : engine.start(name, payload, until)) }) };

/** A part that stands between the house and what is judged, and breaks a promise as a fault of the house's own would. `seed`: the first story that showed it, when it was last looked for; 1 where left out. `isQuick`: `npm test` plays it where it is one of every other such part. */
export type BrokenPart = { breaks: Rule; by: string; alter: Alter; setting?: Setting; seed?: number; isQuick?: true };

/** For each promise at least one: the simulation has to notice each within a few seeds. A third of them is quick, of each judge at least one; `npm run stress -- --bites` plays all. */
export const BROKEN_PARTS: readonly BrokenPart[] = [
  { seed: 3, breaks: 'kill after the job was seen over', by: 'answers that show every job alive', alter: { openSend: answering(isLook, (text) => (text.includes('"job_detail"') ? revive(text) : text)) } },
  { breaks: 'kill within 10 s of an unanswered one', by: 'a client with retries of its own', alter: { openSend: sending(sendAgain) } },
  { seed: 6, breaks: 'more than three kills', by: 'a client that sends four, to make sure', alter: { openSend: sending(sendFour) } },
  { isQuick: true, breaks: 'kill after an accepted one', by: 'a client that sends four, to make sure', alter: { openSend: sending(sendFour) } },
  { isQuick: true, breaks: 'kill that nobody agreed to', by: 'an engine that takes what is to be asked about for what is to be killed', alter: { engine: (engine) => ({ ...engine, start: (name, payload, until) => engine.start(name, payload.replaceAll('"action":"ask"', '"action":"kill"'), until) }) } },
  { seed: 3, breaks: 'kill that nobody agreed to', by: 'people whose click is taken for their answer', alter: { engine: (engine) => ({ ...engine, start: (name, payload, until) => engine.start(name, payload.replace('"person":"', `"confirmedBy":"${REQUESTER}","person":"`), until) }) } },
  { seed: 21, breaks: 'kill by a yes that does not count', by: 'questions of rules that the requester may answer', alter: ASKS_THE_WRONG_ONE },
  { seed: 32, breaks: 'kill of a request that expired', by: 'runs that take each request for a new one', alter: { resumed: received(HOUR_MS * 10) } },
  { breaks: 'accepted, and nothing started', by: 'an engine that only says so of what people ask for', alter: { engine: (engine) => ({ ...engine, start: async (name, payload, until) => (name.startsWith('slack-') ? 'started' : engine.start(name, payload, until)) }) } },
  { breaks: 'a start without an End', by: 'a ledger that loses those of REST', alter: { ledger: losing(({ partition, rest }) => partition.startsWith('start/api-') && rest.endsWith('/end')) } },
  { breaks: 'an End that is not true', by: 'killed jobs that are said to run', alter: { ledger: ending('killed', 'still-running') } },
  { breaks: 'an End that is not true', by: 'killed jobs that are said to be declined', alter: { ledger: ending('killed', 'declined') } },
  { seed: 2, breaks: 'more kills than perHour', by: 'a place for every cleanup', alter: { ledger: (ledger) => ({ ...ledger, take: async (key, owner, ...rest) => (owner.startsWith('cleanup-') ? { taken: true } : ledger.take(key, owner, ...rest)) }) }, setting: DAYS },
  { isQuick: true, breaks: 'kill without its record', by: 'a ledger that loses it', alter: { ledger: losing(({ partition, rest }) => partition.startsWith('run/') && rest.startsWith('post/')) } },
  { isQuick: true, seed: 3, breaks: 'kill after a no', by: 'a yes in every answer', alter: { ledger: rereading(({ rest }) => rest.endsWith('/answer'), (answer) => ({ ...answer, what: 'yes' })) } },
  { isQuick: true, seed: 5, breaks: 'kill while the switch is on', by: 'a switch that reads off', alter: { parameters: (read) => new Map([...read.keys()].map((name) => [name, 'false'])) } },
  { breaks: 'kill on an old look at the job', by: 'a way out that is slow', alter: { openSend: sending(slowly) } },
  { isQuick: true, breaks: 'kill on an old look at the switch', by: 'a way out that is slow', alter: { openSend: sending(slowly) } },
  { breaks: 'kill of a job that is not there', by: 'a way out that mixes up jobs', alter: { openSend: sending(mixUp) } },
  { isQuick: true, seed: 3, breaks: 'kill of a newer run', by: 'jobs that look old', alter: { openSend: answering(isLook, (text) => text.replaceAll(/"submitted_time":"?\d+"?/g, '"submitted_time":1')) } },
  { seed: 8, breaks: 'more kills than perHour', by: 'a place for everybody', alter: { ledger: (ledger) => ({ ...ledger, take: async () => ({ taken: true }) }) } },
  { seed: 2, breaks: 'an End that changes', by: 'claims without a condition', alter: { ledger: overwriting((key) => key.rest.endsWith('/end')) } },
  { isQuick: true, breaks: 'a start without an End', by: 'a ledger that loses it', alter: { ledger: losing(({ rest }) => rest.endsWith('/end')) } },
  { breaks: 'an End that was never told', by: 'a Slack that swallows it', alter: { openSend: sending(swallowing((text) => !text.includes('"actions"') && text.includes('Killed'))) } },
  { isQuick: true, breaks: 'told otherwise than the End', by: 'another word for it', alter: { openSend: sending(saying('Killed', 'Ended by itself')) } },
  { seed: 5, breaks: 'an answer that does not count', by: 'a ledger that hides it', alter: { ledger: hiding(({ rest }) => rest.endsWith('/answer')) } },
  { breaks: 'an End that is not true', by: 'killed jobs that look failed', alter: { openSend: answering(isLook, (text) => text.replaceAll('KILLED', 'FAILED')) } },
  { isQuick: true, seed: 3, breaks: 'two cards with buttons for one start', by: 'a ledger that forgets cards', alter: { ledger: hiding(({ rest }) => rest.includes('/card/')) } },
  { breaks: 'a card that keeps its buttons', by: 'a Slack that loses updates', alter: { openSend: sending(swallowing((text, method) => method === 'chat.update' && !text.includes('"actions"'))) } },
  { isQuick: true, breaks: 'accepted, and nothing started', by: 'an engine that only says so', alter: { engine: (engine) => ({ ...engine, start: async () => 'started' }) } },
  { seed: 15, breaks: 'a job that lives on', by: 'an engine that starts nothing anew', alter: STARTS_NOTHING_ANEW, setting: NAMED },
  { seed: 15, breaks: 'kill while paused', by: 'a pause that nobody sees', alter: { ledger: hiding(({ partition }) => partition === 'switch') } },
  { breaks: 'kill of what is protected', by: "jobs that look like anybody's", alter: { openSend: answering(isLook, (text) => text.replaceAll(GUARDED_USER, 'etl-bot')) }, setting: CROWD },
  { seed: 9, breaks: 'kill after a recovery', by: 'recoveries that are forgotten', alter: { ledger: hiding(({ partition }) => partition.startsWith('resolved/')) } },
  { isQuick: true, seed: 3, breaks: 'a start by a recovery', by: 'recoveries that say that they fire', alter: { events: (event) => JSON.parse(JSON.stringify(event).replace('status\\":\\"resolved', 'status\\":\\"firing')) } },
  { isQuick: true, breaks: 'kill of a healthy re-run', by: 'names that are forgotten', alter: { ledger: hiding(({ partition }) => partition.startsWith('name/')) }, setting: CROWD },
  { seed: 6, breaks: 'more than its count within a cooldown', by: 'claims that everybody gets', alter: { ledger: evicting(({ partition }) => partition.startsWith('pick/')) }, setting: CROWD },
  { seed: 31, breaks: 'more than its count for one alert', by: 'repeats that are new to everybody', alter: { engine: forgetful, ledger: evicting(({ partition }) => partition.startsWith('pick/')) }, setting: CROWD },
  { seed: 31, breaks: 'a second choice after a kill', by: 'repeats that are new to everybody', alter: { engine: forgetful, ledger: evicting(({ partition }) => partition.startsWith('pick/')) }, setting: CROWD },
  { isQuick: true, breaks: 'kill by a pick without its choice', by: 'a ledger that loses claims', alter: { ledger: losing(({ partition }) => partition.startsWith('pick/')) }, setting: CROWD },
  { seed: 26, breaks: 'kill of a job that was not chosen', by: 'a start that means another', alter: { engine: (engine) => ({ ...engine, start: (name, payload) => engine.start(name, payload.replaceAll(FIRST_JOB, SECOND_JOB)) }) }, setting: CROWD },
  { isQuick: true, breaks: 'kill of a stream by a pick', by: 'streams that look like batches', alter: { openSend: answering(isLook, (text) => text.replaceAll(/"job_type":"(?:Flink|SparkStreaming)?"/g, '"job_type":"SparkSubmit"')) }, setting: CROWD },
  { seed: 17, breaks: 'kill of a job that had not started by a pick', by: 'jobs that look started', alter: { openSend: answering(isLook, (text) => text.replaceAll(/"started_time":"?0"?/g, '"started_time":1')) }, setting: CROWD },
  { seed: 50, breaks: 'two cards for one rule and job', by: 'a ledger that forgets who is asked about', alter: { ledger: hiding(({ partition }) => partition.startsWith('no/')) }, setting: CROWD },
  { breaks: 'asked again after a no', by: 'a ledger that forgets a no', alter: { ledger: hiding(({ partition }) => partition.startsWith('no/')) }, setting: ASKED },
  { seed: 11, breaks: 'kill of a job that somebody said no to', by: 'a ledger that forgets a no', alter: { ledger: hiding(({ partition }) => partition.startsWith('no/')) }, setting: ASKED },
  { seed: 33, breaks: 'an alert that never picks', by: 'an engine that starts nothing anew', alter: STARTS_NOTHING_ANEW, setting: CROWD },
  { isQuick: true, breaks: 'a second choice after a kill', by: 'occurrences that are forgotten', alter: { ledger: hiding(({ partition, rest }) => partition.startsWith('pick/') && rest !== '-') }, setting: CYCLES },
  { seed: 2, breaks: 'a second choice after an answer', by: 'occurrences that are forgotten', alter: { ledger: hiding(({ partition, rest }) => partition.startsWith('pick/') && rest !== '-') }, setting: { ...CYCLES, picks: { action: 'ask', cooldownMin: 1 } } },
  { seed: 27, breaks: 'chosen again, though it is over', by: 'what is over counts as failed', alter: { ledger: rereading(({ rest }) => rest.includes('/ended/'), (end) => ('outcome' in end && end.outcome === 'already-over' ? { ...end, outcome: 'failed' } : end)) }, setting: CROWD },
  { seed: 5, breaks: 'a pick anew while its card stands', by: 'a choice that is given up as soon as one that kills', alter: { ledger: rereading(({ rest }) => rest.endsWith('/choice'), (choice) => ({ ...choice, openUntil: undefined })) }, setting: TOLD },
  { isQuick: true, breaks: 'asked again after a no', by: 'a ledger that forgets who was told', alter: { ledger: hiding(({ partition }) => partition.startsWith('no/')) }, setting: TOLD },
  { seed: 17, breaks: 'a second victim beside a dying job', by: 'names that are forgotten', alter: { ledger: hiding(({ partition }) => partition.startsWith('name/')) }, setting: NEWEST },
  { seed: 9, breaks: 'more than its count within a cooldown', by: 'a cooldown that asks nobody', alter: { ledger: evicting(({ partition }, wish) => partition.startsWith('pick/') && wish.value !== undefined) }, setting: NEWEST_FOR_AN_HOUR },
  { seed: 5, breaks: 'a no that holds too long', by: 'claims that are never given back', alter: { ledger: keeping(({ partition }) => partition.startsWith('no/')) }, setting: ASKED_AGAIN },
  { seed: 9, breaks: 'a start without an End', by: 'a day that nobody looks through', alter: { ledger: hiding(({ partition }) => partition.startsWith('day/')) }, setting: { cleanupEveryHours: 24 } },
  { seed: 12, breaks: 'kill without a warning', by: 'warnings that are taken for kills', alter: { engine: (engine, ofKills) => ({ ...engine, start: (name, payload, until) => (isWarn(payload) ? ofKills : engine).start(name, payload.replace('"kind":"warn"', '"kind":"kill"').replace('"warns":true,', ''), until) }) }, setting: DAYS },
  { breaks: 'kill before the warning stood for its time', by: 'a Slack that shows no buttons', alter: { openSend: sending(swallowing((text) => text.includes('"kill-now"'))) }, setting: DAYS },
  { isQuick: true, breaks: 'kill against the answer', by: 'a ledger that takes a keep for none', alter: { ledger: rereading(({ rest }) => rest.endsWith('/answer'), (answer) => ('what' in answer && answer.what === 'keep' ? { ...answer, what: 'time' } : answer)) }, setting: DAYS },
  { isQuick: true, breaks: 'kill now by somebody who may not', by: 'a keep that is taken for a wish to kill', alter: { ledger: rereading(({ rest }) => rest.endsWith('/answer'), (answer) => ('what' in answer && answer.what === 'keep' ? { ...answer, what: 'kill' } : answer)) }, setting: DAYS },
  { seed: 2, breaks: 'two warnings for one rule and job', by: 'a ledger that forgets what is warned of', alter: { ledger: hiding(({ partition }) => partition.startsWith('warn/')) }, setting: DAYS },
  { seed: 9, breaks: 'two messages of one warning in one place', by: 'a ledger that forgets cards', alter: { ledger: hiding(({ rest }) => rest.includes('/card/')) }, setting: DAYS },
  { seed: 28, breaks: 'kill of a job that is kept', by: 'a ledger that forgets keeps', alter: { ledger: hiding(({ partition }) => partition === 'kept') }, setting: DAYS },
  { isQuick: true, breaks: 'a keep that does not count', by: 'a ledger that loses keeps', alter: { ledger: losing(({ partition }) => partition === 'kept') }, setting: DAYS },
  { seed: 3, breaks: 'kept by somebody who may not', by: 'a ledger that takes strangers for owners', alter: { ledger: rereading(({ rest }) => rest.endsWith('/warned'), (held) => ({ ...held, owner: STRANGER })) }, setting: DAYS },
  { seed: 9, breaks: 'kept for longer than keepAtMost', by: 'rounds that forget what was used', alter: { engine: (engine) => ({ ...engine, start: (name, payload, until) => engine.start(name, payload.replace(/"usedMs":\d+/, '"usedMs":0'), until) }) }, setting: DAYS },
  { isQuick: true, breaks: 'kept longer than a click keeps', by: 'a ledger that keeps for an hour more', alter: { ledger: rewriting(({ partition }) => partition === 'kept', ({ key, value, until }) => ({ key, value: { ...(value as Kept), until: until + HOUR_MS }, until: until + HOUR_MS })) }, setting: DAYS },
  { isQuick: true, seed: 2, breaks: 'kill against the policy of the moment', by: 'deployments that protect nothing and never play', alter: { deployed: (deployed) => ({ ...deployed, protects: [], drops: [], isDry: false }) }, setting: DAYS },
  { seed: 51, breaks: 'kill after a recovery', by: 'recoveries that are forgotten', alter: { ledger: hiding(({ partition }) => partition.startsWith('resolved/')) }, setting: DAYS },
  { isQuick: true, breaks: 'handed on, and nothing started', by: 'an engine that only says so of what a warning comes to', alter: { engine: (engine) => ({ ...engine, start: async (name, payload, until) => (payload.includes('"warning":') ? 'started' : engine.start(name, payload, until)) }) }, setting: DAYS },
  { isQuick: true, breaks: 'a card that says another word than the End', by: 'a Slack that loses what owners are told', alter: { openSend: sending(swallowing((text, method) => method === 'chat.update' && text.includes('"channel":"D') && !text.includes('"actions"'))) }, setting: DAYS },
  { breaks: 'a card that keeps its buttons', by: 'a Slack that loses updates', alter: { openSend: sending(swallowing((text, method) => method === 'chat.update' && !text.includes('"actions"'))) }, setting: DAYS },
  { seed: 19, breaks: 'a job that is forgotten', by: 'an engine that never warns', alter: NEVER_WARNS, setting: DAYS },
  { seed: 16, breaks: 'an alert that is forgotten', by: 'an engine that never warns', alter: NEVER_WARNS, setting: DAYS },
];
