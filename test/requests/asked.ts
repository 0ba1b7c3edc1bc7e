import { fill } from '../field/fill.ts';
import type { SimulatedJob } from '../simulator/simulator.ts';
import { blockActionsForm, commandForm } from '../simulator/slack-client.ts';
import type { SlackVersion } from '../simulator/slack-workspace.ts';
import { notification, signSmn, type SmnMessage } from '../simulator/smn-client.ts';
import type { Drawn } from './draw.ts';
import { TRAP, writeJson } from './hostile.ts';
import { change, slip } from './mutate.ts';
import { type Prove, proofOf, proveRest, proveSlack } from './proofs.ts';
import { type Sample, SAMPLES } from './samples.ts';

export const KILLER = 'U012AB3CD';
export const APPROVER = 'U045EF6GH';
const STRANGER = 'U0STRANGER';

/** A button that somebody was shown. */
export type Button = { actionId: string; value: unknown; channel: string; ts: string };

/** What a request is made for: the world of that moment. */
export type Around = { home: 'aws' | 'own'; nowMs: number; count: number; jobs: readonly SimulatedJob[]; trap: string; newResponseUrl: () => string; buttons: readonly Button[] };

/** A request as it is sent. `event`: not by HTTP, but as AWS hands over what may come from it only. */
export type Asked = {
  kind: Sample['kind'];
  line: string;
  headers: Record<string, string>;
  body: Buffer;
  way: Drawn['way'];
  event?: unknown;
  /** Whether it proves its sender, as far as nothing was changed afterwards. */
  isProven: boolean;
  /** It is judged by others than us: the caller's own token by IAM. */
  isJudgedElsewhere: boolean;
};

/** Whether it comes from somebody who may have jobs killed, and proves it: what names a job with our token, means it. */
export function isMeant({ sample, isMeant: wanted, proof }: Drawn): boolean {
  const kind = SAMPLES.get(sample)?.kind;
  return kind === 'schedule' || (proof % 2 === 0 && (wanted || kind === 'rest'));
}

/** Whether a rule of the policy decides what is done for it. */
export function isByRule({ sample }: Drawn): boolean {
  return ['alert', 'smn', 'event', 'any'].includes(SAMPLES.get(sample)?.kind ?? '');
}

/** The request that was drawn, for the world of that moment. */
export function ask(drawn: Drawn, around: Around): Asked {
  const sample = sampleOf(drawn, around);
  const user = drawn.isMeant ? KILLER : STRANGER;
  const common = { kind: sample.kind, way: drawn.way, isProven: drawn.proof % 2 === 0, isJudgedElsewhere: false };
  switch (sample.kind) {
    case 'alert':
      return sent({ ...common, line: `POST /alerts/${sample.source}`, body: bytesOf(writeJson(changed(sample.body, drawn, around)), drawn, around) }, proofOf(sample.source), drawn, around);
    case 'smn':
      return askBySmn(sample.message, common, drawn, around);
    case 'command': {
      const fields = { text: asText(changed(sample.text, drawn, around)), user_id: user, response_url: drawn.responseUrl || around.newResponseUrl(), trigger_id: `t.${around.count}` };
      return sent({ ...common, line: 'POST /slack/command', body: bytesOf(formOf(commandForm(fields), drawn), drawn, around) }, proveSlack, drawn, around);
    }
    case 'click': {
      const form = blockActionsForm({ actionId: sample.actionId, value: typeof sample.value === 'string' ? sample.value : JSON.stringify(sample.value), user, messageTs: buttonOf(drawn, around)?.ts ?? '1795348800.000100', message: messageWith(sample), responseUrl: drawn.responseUrl || around.newResponseUrl(), triggerId: `t.${around.count}` });
      const payload = new URLSearchParams({ payload: writeJson(changed(JSON.parse(form.get('payload') ?? 'null'), drawn, around)) });
      return sent({ ...common, line: 'POST /slack/action', body: bytesOf(payload.toString(), drawn, around) }, proveSlack, drawn, around);
    }
    case 'rest':
      return sent({ ...common, line: textOf(String(fill(sample.line, fillingOf(around))), drawn, around), headers: sample.headers ?? {}, body: slip(Buffer.alloc(0), drawn.slips), isJudgedElsewhere: drawn.proof % 4 === 3 }, proveRest, drawn, around);
    case 'event':
    case 'schedule':
      return { ...common, line: '', headers: {}, body: Buffer.alloc(0), event: JSON.parse(textOf(writeJson(changed(sample.event, drawn, around)), drawn, around)) as unknown, isProven: true };
    case 'any': {
      const source = /^POST \/alerts\/(.+)$/.exec(sample.line)?.[1];
      return sent({ ...common, line: sample.line, body: bytesOf(sample.body, drawn, around) }, source === undefined ? proveSlack : proofOf(source), drawn, around);
    }
  }
}

