import { blockActionsForm, commandForm } from '../../test/simulator/slack-client.ts';
import type { RunningStart } from '../../test/local/running-start.ts';
import { escapeMrkdwn } from '../../lib/slack/text.ts';
import { envOfStart, type Local, serverUrl, startOf } from './local.ts';
import type { SlackOptions } from './options.ts';
import { type Answer, HINT_401, isTaken, post, targetOf } from './post.ts';
import { UsageError } from './settings.ts';
import { showRequest } from './show.ts';
import { signRequest } from './sign.ts';
import { messageLines } from './slack-text.ts';
import { findButton, openSlackView, type SlackView } from './slack-view.ts';
import { followSlack } from './slack-follow.ts';

type World = Local & { now: () => number; sleep: (ms: number) => Promise<unknown>; print: (text: string) => void };

/** Slack's own examples, where neither the command line nor npm start says who. */
const ANYBODY = { team: 'T0123ABCD', person: 'U012AB3CD', channel: 'C0123456789' };

const LATER_IN_SLACK = `What comes later is seen in Slack only. The answers to jobs, status, why and other reads are seen by nobody:
they go to a link that only Slack can make.`;

/** Types a command, presses a button, or both in this order, and prints what people see then; the exit code. Throws UsageError. */
export async function replaySlack(options: SlackOptions, world: World): Promise<number> {
  const start = options.url === undefined ? startOf(world) : undefined;
  const slack = start && (await openSlackView(start.simulatorUrl));
  if (slack === undefined && options.button !== undefined) throw new UsageError('--click needs the Slack of npm start: run npm start first; in a real Slack press the button there');
  if (slack === undefined && options.url === undefined && !world.env['SLACK_SIGNING_SECRET']) throw new UsageError(`npm start does not run here on port ${world.env['PORT'] || '3000'}: run npm start first, in another terminal, with the same PORT; for another server set --url and SLACK_SIGNING_SECRET`);
  const { command, button } = options;
  if (command !== undefined) {
    const code = await typeCommand(command, options, { ...world, slack, start });
    if (code !== 0 || button === undefined) return code;
    world.print('');
  }
  return slack !== undefined && button !== undefined ? pressButton(button, options, { ...world, slack, start }) : 0;
}

type Place = World & { slack: SlackView | undefined; start: RunningStart | undefined };

async function typeCommand(typed: string, options: SlackOptions, place: Place): Promise<number> {
  const { team, person, channel } = whoIn(options, place);
  const [, command = '', text = ''] = /^(\S+)\s*([^]*)$/.exec(typed.trim()) ?? [];
  place.print(`${person} types ${typed.trim()} in ${channel}`);
  const responseUrl = await place.slack?.newResponseUrl(); // without a simulated Slack it leads nowhere
  const form = commandForm({ command, text: escapeMrkdwn(text), team_id: team, user_id: person, channel_id: channel, ...(responseUrl !== undefined && { response_url: responseUrl }) });
  return send(form, options, place);
}

async function pressButton(label: string, options: SlackOptions, place: Place & { slack: SlackView }): Promise<number> {
  const { team, person, channel } = whoIn(options, place);
  const { channel: stands = channel, ...button } = findButton(await place.slack.read(), label);
  place.print(`${person} presses ${label} in ${stands}`);
  const form = blockActionsForm({ ...button, team, user: person, channel: stands, responseUrl: await place.slack.newResponseUrl() });
  return send(form, options, place);
}

function whoIn({ person, channel }: SlackOptions, { start }: Place): typeof ANYBODY {
  return { team: start?.team ?? ANYBODY.team, person: person ?? start?.person ?? ANYBODY.person, channel: channel ?? start?.channel ?? ANYBODY.channel };
}

async function send(form: URLSearchParams, { url, isDryRun }: SlackOptions, place: Place): Promise<number> {
  const { slack, start, env, now, print } = place;
  const request = signRequest('slack', Buffer.from(form.toString()), { env: slack === undefined ? env : envOfStart(place), nowMs: now() });
  const target = targetOf(url ?? serverUrl(env), request);
  if (isDryRun) {
    print(`\n${showRequest(target, request)}\n\nDry run: nothing was sent.`);
    return 0;
  }
  const before = await slack?.read();
  const answer = await post(target, request, now);
  const note = noteIn(answer);
  if (note !== '') print(note);
  if (!isTaken(answer)) return 1;
  if (start !== undefined && start.team === undefined) print(`\n${start.policyFile} names no slack.team, so nobody is served in Slack. To see it at work: POLICY_FILE=test/local/live-policy.yml npm start`);
  if (slack === undefined || before === undefined) print(`\n${LATER_IN_SLACK}`);
  else await followSlack(slack, before, { ...place, expectsMore: note === '' || note.includes('…') });
  return 0;
}

/** What Slack shows of an answer at once, to the person only; trouble in one line. */
function noteIn({ status, body }: Answer): string {
  if (status === undefined) return body;
  const { text, error_msg: trouble } = readJson(body);
  if (status !== 200) return `${status}: ${trouble ?? body}${status === 401 ? `. ${HINT_401}` : ''}`;
  return typeof text === 'string' ? ['At once, to that person only:', ...messageLines({ text, blocks: [] }).map((line) => `  ${line}`)].join('\n') : '';
}

function readJson(body: string): { text?: unknown; error_msg?: string } {
  try {
    return JSON.parse(body) as { text?: unknown; error_msg?: string };
  } catch {
    return {};
  }
}
