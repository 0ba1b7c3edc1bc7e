// npm run demo: every trigger once, against the simulator, through real HTTP. Exit code 0 only if all ended as told.
import { settingsOf } from '../test/simulator/settings.ts';
import { startSimulator } from '../test/simulator/simulator.ts';
import { TOPIC } from '../test/simulator/smn-client.ts';
import { runCommand } from './command-line.ts';
import { type HomeName, startHome } from './demo/homes.ts';
import { HELP, readOptions } from './demo/options.ts';
import type { Part, Stage } from './demo/step.ts';
import { leftOutLine, type Played, type PlayedPart, stepLine, summaryOf } from './demo/tell.ts';

const API_TOKEN = 'demo-token-not-for-production';
const ALERT_TOKEN = 'demo-alert-token-not-for-production';
const SIGNING_SECRET = 'demo-signing-secret';
const BOT_TOKEN = 'xoxb-demo-not-for-production';
/** Who may kill, who may approve, a stranger, and the owner of the jobs of etl_dev. */
const PEOPLE = ['U012AB3CD', 'U045EF6GH', 'U0STRANGER', 'U0OWNER01'];

async function main(): Promise<number> {
  const options = readOptions(process.argv.slice(2));
  if (options !== 'help') return play(options.home, options.parts);
  console.log(HELP);
  return 0;
}

async function play(homeName: HomeName, parts: readonly Part[]): Promise<number> {
  const simulator = await startSimulator({ killDelayMs: 500, slack: { botToken: BOT_TOKEN, users: PEOPLE } });
  try {
    console.log(`Starting mrs-killswitch (${homeName === 'aws' ? 'the AWS home' : 'the own home'}) with a simulator of MRS, IAM, Slack and SMN behind it; no cloud account is touched.`);
    const home = await startHome(homeName, {
      ...settingsOf(simulator.url),
      API_TOKENS: `demo:${API_TOKEN}`,
      ALERT_TOKENS: `demo:${ALERT_TOKEN}`,
      SMN_TOPICS: TOPIC,
      SMN_ENDPOINT: simulator.url,
      SLACK_API_URL: simulator.slack.apiUrl,
      SLACK_SIGNING_SECRET: SIGNING_SECRET,
      SLACK_BOT_TOKEN: BOT_TOKEN,
      POLICY_FILE: 'test/local/live-policy.yml',
      FOLLOW_INTERVAL_SEC: '1',
    });
    try {
      const isGood = await playAll(homeName, parts, { url: home.url, clean: (at) => home.clean(at), simulator, apiToken: API_TOKEN, alertToken: ALERT_TOKEN, signingSecret: SIGNING_SECRET });
      if (isGood) return 0;
      console.log(`\nThe server's own output:\n${home.output()}`);
      return 1;
    } finally {
      await home.stop();
    }
  } finally {
    await simulator.close();
  }
}

/** Plays the parts, a line for each step as it ends; whether all ended as told. */
async function playAll(home: HomeName, parts: readonly Part[], stage: Stage): Promise<boolean> {
  const width = Math.max(...parts.flatMap(({ steps }) => steps.map(({ title }) => title.length)));
  const played: Omit<PlayedPart, 'dead'>[] = [];
  for (const part of parts) {
    console.log(`\n${part.name}`);
    played.push({ name: part.name, steps: await playPart(home, part, stage, width), victims: part.victims });
  }
  const killed = stage.simulator.killed();
  const { text, isGood } = summaryOf(played.map((part) => ({ ...part, dead: part.victims.filter((id) => killed.includes(id)) })), killed);
  console.log(`\n${text}`);
  return isGood;
}

async function playPart(home: HomeName, part: Part, stage: Stage, width: number): Promise<Played[]> {
  const played: Played[] = [];
  part.prepare(stage);
  for (const step of part.steps) {
    if (step.only && step.only.home !== home) {
      console.log(leftOutLine(step, step.only.why, width));
      continue;
    }
    const seen = await step.play(stage).catch((error: unknown) => (error as Error).message);
    const ended = { title: step.title, expected: step.expected, seen };
    played.push(ended);
    console.log(stepLine(ended, width));
  }
  return played;
}

await runCommand(main);
