import { afterAll, beforeAll, describe, expect, it, jest } from '@jest/globals';
import type { Browser, Locator, Page } from 'playwright-core';
import { describeAtFullSize, itAtFullSize } from '../support/full-size.ts';
import { findProgram } from '../support/program.ts';
import { type Front, servePlayground } from './front.ts';
import { openBrowser, visit, type Visit } from './visit.ts';

const program = findProgram('chromium');
if (program === undefined) console.warn('SKIPPED: there is no chromium here (Debian: apt-get install chromium), so the page of the playground was not shown.');
const describeInBrowser = program === undefined ? describe.skip : describe;

// A browser beside all the other tests: what never comes fails by the browser's own 30 s.
const GENEROUS_MS = 90_000;
jest.setTimeout(GENEROUS_MS);

let front: Front;
let browser: Browser;
beforeAll(async () => {
  if (program === undefined) return;
  front = await servePlayground({ port: 0, policyFile: 'test/playground/policy.yml' });
  browser = await openBrowser(program);
}, GENEROUS_MS);
afterAll(async () => {
  await browser?.close();
  await front?.close();
});

describeInBrowser('the playground in a browser', () => {
  let shown: Visit;
  let page: Page;
  beforeAll(async () => {
    shown = await visit(browser, front.url, { width: 1_280, height: 900, scheme: 'light' });
    ({ page } = shown);
  }, GENEROUS_MS);
  afterAll(() => shown?.close());

  const messages = (text: string | RegExp): Locator => page.getByRole('log', { name: 'Messages' }).getByRole('article').filter({ hasText: text });
  const be = (title: RegExp): Promise<void> => page.getByRole('radio', { name: title }).check();
  const stateOf = (job: string): Locator => page.locator(`tr[data-job="${job}"] .state`);
  const press = (message: Locator, name: string): Promise<void> => message.getByRole('button', { name, exact: true }).click();
  const turn = async (name: string, isOn: boolean): Promise<void> => {
    await page.getByRole('switch', { name }).click();
    await page.getByRole('switch', { name, checked: isOn }).waitFor(); // it shows what is so, once that is so
  };

  async function typeKill(job: string): Promise<void> {
    await page.getByRole('button', { name: `Type the command that kills ${job}` }).click();
    await page.getByLabel('/mrs').press('End');
    await page.getByLabel('/mrs').pressSequentially('it hangs');
    await page.keyboard.press('Enter');
  }
  async function becomes(job: string, state: string): Promise<void> {
    await stateOf(job).filter({ hasText: state }).waitFor();
  }
  async function alert(source: string, alertname: string, job: string): Promise<void> {
    await page.getByLabel('Source').selectOption(source);
    await page.getByLabel('Job', { exact: true }).selectOption({ label: job });
    await page.getByLabel('Alert name').fill(alertname);
    await page.getByRole('button', { name: 'Send alert' }).click();
  }
  async function add(kind: RegExp): Promise<void> {
    await page.getByRole('button', { name: kind }).click();
  }

  it('kills from Slack with the keyboard alone', async () => {
    await page.getByRole('radio', { name: /Operator/ }).focus();
    for (let tabs = 0; tabs < 10 && (await page.evaluate(() => document.activeElement?.id)) !== 'command'; tabs++) await page.keyboard.press('Tab');
    await page.keyboard.type('kill etl-1 because it hangs');
    await page.keyboard.press('Enter');
    await messages('Please confirm').getByRole('button', { name: 'Kill', exact: true }).waitFor();
    await page.keyboard.press('Shift+Tab');
    await page.keyboard.press('Shift+Tab');
    expect(await page.evaluate(() => document.activeElement?.textContent)).toBe('Kill');
    await page.keyboard.press('Enter');
    await messages('Killed: etl-1').waitFor();
    await becomes('etl-1', 'KILLED');
  });

  it('asks four eyes: who asked cannot approve', async () => {
    await typeKill('clicks-2');
    const card = messages('An approver has to approve it');
    await press(card, 'Kill');
    await messages('only visible to you').filter({ hasText: 'Refused' }).waitFor();
    expect(await stateOf('clicks-2').textContent()).toBe('RUNNING');
    await be(/Approver/);
    await press(card, 'Kill');
    await messages('Killed: clicks-2').waitFor();
    await becomes('clicks-2', 'KILLED');
    await be(/Operator/);
  });

  // The front's own tests do the same by HTTP each time.
  itAtFullSize('takes an alert, and shows request and answer', async () => {
    await add(/^Spark job/);
    await alert('alertmanager', 'MrsJobStuck', 'etl-6 (analytics)');
    await page.getByText('Alert by alertmanager: MrsJobStuck: 202').waitFor();
    await messages('Killed: etl-6').waitFor();
    await becomes('etl-6', 'KILLED');
    expect(await page.getByRole('log', { name: 'Audit lines' }).textContent()).toContain('etl-6');
  });

  itAtFullSize('plays a dry run: nothing is killed', async () => {
    await turn('Dry run', true);
    await add(/^Spark job/);
    await typeKill('etl-7');
    await press(messages('Dry run: kill this job?').last(), 'Would kill');
    await messages('Would be killed (dry run): etl-7').waitFor();
    expect(await stateOf('etl-7').textContent()).toBe('RUNNING');
    await turn('Dry run', false);
  });

  itAtFullSize('warns an owner, who keeps the job, and kills it when that time is over', async () => {
    await page.getByRole('button', { name: 'Run cleanup' }).click();
    await be(/Owner/);
    await press(messages('Direct message').filter({ hasText: 'dev-5' }), 'Keep 2h');
    await messages('Direct message').filter({ hasText: /Kept until .*dev-5/s }).waitFor();
    await page.getByRole('button', { name: 'Forward 2 h' }).click();
    await messages('Direct message').filter({ hasText: 'Will be killed at' }).getByRole('button').first().waitFor();
    expect(await stateOf('dev-5').textContent()).toBe('RUNNING');
    await page.getByRole('button', { name: 'Forward 30 min' }).click();
    await becomes('dev-5', 'KILLED');
    await be(/Operator/);
  });

  itAtFullSize('goes on when MRS is there again', async () => {
    await turn('MRS outage', true);
    await alert('generic', 'MrsJobStuck', 'etl-7 (analytics)');
    await page.getByText('Alert by generic: MrsJobStuck: 202').waitFor();
    await page.waitForTimeout(1_000);
    expect(await stateOf('etl-7').textContent()).toBe('RUNNING');
    await turn('MRS outage', false);
    await becomes('etl-7', 'KILLED');
  });

  it('gives every control a name, says what is wrong, and asks nothing of anybody else', async () => {
    await page.getByRole('button', { name: 'Send alert' }).waitFor();
    expect(await namelessControls(page)).toEqual([]);
    expect(shown.problems).toEqual([]);
  });
});

