/** That everybody can use the report, at every width it is for, light and dark: axe-core finds nothing serious in a browser, nothing is cut off. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { stage as report } from '@galvani/report';
import axe from 'axe-core';
import { describe, expect, test } from 'vitest';
import { writeSyntheticStudy } from '../packages/stages/report/test/synthetic-study.js';
import { browserPath, inBrowser } from './viewer/browser.js';
import { viewing } from './viewer/viewing.js';

describe.skipIf(!browserPath)(inBrowser, () => {
  let root: string;
  const { visit } = viewing(
    async () => {
      root = await mkdtemp(join(tmpdir(), 'galvani-report-access-'));
      await writeSyntheticStudy(root);
      await report({ study: root, root, yaml: '', signal: new AbortController().signal });
    },
    async () => {
      if (root) await rm(root, { recursive: true });
    },
  );
  const address = () => pathToFileURL(join(root, 'report/index.html')).href;

  test.each(['light', 'dark'] as const)('%s', async (colorScheme) => {
    const { page, complaints } = await visit(address(), { colorScheme }, 'main');
    for (const width of [1440, 1024, 390]) {
      await page.setViewportSize({ width, height: 900 });
      const wider = await page.evaluate(() => document.documentElement.scrollWidth - innerWidth);
      expect(wider, `${width} px`).toBeLessThanOrEqual(0);
      await page.evaluate(axe.source);
      const { violations } = (await page.evaluate('axe.run({ resultTypes: ["violations"] })')) as axe.AxeResults;
      const faults = violations
        .filter(({ impact }) => impact === 'serious' || impact === 'critical')
        .flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.html.slice(0, 120)} ${node.failureSummary}`));
      expect(faults, `${width} px`).toEqual([]);
    }
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('contents stay in sight where the page is wide; where it is narrow they open, and close when one is chosen', async () => {
    const { page } = await visit(address(), {}, 'main');
    const contents = page.locator('#contents');
    await page.locator('#contents a[href="#methods"]').click();
    expect(await contents.isVisible()).toBe(true);
    expect((await contents.boundingBox())?.y).toBeCloseTo(0, 0);
    await page.setViewportSize({ width: 390, height: 800 });
    expect(await contents.isVisible()).toBe(false);
    await page.locator('.bar a').click();
    expect(await contents.isVisible()).toBe(true);
    await page.locator('#contents a[href="#networks"]').click();
    expect(await contents.isVisible()).toBe(false);
    const heading = await page.locator('#networks h2').boundingBox();
    const bar = await page.locator('.bar').boundingBox();
    expect(heading!.y).toBeGreaterThanOrEqual(bar!.y + bar!.height - 1);
    expect(heading!.y).toBeLessThan(400);
    await page.close();
  });
});
