import { http } from '../../functions/aws/http.ts';
import { SettingsInvalid } from '../../lib/core/errors.ts';
import { createSlackRoutes } from '../../lib/slack/receive-command.ts';
import { blockActionsForm, commandForm, slackHeaders } from '../simulator/slack-client.ts';
import { NOON, SIGNING_SECRET, type SlackStage, startSlackStage } from '../stage/slack.ts';
import { type Answer, ask, type Handler, HANGING } from './answer.ts';

export const COMMAND = 'POST /slack/command';
export const ACTION = 'POST /slack/action';

/** The forms of the document, each as an object. */
export type SlackForms = { command: Record<string, string>; action: Record<string, string> };

/** Real answers of both Slack routes; the first two are those of the document's own forms. Links into Slack lead to the simulator. */
export async function collectSlackAnswers(forms: SlackForms): Promise<Answer[]> {
  const stage = await startSlackStage();
  const handler = http(stage.outside, createSlackRoutes(stage.load));
  const unset = http(stage.outside, createSlackRoutes(() => { throw new SettingsInvalid([{ name: 'HW_REGION_NAME', problem: 'is required' }]); }));
  const hanging = http(stage.outside, createSlackRoutes(stage.load), HANGING);
  try {
    stage.simulator.addJob({ job_id: '431b135e-c090-489f-b1db-0abe3822b855', job_name: 'etl-daily' });
    const click = blockActionsForm({ messageTs: '1795350000.000100', actionId: 'none-of-ours', responseUrl: stage.simulator.slack.newResponseUrl() });
    const typed = commandForm({ text: 'help', response_url: stage.simulator.slack.newResponseUrl() });
    const { command, action } = leadHere(stage, forms);
    const answers = [
      await send(handler, COMMAND, new URLSearchParams(command)),
      await send(handler, ACTION, new URLSearchParams(action)),
      await send(handler, COMMAND, typed),
      await send(handler, COMMAND, commandForm({ text: 'help', trigger_id: undefined })),
      await send(handler, ACTION, click),
      await send(handler, ACTION, new URLSearchParams({ payload: '{}' })),
    ];
    for (const route of [COMMAND, ACTION]) {
      answers.push(await ask(handler, route, route, { body: String(typed) }), await send(unset, route, typed), await send(hanging, route, typed, 1_050));
    }
    await stage.idle();
    return answers;
  } finally {
    await stage.close();
  }
}

/** Slack's look at the certificate: the one request that is answered without a signature. */
export async function lookAtCertificate(): Promise<Answer> {
  const stage = await startSlackStage();
  try {
    return await ask(http(stage.outside, createSlackRoutes(stage.load)), COMMAND, COMMAND, { body: 'token=gIkuvaNzQIHg97ATvDxqgjtO&ssl_check=1' });
  } finally {
    await stage.close();
  }
}

function send(handler: Handler, route: string, form: URLSearchParams, remainingMs = 29_000): Promise<Answer> {
  const body = form.toString();
  return ask(handler, route, route, { body, headers: slackHeaders(SIGNING_SECRET, Math.floor(NOON / 1_000), body), remainingMs });
}

/** The same forms, but for their links: nothing outside may be called. */
function leadHere({ simulator }: SlackStage, { command, action }: SlackForms): SlackForms {
  const payload = { ...(JSON.parse(action['payload'] ?? '') as object), response_url: simulator.slack.newResponseUrl() };
  return { command: { ...command, response_url: simulator.slack.newResponseUrl() }, action: { payload: JSON.stringify(payload) } };
}