const LOOKS = [[1_280, 'dark'], [390, 'light'], [390, 'dark']] as const;

(program === undefined ? describe.skip : describeAtFullSize)('the playground', () => {
  it.each(LOOKS)('%d wide, %s, has room for all of it, and can be read', async (width, scheme) => {
    const { page, problems, ...shown } = await visit(browser, front.url, { width, height: 844, scheme });
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBeLessThanOrEqual(width);
    expect(await faintTexts(page)).toEqual([]);
    expect(await namelessControls(page)).toEqual([]);
    expect(problems).toEqual([]);
    await shown.close();
  });
});

const CONTROLS = ['button', 'textbox', 'combobox', 'radio', 'switch', 'checkbox', 'link'];

/** What can be used and has no name for who does not see it. */
async function namelessControls(page: Page): Promise<string[]> {
  const session = await page.context().newCDPSession(page);
  const { nodes } = (await session.send('Accessibility.getFullAXTree')) as { nodes: { ignored: boolean; role?: { value?: string }; name?: { value?: string } }[] };
  await session.detach();
  const controls = nodes.filter(({ ignored, role }) => !ignored && CONTROLS.includes(role?.value ?? ''));
  if (controls.length === 0) throw new Error('no control was found');
  return controls.filter(({ name }) => (name?.value ?? '').trim() === '').map(({ role }) => role?.value ?? '');
}

/** Texts whose colour is too near to what is behind it: https://www.w3.org/TR/WCAG22/#contrast-minimum */
async function faintTexts(page: Page): Promise<string[]> {
  return page.evaluate(() => {
    const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
    const channels = (color: string): number[] => {
      if (canvas === null) throw new Error('no canvas');
      canvas.clearRect(0, 0, 1, 1);
      canvas.fillStyle = color;
      canvas.fillRect(0, 0, 1, 1);
      return [...canvas.getImageData(0, 0, 1, 1).data];
    };
    const light = (color: string): number => {
      const [red = 0, green = 0, blue = 0] = channels(color).map((value) => (value / 255 <= 0.03928 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4));
      return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
    };
    const behind = (element: Element): string => {
      for (let at: Element | null = element; at !== null; at = at.parentElement) {
        const { backgroundColor } = getComputedStyle(at);
        if (channels(backgroundColor)[3] === 255) return backgroundColor;
      }
      return 'white';
    };
    const texts = [...document.querySelectorAll('h1, h2, h3, p, td, th, label, legend, button, summary, code, .blocks *')].filter((element) => [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.textContent?.trim() !== ''));
    return texts.flatMap((element) => {
      const [one, other] = [light(getComputedStyle(element).color), light(behind(element))];
      const contrast = (Math.max(one, other) + 0.05) / (Math.min(one, other) + 0.05);
      return contrast >= 4.5 ? [] : [`${element.textContent?.slice(0, 40)}: ${contrast.toFixed(1)}`];
    });
  });
}