/** Slack sends the message along that the button stands in. */
function messageWith({ actionId, value }: Extract<Sample, { kind: 'click' }>): SlackVersion {
  const text = { type: 'mrkdwn', text: 'a card' } as const;
  const button = { type: 'button', action_id: actionId, text: { type: 'plain_text', text: 'Kill' }, value: typeof value === 'string' ? value : JSON.stringify(value) } as const;
  return { text: 'a card', blocks: [{ type: 'section', text }, { type: 'actions', elements: [button, { ...button, action_id: 'other', value: 'other' }] }] };
}

function buttonOf({ job }: Drawn, { buttons }: Around): Button | undefined {
  return buttons[job % Math.max(1, buttons.length)];
}

function sampleOf(drawn: Drawn, around: Around): Sample {
  if (drawn.sample === 'card') {
    const { actionId = 'kill', value = '' } = buttonOf(drawn, around) ?? {};
    return { kind: 'click', actionId, value };
  }
  const sample = SAMPLES.get(drawn.sample);
  if (sample === undefined) throw new RangeError(`there is no sample ${drawn.sample}`);
  // The own home has no door for events of AWS: there they are a body like any other.
  return sample.kind === 'event' && around.home === 'own' ? { kind: 'alert', source: 'generic', body: sample.event } : sample;
}

/** Placeholders of the field are filled, then it is changed. */
function changed(value: unknown, { sample, changes }: Drawn, around: Around): unknown {
  const filled = sample.startsWith('field/') ? fill(value, fillingOf(around)) : value;
  const texts = [...SAMPLES.values()];
  return change(SAMPLES.get(sample)?.kind === 'alert' || SAMPLES.get(sample)?.kind === 'event' ? freshen(filled, around) : filled, changes, (at) => {
    const other = texts[at % texts.length];
    return other === undefined ? null : 'body' in other ? other.body : 'event' in other ? other.event : 'message' in other ? other.message : 'x';
  });
}

const IDS = new Set(['fingerprint', 'id', 'alert_cycle_key', 'message_id', 'MessageId']);
const TIMES = new Set(['startsAt', 'occurred_at', 'timestamp', 'time', 'Timestamp', 'StateChangeTime']);

/** Ids that nobody had before, and times of now: else all but the first would be repeats, or too old. */
function freshen(value: unknown, { nowMs, count }: Around): unknown {
  const walk = (given: unknown, key = ''): unknown => {
    if (typeof given === 'string') return IDS.has(key) ? `${given}-${count}` : TIMES.has(key) ? new Date(nowMs).toISOString() : given;
    if (Array.isArray(given)) return given.map((item) => walk(item));
    return typeof given === 'object' && given !== null ? Object.fromEntries(Object.entries(given).map(([name, field]) => [name, walk(field, name)])) : given;
  };
  return walk(value);
}

class Pool extends Map<string, SimulatedJob> {
  readonly #jobs: readonly SimulatedJob[];

  constructor(jobs: readonly SimulatedJob[]) {
    super();
    this.#jobs = jobs;
  }

  override get(key: string): SimulatedJob | undefined {
    return this.#jobs[(key.codePointAt(0) ?? 0) % this.#jobs.length];
  }
}

function fillingOf({ jobs, nowMs }: Around): Parameters<typeof fill>[1] {
  return { jobs: new Pool(jobs), now: () => nowMs, moments: new Map() };
}

