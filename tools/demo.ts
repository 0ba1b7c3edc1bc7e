// npm run demo: every trigger once, against the simulator, through real HTTP. Exit code 0 only if all ended as told.
import { settingsOf } from '../test/simulator/settings.ts';
import { startSimulator } from '../test/simulator/simulator.ts';
import { TOPIC } from '../test/simulator/smn-client.ts';
import { type HomeName, startHome } from './demo/homes.ts';
import { HELP, readOptions } from './demo/options.ts';
import type { Part, Stage } from './demo/step.ts';

const API_TOKEN = 'demo-token-not-for-production';
const ALERT_TOKEN = 'demo-alert-token-not-for-production';
const SIGNING_SECRET = 'demo-signing-secret';
const BOT_TOKEN = 'xoxb-demo-not-for-production';
/** Who may kill, who may approve, a stranger, and the owner of the jobs of etl_dev. */
const PEOPLE = ['U012AB3CD', 'U045EF6GH', 'U0STRANGER', 'U0OWNER01'];

type Played = { part: string; title: string; expected: string; seen: string; ok: boolean };

async function main(): Promise<number> {
  let options: ReturnType<typeof readOptions>;
  try {
    options = readOptions(process.argv.slice(2));
  } catch (error) {
    console.error(`${(error as Error).message}: npm run demo -- --help`);
    return 1;
  }
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
      const played = await playAll(homeName, parts, { url: home.url, clean: (at) => home.clean(at), simulator, apiToken: API_TOKEN, alertToken: ALERT_TOKEN, signingSecret: SIGNING_SECRET });
      if (played.every(({ ok }) => ok)) return 0;
      console.log(`\nThe server's own output:\n${home.output()}`);
      return 1;
    } finally {
      await home.stop();
    }
  } finally {
    await simulator.close();
  }
}

async function playAll(home: HomeName, parts: readonly Part[], stage: Stage): Promise<Played[]> {
  const played: Played[] = [];
  for (const part of parts) {
    const { name, steps } = part;
    part.prepare(stage);
    for (const { title, expected, play, only } of steps) {
      if (only && only.home !== home) {
        console.log(`  --  ${name}: ${title}: left out, ${only.why}`);
        continue;
      }
      const seen = await play(stage).catch((error: unknown) => (error as Error).message);
      played.push({ part: name, title, expected, seen, ok: seen === expected });
      console.log(`  ${seen === expected ? 'ok ' : 'BAD'} ${name}: ${title} -> ${seen}`);
    }
  }
  const killed = stage.simulator.killed().toSorted();
  const told = parts.flatMap(({ victims }) => victims).toSorted();
  played.push({
    part: 'all',
    title: 'Only the jobs that were to die are dead',
    expected: `${told.length} killed`,
    seen: `${killed.length} killed`,
    ok: JSON.stringify(killed) === JSON.stringify(told),
  });
  printTable(played);
  return played;
}

function printTable(played: Played[]): void {
  const rows = [
    ['', 'trigger', 'step', 'expected', 'outcome'],
    ...played.map(({ ok, part, title, expected, seen }) => [ok ? 'ok' : 'BAD', part, title, expected, seen]),
  ];
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  console.log(`\n${rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  ').trimEnd()).join('\n')}`);
  const bad = played.filter(({ ok }) => !ok).length;
  console.log(bad === 0 ? `\nAll ${played.length} ended as told.` : `\n${bad} of ${played.length} did not end as told.`);
}

process.exitCode = await main();
