import { type Browser, chromium, type Page } from 'playwright-core';
import { browserPath } from '../../scripts/browser-path.mjs';

export { browserPath };

/** For the name of tests that need it. */
export const inBrowser = browserPath
  ? 'in Chromium'
  : 'in Chromium, of which there is none here: install it, or set CHROME_PATH';

export const openBrowser = (): Promise<Browser> =>
  chromium.launch({
    executablePath: browserPath,
    args: [
      ...['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run'],
      ...['--disable-background-networking', '--disable-component-update', '--disable-sync'],
    ],
  });

/** What a page complained of: whatever it threw or wrote to the console as an error. */
export function complaintsOf(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', ({ message }) => complaints.push(message));
  page.on('console', (message) => message.type() === 'error' && complaints.push(message.text()));
  return complaints;
}
