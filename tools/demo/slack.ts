import { buttonsOf, commandForm, sendSlack } from '../../test/simulator/slack-client.ts';
import type { SimulatedJob, SlackMessage } from '../../test/simulator/simulator.ts';
import { clickOn } from './click.ts';
import { endInSlack, type Part, type Stage, waitFor } from './step.ts';

const REQUESTER = 'U012AB3CD';
const APPROVER = 'U045EF6GH';
const STRANGER = 'U0STRANGER';

const JOBS = {
  typed: { job_id: '21e2a6f4-5b0f-4f39-8c80-4a6b9e3f0d21', job_name: 'slack-runaway' },
  kept: { job_id: '22e2a6f4-5b0f-4f39-8c80-4a6b9e3f0d22', job_name: 'slack-kept' },
  stream: { job_id: '23e2a6f4-5b0f-4f39-8c80-4a6b9e3f0d23', job_name: 'slack-stream', job_type: 'Flink' },
} satisfies Record<string, Partial<SimulatedJob>>;

async function type({ url, signingSecret, simulator }: Stage, text: string, user = REQUESTER, secret = signingSecret): Promise<string> {
  const form = commandForm({ text, user_id: user, response_url: simulator.slack.newResponseUrl() });
  const answer = await sendSlack(url, '/slack/command', form, secret, Math.floor(Date.now() / 1_000));
  const { text: note, error_code: errorCode } = answer.json() as { text?: string; error_code?: string };
  return `${answer.status} ${errorCode ?? note?.split(/[.`\n]/)[0]?.trim()}`;
}

/** Clicks on a button of the card that asks about `job`, and waits for what Slack shows then. */
async function click(stage: Stage, job: string, actionId: string, user: string): Promise<string> {
  const card = await waitFor(`the question about ${job}`, () => stage.simulator.slack.messages().find((message) => isQuestion(message, job)));
  const readNote = await clickOn(stage, card, actionId, user);
  return Promise.race([endInSlack(stage, job), readNote()]);
}

function isQuestion(message: SlackMessage, job: string): boolean {
  return JSON.stringify(message.blocks).includes(job) && buttonsOf(message).length > 0;
}

/** What a person does in Slack: a command, a click, four eyes. */
export const SLACK_PART: Part = {
  name: 'Slack',
  victims: [JOBS.typed.job_id, JOBS.stream.job_id],
  prepare({ simulator }) {
    for (const job of Object.values(JOBS)) simulator.addJob(job);
  },
  steps: [
    {
      title: '/mrs kill, signed',
      expected: '200 Looking at',
      play: (stage) => type(stage, `kill ${JOBS.typed.job_name} on analytics because it eats the queue`),
    },
    { title: 'A stranger clicks on Kill', expected: 'Refused', play: (stage) => click(stage, JOBS.typed.job_name, 'kill', STRANGER) },
    { title: 'The person who asked clicks on Kill', expected: 'Killed', play: (stage) => click(stage, JOBS.typed.job_name, 'kill', REQUESTER) },
    { title: '/mrs kill with a forged signature', expected: '401 KILL.0401', play: (stage) => type(stage, `kill ${JOBS.kept.job_name}`, REQUESTER, 'forged') },
    { title: '/mrs kill by a stranger', expected: '200 Refused: mayKill', play: (stage) => type(stage, `kill ${JOBS.kept.job_name}`, STRANGER) },
    { title: '/mrs kill, and the person changes their mind', expected: '200 Looking at', play: (stage) => type(stage, `kill ${JOBS.kept.job_name}`) },
    { title: 'Click on Decline', expected: 'Declined', play: (stage) => click(stage, JOBS.kept.job_name, 'decline', REQUESTER) },
    { title: '/mrs kill of a job that needs four eyes', expected: '200 Looking at', play: (stage) => type(stage, `kill ${JOBS.stream.job_name}`) },
    { title: 'The person who asked tries to approve', expected: 'Refused', play: (stage) => click(stage, JOBS.stream.job_name, 'kill', REQUESTER) },
    { title: 'Somebody else approves', expected: 'Killed', play: (stage) => click(stage, JOBS.stream.job_name, 'kill', APPROVER) },
  ],
};
