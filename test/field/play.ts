import { notification, smnHeaders, type SmnMessage } from '../simulator/smn-client.ts';
import type { SimulatedJob, SlackMessage } from '../simulator/simulator.ts';
import { buttonsOf } from '../simulator/slack-client.ts';
import { APPROVER, type Body, CLUSTERS, type FieldStage, startFieldStage } from '../stage/field.ts';
import type { Reply } from '../stage/stage.ts';
import type { FieldCase, JobTemplate, Step } from './case.ts';
import { type Filling, fill } from './fill.ts';

/** What happened in a case. */
export type Played = { stage: FieldStage; jobs: Map<string, SimulatedJob>; answers: string[]; /** Clicks for which there was no button. */ missed: string[] };

/** What the buttons of the cases are called by us. */
const ACTIONS: Record<string, string> = { kill: 'kill', no: 'decline', start: 'start', cleanup: 'cleanup' };
/** So long a person waits for a card before the click goes to the newest that ever had the button. */
const PATIENCE_SEC = 10;
const SETTLE_SEC = 30;

/** Plays a case from its jobs to its last step, and lets things settle. Whoever calls it closes the stage. */
export async function playCase(fieldCase: FieldCase): Promise<Played> {
  const { file, rules = [], cleanup = [], policy_more: more = {}, env = {}, steps, settle = SETTLE_SEC } = fieldCase;
  const stage = await startFieldStage({ policy: { alerts: rules, cleanup, ...more }, env });
  const play = makePlay(stage, file);
  for (const [key, template] of Object.entries(fieldCase.jobs)) play.addJob(key, template);
  try {
    for (const step of steps) await play.act(step);
    await stage.pass(settle);
    return play;
  } catch (error) {
    await stage.close();
    throw error;
  }
}

type Button = { message: SlackMessage; value: string | undefined };
type Play = Played & { addJob: (key: string, template: JobTemplate) => void; act: (step: Step) => Promise<void> };

function makePlay(stage: FieldStage, file: string): Play {
  const { simulator, clock } = stage;
  const number = /^\d+/.exec(file)?.[0] ?? '';
  const jobs = new Map<string, SimulatedJob>();
  const filling: Filling = { jobs, now: clock.now, moments: new Map() };
  const answers: string[] = [];
  const missed: string[] = [];
  let notifications = 0;

  function addJob(key: string, template: JobTemplate): void {
    const { cluster, as: _as, started_ago: startedAgo, submitted_ago: submittedAgo = (startedAgo ?? 0) > 0 ? (startedAgo ?? 0) + 5 : undefined, ...fields } = template;
    const agoMs = (sec: number): number => clock.now() - sec * 1_000;
    jobs.set(
      key,
      simulator.addJob({
        job_name: `f${number}-${key}`,
        queue: `q${number}`,
        cluster_id: CLUSTERS[cluster ?? 'analytics'] ?? cluster ?? '',
        ...(startedAgo !== undefined && { started_time: startedAgo === 0 ? 0 : agoMs(startedAgo) }),
        ...(submittedAgo !== undefined && { submitted_time: agoMs(submittedAgo) }),
        ...(fill(fields, filling) as Partial<SimulatedJob>),
      }),
    );
  }

  /** The newest message with that button, or the newest that had it before. */
  async function findButton(actionId: string): Promise<Button | undefined> {
    const all = (): SlackMessage[] => [...simulator.slack.messages(), ...simulator.slack.ephemerals()].toReversed();
    const find = (pick: (message: SlackMessage) => SlackMessage['history']): Button | undefined => {
      for (const message of all()) {
        const button = pick(message).toReversed().flatMap(buttonsOf).find(({ action_id: id }) => id === actionId);
        if (button !== undefined) return { message, value: button.value };
      }
      return undefined;
    };
    for (let sec = 0; sec < PATIENCE_SEC && find((message) => [message]) === undefined; sec++) await stage.pass(1);
    return find((message) => [message]) ?? find(({ history }) => history);
  }

  async function act(step: Step): Promise<void> {
    if ('all' in step) {
      const [first] = step.all;
      if (first !== undefined && 'press' in first) {
        const found = await findButton(ACTIONS[first.press] ?? first.press);
        await Promise.all(step.all.map((one) => ('press' in one ? press(one.press, one.user, found) : answer(one))));
      } else await Promise.all(step.all.map(answer));
    } else await answer(step);
    await stage.pass(0);
  }

  async function press(name: string, user = APPROVER, known?: Button): Promise<void> {
    const actionId = ACTIONS[name] ?? name;
    const button = known ?? (await findButton(actionId));
    if (button === undefined) missed.push(name);
    else await stage.click(button.message, actionId, button.value, user);
  }

  async function answer(step: Step): Promise<void> {
    if ('wait' in step) return stage.pass(step.wait);
    if ('press' in step) return press(step.press, step.user);
    if ('addJob' in step) return addJob(step.addJob.as, step.addJob);
    if ('endJob' in step) return simulator.endJob(jobs.get(step.endJob)?.job_id ?? '', step.result);
    if ('set' in step) return void Object.assign(stage.env, step.set);
    if ('all' in step) throw new Error('one moment within another');
    if ('invoke' in step) return step.invoke === 'events' ? stage.event(fill(step.event, filling)) : stage.clean(fill(step.event, filling));
    const place = answers.push('') - 1;
    answers[place] = shortly(await ask(step));
  }

  async function ask(step: Exclude<Step, { wait: number } | { press: string } | { addJob: unknown } | { endJob: string } | { set: unknown } | { all: unknown } | { invoke: unknown }>): Promise<Reply> {
    if ('slash' in step) return stage.type(String(fill(step.slash, filling)), step.user);
    if ('slackRaw' in step) return stage.slack(step.path, raw(step.slackRaw, step.asText));
    if ('smnRaw' in step) return stage.post('smn', raw(step.smnRaw, step.asText), { 'X-SMN-MESSAGE-TYPE': 'Notification' });
    if ('smn' in step) {
      const { subject, message } = fill(step.smn, filling) as { subject: string; message: string };
      const sent = notification(message, clock.now(), { subject, message_id: step.smn.id ?? `${file}-${++notifications}` } satisfies SmnMessage);
      return stage.post('smn', { text: JSON.stringify(sent) }, smnHeaders(sent));
    }
    if ('rest' in step) return stage.rest(`${step.method ?? 'POST'} ${String(fill(step.rest, filling))}`, step.raw === undefined ? undefined : raw(step.raw, step.asText));
    if (step.raw !== undefined) return stage.post(step.post, raw(step.raw, step.asText));
    return stage.post(step.post, { text: JSON.stringify(fill(step.body, filling)) + (step.newline ? '\n' : '') });
  }

  return { stage, jobs, answers, missed, addJob, act };
}

/** A body as serverless-offline hands it over, unless it comes as text. */
function raw(text: string, asText = false): Body {
  return { text, parsed: !asText };
}

/** An answer in the words of the cases. */
function shortly({ status, body, text }: Reply): string {
  const results = body?.results as { outcome: string; rule?: string }[] | undefined;
  const words = results?.map(({ outcome, rule }) => (rule === undefined ? outcome : `${outcome}(${rule})`)).join(',');
  return `${status} ${words ?? body?.error_msg ?? body?.outcome ?? body?.text ?? text}`;
}
