import axe from 'axe-core';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { browserPath, inBrowser } from './browser.js';
import { viewingStudy } from './viewing-study.js';

describe.skipIf(!browserPath)(inBrowser, () => {
  const { visit, url } = viewingStudy();

  /** Each table at one width: its colours are the same at all, and its width is looked at at each. */
  const tables = { 1440: 'Overlap', 1024: 'Intersections', 390: 'Repeatability' };

  test.each(['light', 'dark'] as const)('%s', async (colorScheme) => {
    const address = `${url()}#pick=cooking&threshold=1&unit=model.layers.0.fc1:0&run=ses-01_task-cooking&row=3`;
    const { page } = await visit(address, { colorScheme }, '.token');
    await page.getByText('Export').click();
    const show = async (table: string) => {
      await page.getByRole('button', { name: table, exact: true }).click();
      await page.locator('.networks-pane table').waitFor();
    };
    for (const [width, own] of Object.entries(tables)) {
      await page.setViewportSize({ width: Number(width), height: 900 });
      for (const table of Object.values(tables)) {
        await show(table);
        expect(await sideways(page), `${table} at ${width} px`).toBe(0);
      }
      await show(own);
      expect(await seriousFaults(page), `${width} px`).toEqual([]);
    }
    await page.keyboard.press('?');
    await page.getByRole('dialog').waitFor();
    expect(await seriousFaults(page), 'keys').toEqual([]);
    await page.close();
  });
});

async function seriousFaults(page: Page): Promise<string[]> {
  // Evaluated as the browser's own tools do it: the page's policy lets no script in.
  await page.evaluate(axe.source);
  const { violations } = (await page.evaluate('axe.run({ resultTypes: ["violations"] })')) as axe.AxeResults;
  return violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) =>
      nodes.map(({ html, failureSummary }) => `${id}: ${html.slice(0, 100)} ${failureSummary}`.slice(0, 300)),
    );
}

/** By how many pixels the page is wider than what is seen of it. */
const sideways = (page: Page): Promise<number> =>
  page.evaluate(() => Math.max(0, document.documentElement.scrollWidth - innerWidth));
