import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, vi } from 'vitest';
import { complaintsOf, openBrowser } from './browser.js';

/** A browser for the tests of a file, and what they have to give back. */
export function viewing(prepare: () => Promise<void>, restore: () => Promise<void>) {
  let browser: Browser;
  beforeAll(async () => {
    for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
    const opening = openBrowser();
    await prepare();
    browser = await opening;
  });
  afterAll(async () => {
    await browser?.close();
    await restore();
    vi.restoreAllMocks();
  });
  return {
    /** A page of its own at an address, once `there` is seen in it; what it complains of. */
    async visit(address: string, options: BrowserContextOptions = {}, there = 'canvas.map') {
      const page: Page = await browser.newPage({ viewport: { width: 1440, height: 1000 }, ...options });
      page.setDefaultTimeout(20_000);
      const complaints = complaintsOf(page);
      await page.goto(address);
      await page.locator(there).first().waitFor();
      return { page, complaints };
    },
  };
}
