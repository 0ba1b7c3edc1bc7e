import { buttonsOf } from '../../test/simulator/slack-client.ts';
import type { SimulatedJob, SlackMessage } from '../../test/simulator/simulator.ts';
import { runCleanup } from './cleanup.ts';
import { clickOn } from './click.ts';
import { DEV, HOUR_MS, type Part, type Stage, waitFor } from './step.ts';

const OWNER = 'U0OWNER01';
const MAY_KILL = 'U012AB3CD';
const STRANGER = 'U0STRANGER';

const JOBS = {
  kept: { job_id: '51e2a6f4-5b0f-4f39-8c80-4a6b9e3f0d51', job_name: 'dev-in-use', user: 'etl_dev' },
  killed: { job_id: '52e2a6f4-5b0f-4f39-8c80-4a6b9e3f0d52', job_name: 'dev-forgotten', user: 'etl_dev' },
  left: { job_id: '53e2a6f4-5b0f-4f39-8c80-4a6b9e3f0d53', job_name: 'tmp-left-alone', user: 'etl_dev' },
};

const PLACES = 2;

/** The messages that speak of a job: in the channel, and with its owner. */
function messagesOf({ simulator }: Stage, job: string): SlackMessage[] {
  return simulator.slack.messages().filter(({ text }) => text.includes(job) && !text.startsWith('*Cleanup'));
}

/** What both messages of a warning say, once it is what they are to say: the same in both, without the time. */
function saidOf(stage: Stage, job: string, begin: string): Promise<string> {
  return waitFor(`"${begin}" in both messages about ${job}`, () => {
    const said = messagesOf(stage, job).filter(({ text }) => text.startsWith(begin));
    if (said.length < PLACES) return undefined;
    const words = said.map((message) => [message.text.split(': `')[0]?.replace(/<!date[^>]*>/, '…'), ...buttonsOf(message).map(({ text }) => `[${text.text}]`)].join(' '));
    return [...new Set(words)].join(', ');
  });
}

/** Waits until a message has its buttons, and clicks: the owner in their own message, the others in the channel. */
async function click(stage: Stage, job: string, actionId: string, user: string): Promise<() => Promise<string>> {
  const place = user === OWNER ? /^D/ : /^C/;
  const message = await waitFor(`the buttons of ${job}`, () => messagesOf(stage, job).find((one) => place.test(one.channel) && buttonsOf(one).length > 0));
  return clickOn(stage, message, actionId, user);
}

/** Who is told before a job dies, what they may say, and the kill when nobody says anything. */
export const WARN_PART: Part = {
  name: 'warned',
  victims: [JOBS.killed.job_id, JOBS.left.job_id],
  prepare({ simulator }) {
    const startedAt = Date.now() - 9 * HOUR_MS;
    for (const job of Object.values(JOBS)) simulator.addJob({ ...job, cluster_id: DEV, submitted_time: startedAt - 5_000, started_time: startedAt } satisfies Partial<SimulatedJob>);
  },
  steps: [
    { title: 'Cleanup finds jobs of a rule that warns', expected: 'long-dev: 2 of 2 warned; short-dev: 1 of 1 warned', play: (stage) => runCleanup(stage, new Date()) },
    { title: 'In the channel and with the owner', expected: 'Will be killed at … unless kept [Keep 2h] [Kill now]', play: (stage) => saidOf(stage, JOBS.kept.job_name, 'Will be killed at') },
    { title: 'A stranger clicks on Keep', expected: 'Refused', play: async (stage) => (await click(stage, JOBS.kept.job_name, 'keep', STRANGER))() },
    {
      title: 'Its owner clicks on Keep, both messages say so',
      expected: 'Kept until … by its owner',
      async play(stage) {
        await click(stage, JOBS.kept.job_name, 'keep', OWNER);
        return saidOf(stage, JOBS.kept.job_name, 'Kept');
      },
    },
    {
      title: 'Kill now of the other, by who may kill',
      expected: 'Killed',
      async play(stage) {
        await click(stage, JOBS.killed.job_name, 'kill-now', MAY_KILL);
        return saidOf(stage, JOBS.killed.job_name, 'Killed');
      },
    },
    { title: 'A third, of which nobody says anything for 10 s', expected: 'Killed', play: (stage) => saidOf(stage, JOBS.left.job_name, 'Killed') },
    { title: 'Cleanup again, while the first one is kept', expected: 'long-dev: 0 of 1 started', play: (stage) => runCleanup(stage, new Date()) },
  ],
};
