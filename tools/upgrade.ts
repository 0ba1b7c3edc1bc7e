// npm run upgrade: an own home, killed or stopped at each of its waits, and the next one with another workflow goes on. Exit code 0 only if all came to the same.
import { execFileSync } from 'node:child_process';
import { type HowItEnds, playUpgrade } from '../test/home/upgrade/play.ts';
import { copyTree, moveSteps } from '../test/home/upgrade/trees.ts';
import { WAITS } from '../test/home/upgrade/waits.ts';
import { readArgs, runCommand, WrongUsage } from './command-line.ts';

const HELP = `Usage: npm run upgrade -- [--from <commit>]

Starts the own home (real processes and files, a simulator in place of Huawei Cloud and Slack) as a commit has it, brings executions to
each of their waits, ends it by SIGTERM, by kill -9, and by kill -9 with a standby beside it, and starts a copy of what is here with
moves added and renamed and another workflow version over the same store. Each wait has to end as it would have: the same card, its
buttons at work, asked and kept until the same moment, no POST too many. Then the way back, from the changed copy to what is here; and
once the changed moves without another version, which has to go wrong: so much for what the version is for. Takes some minutes.

Options:
  --from <commit>   as git knows it, default HEAD
  --help

Exit code: 0 all as it should be, 1 something was not, or the arguments are wrong.

Examples:
  npm run upgrade
  npm run upgrade -- --from v0.1.0
`;

const ASK_TIMEOUT_SEC = 60;

async function main(): Promise<number> {
  const read = readArgs(process.argv.slice(2), { name: 'npm run upgrade', options: { from: { type: 'string', default: 'HEAD' } } });
  if (read === 'help') {
    process.stdout.write(HELP);
    return 0;
  }
  const { from } = read.values;
  checkCommit(from);
  const trees = [copyTree(from), copyTree(), copyTree(), copyTree()];
  const [old, here, changed, unraised] = trees.map(({ path }) => path) as [string, string, string, string];
  try {
    moveSteps(trees[2]!);
    moveSteps(trees[3]!, false);
    let isRight = true;
    const play = async (title: string, before: string, after: string, how: HowItEnds): Promise<void> => {
      const { trouble, begunAnew, downMs } = await playUpgrade(WAITS, { before, after, how, askTimeoutSec: ASK_TIMEOUT_SEC });
      console.log(`${title.padEnd(44)} ${WAITS.length} waits, ${begunAnew} executions begun anew, serving again after ${downMs} ms: ${trouble.length === 0 ? 'all as without' : 'not as without'}`);
      for (const line of trouble) console.log(`  ${line}`);
      isRight &&= trouble.length === 0;
    };
    await play(`${from} to another version, by SIGTERM`, old, changed, 'SIGTERM');
    await play(`${from} to another version, by kill -9`, old, changed, 'SIGKILL');
    await play(`${from} to another version, standing by`, old, changed, 'standby');
    await play('and back to what is here, by kill -9', changed, here, 'SIGKILL');
    const asking = WAITS.filter(({ name }) => name === 'asking, and nobody answers');
    const { trouble } = await playUpgrade(asking, { before: here, after: unraised, how: 'SIGKILL', askTimeoutSec: ASK_TIMEOUT_SEC });
    console.log(`${'moves changed and the version not raised'.padEnd(44)} ${trouble.length === 0 ? 'nobody noticed: what is changed is no other workflow' : `goes wrong, as it has to: ${trouble[0]}`}`);
    return isRight && trouble.length > 0 ? 0 : 1;
  } finally {
    for (const { remove } of trees) remove();
  }
}

function checkCommit(from: string): void {
  try {
    execFileSync('git', ['rev-parse', '--verify', '--quiet', '--end-of-options', `${from}^{commit}`], { cwd: import.meta.dirname, stdio: 'ignore' });
  } catch {
    throw new WrongUsage(`--from ${from}: git knows no such commit here; name one that git log shows.`);
  }
}

await runCommand(main);
