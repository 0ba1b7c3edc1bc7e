import type { Drawn } from './draw.ts';

/** As a person sends it who may have jobs killed, with nothing changed in it. */
export const PLAIN: Drawn = { sample: 'alerts/alertmanager/stuck-job', isMeant: true, rule: 'MrsJobStuck', proof: 0, job: 1, changes: [], slips: [], headers: [], line: {}, way: 'text', responseUrl: '' };

/** Requests that broke something once, made as small as they could be, and what they broke. */
export const KEPT: readonly { broke: string; drawn: Partial<Drawn> }[] = [
  { broke: 'the answer to a click on a message whose block of buttons has none', drawn: { sample: 'click/4/start', changes: [{ at: 37, how: 'remove', value: null }] } },
  { broke: 'the answer to a click on a message one of whose buttons is none', drawn: { sample: 'click/4/start', changes: [{ at: 38, how: 'replace', value: null }] } },
  { broke: 'the role of the function, for a click on a button with a name that no request has', drawn: { sample: 'click/0/kill', changes: [{ at: 63, how: 'replace', value: '{"do":"decide","name":"x","start":1,"who":"requester","requestedBy":"U012AB3CD"}' }] } },
];