const MARKS = /MrsJobStuck|MrsAsk|MrsTell|MrsWarn|MrsPick|ALM-1802[02]/g;

/** The text with the jobs of this world in place of those of the samples, and the rule that is meant, or none. */
function textOf(text: string, drawn: Drawn, { jobs, trap }: Around): string {
  const job = jobs[drawn.job % jobs.length];
  const named = text
    .replaceAll('431b135e-c090-489f-b1db-0abe3822b855', job?.job_id ?? '')
    .replaceAll('1564622673393_0007', (job?.app_id ?? '').replace('application_', ''))
    .replaceAll(/spark-driver|nightly-etl/g, job?.job_name ?? '')
    .replaceAll(TRAP, trap);
  if (!isMeant(drawn)) return drawn.proof % 2 === 0 ? named.replaceAll(MARKS, 'NobodysAlert') : named;
  return named.replaceAll(/\bF\d\d[A-Za-z][\w-]*/g, 'MrsJobStuck').replaceAll('MrsJobStuck', drawn.rule).replaceAll('ALM-18020', drawn.rule === 'MrsAsk' ? 'ALM-18022' : 'ALM-18020');
}

function bytesOf(text: string, drawn: Drawn, around: Around): Buffer {
  return slip(Buffer.from(textOf(text, drawn, around)), drawn.slips);
}

const asText = (value: unknown): string => (typeof value === 'string' ? value : writeJson(value));

/** A form with the changes that a value has. */
function formOf(form: URLSearchParams, { changes }: Drawn): string {
  const fields = change(Object.fromEntries(form), changes.slice(1), () => 'x');
  const entries = typeof fields === 'object' && fields !== null ? Object.entries(fields) : [['text', asText(fields)]];
  return new URLSearchParams(entries.map(([name = '', value]) => [name, asText(value)])).toString();
}

/** Of every message, for what the sample leaves out. */
const SMN_FIELDS = notification('', 0);

function askBySmn(message: SmnMessage, common: Pick<Asked, 'kind' | 'way' | 'isProven' | 'isJudgedElsewhere'>, drawn: Drawn, around: Around): Asked {
  const { nowMs } = around;
  const whole = JSON.parse(textOf(JSON.stringify({ ...SMN_FIELDS, ...message, message_id: `id-${around.count}`, timestamp: `${new Date(nowMs).toISOString().slice(0, 19)}Z` }), drawn, around)) as SmnMessage;
  const other: unknown = JSON.parse(textOf(writeJson(change(whole, drawn.changes, () => 'x')), drawn, around));
  const asMessage = typeof other === 'object' && other !== null && !Array.isArray(other) ? (other as SmnMessage) : whole;
  const isSignable = Object.values(asMessage).every((field) => typeof field !== 'object' || field === null);
  const signed = isSignable ? signSmn(asMessage, drawn.proof % 4 === 3 ? 'other-key' : 'key') : asMessage;
  const body = Buffer.from(JSON.stringify(drawn.proof % 4 === 1 ? { ...signed, signature: 'x' } : signed));
  return sent({ ...common, line: 'POST /alerts/smn', body: slip(body, drawn.slips), isJudgedElsewhere: !common.isProven }, () => ({ 'X-SMN-MESSAGE-TYPE': asText(asMessage['type']) }), drawn, around);
}

function sent(asked: Omit<Asked, 'headers'> & { headers?: Record<string, string> }, prove: Prove, drawn: Drawn, around: Around): Asked {
  const { line: { method, path }, headers } = drawn;
  const [ownMethod = 'GET', ownPath = '/'] = asked.line.split(' ');
  const target = path === undefined ? ownPath : slip(Buffer.from(ownPath), [path]).toString();
  const given = Object.fromEntries(headers.filter(({ name }) => asked.isProven || !/^(?:authorization|x-auth-token)$/.test(name)).map(({ name, value }) => [name, value.replaceAll(TRAP, around.trap)]));
  return { ...asked, line: `${method || ownMethod} ${target.startsWith('/') ? target : `/${target}`}`, headers: { 'content-type': 'application/json', ...asked.headers, ...prove(asked.body, drawn, around), ...given } };
}
