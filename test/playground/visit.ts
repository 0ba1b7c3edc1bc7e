import type { Browser, ConsoleMessage, Page } from 'playwright-core';

/** A page of the playground in a headless Chromium. */
export type Visit = {
  page: Page;
  /** What must not be: errors in the console, errors of the page, and requests to elsewhere. */
  problems: string[];
  close(): Promise<void>;
};

export type Look = { width: number; height: number; scheme: 'light' | 'dark' };

/** Opens the browser of that path. */
export async function openBrowser(executablePath: string): Promise<Browser> {
  const { chromium } = await import('playwright-core');
  return chromium.launch({ executablePath });
}

/** Opens the playground at `url` and waits until it shows its jobs. */
export async function visit(browser: Browser, url: string, { width, height, scheme }: Look): Promise<Visit> {
  const context = await browser.newContext({ viewport: { width, height }, colorScheme: scheme, reducedMotion: 'reduce', locale: 'en-GB', timezoneId: 'UTC' });
  const page = await context.newPage();
  const problems: string[] = [];
  const { origin } = new URL(url);
  page.on('console', (message: ConsoleMessage) => {
    if (['error', 'warning'].includes(message.type())) problems.push(`console: ${message.text()}`);
  });
  page.on('pageerror', (error) => problems.push(`page: ${error.message}`));
  page.on('request', (request) => {
    if (!request.url().startsWith(origin) && !request.url().startsWith('data:')) problems.push(`request: ${request.url()}`);
  });
  await page.goto(url);
  await page.getByRole('region', { name: 'Jobs' }).waitFor();
  return { page, problems, close: () => context.close() };
}
