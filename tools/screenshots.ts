// npm run screenshots: the pictures of docs/images, taken of a playground of its own in a headless Chromium.
import { mkdirSync, statSync } from 'node:fs';
import type { Page } from 'playwright-core';
import { servePlayground } from '../test/playground/front.ts';
import { openBrowser, visit } from '../test/playground/visit.ts';
import { findProgram } from '../test/support/program.ts';

const HELP = `Takes docs/images/card.png and docs/images/playground.png of a playground that it starts itself.

  npm run screenshots

Needs chromium (Debian: apt-get install chromium).`;
const FOLDER = 'docs/images';
const MOST_BYTES = 300_000;

async function main(args: string[]): Promise<number> {
  if (args.includes('--help') || args.includes('-h')) {
    console.log(HELP);
    return 0;
  }
  const program = findProgram('chromium');
  if (program === undefined || args.length > 0) {
    console.error(program === undefined ? 'there is no chromium here: apt-get install chromium' : `${args.join(' ')}: takes no arguments, see npm run screenshots -- --help`);
    return 1;
  }
  const front = await servePlayground({ port: 0, policyFile: 'test/playground/policy.yml' });
  const browser = await openBrowser(program);
  try {
    const { page } = await visit(browser, front.url, { width: 1_280, height: 1_000, scheme: 'light' });
    return await takeBoth(page);
  } finally {
    await browser.close();
    await front.close();
  }
}

/** Both pictures, after a kill that is asked for and another one that is done. */
async function takeBoth(page: Page): Promise<number> {
  mkdirSync(FOLDER, { recursive: true });
  const messages = page.getByRole('log', { name: 'Messages' }).getByRole('article');
  const type = async (command: string): Promise<void> => {
    await page.getByLabel('/mrs').fill(command);
    await page.keyboard.press('Enter');
  };
  await page.getByLabel('Job', { exact: true }).selectOption({ label: 'etl-1 (analytics)' });
  await page.getByRole('button', { name: 'Send alert' }).click();
  await messages.filter({ hasText: 'Killed' }).waitFor();
  await type('kill clicks-2 because it has read nothing for an hour');
  const card = messages.filter({ hasText: 'An approver has to approve it' });
  await card.getByRole('button', { name: 'Kill', exact: true }).waitFor();
  await card.locator('.blocks').screenshot({ path: `${FOLDER}/card.png` });
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: `${FOLDER}/playground.png` });
  const tooLarge = ['card', 'playground'].map((name) => `${FOLDER}/${name}.png`).filter((file) => statSync(file).size > MOST_BYTES);
  for (const file of tooLarge) console.error(`${file} is over ${MOST_BYTES / 1_000} KB`);
  return tooLarge.length === 0 ? 0 : 1;
}

process.exitCode = await main(process.argv.slice(2));
