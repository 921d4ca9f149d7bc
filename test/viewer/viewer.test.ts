/** The viewer as a person uses it, in a browser, on a study whose words are hostile. */
import { readFile } from 'node:fs/promises';
import type { LiveStudy, StudyView, UnitSelection } from '@galvani/view';
import { tableFromIPC } from 'apache-arrow';
import type { Page } from 'playwright-core';
import { describe, expect, test } from 'vitest';
import { browserPath, inBrowser } from './browser.js';
import { hostile, hostileSite, served } from './viewed-study.js';
import { viewingStudy } from './viewing-study.js';

const mask = Uint8Array.of(8, 0, 0, 0, 0, 0, 0, 0, 123, 125);
/** What was asked of the model. */
const asked: { task: string; format: string; selection: UnitSelection | undefined }[] = [];
const live: LiveStudy = {
  async mask(task, format, selection) {
    asked.push({ task, format, selection });
    return mask;
  },
  replay: async () => new Float32Array(0),
};

describe.skipIf(!browserPath)(inBrowser, () => {
  const { visit, url } = viewingStudy((study) => [served(study, live)]);
  const unitOf = (site: string, unit: number) => `${url()}#${new URLSearchParams({ unit: `${site}:${unit}` })}`;
  const viewOf = (page: Page) => new URLSearchParams(new URL(page.url()).hash.slice(1));
  const json = async <T>(path: string) => (await fetch(`${url()}data/0/${path}`)).json() as Promise<T>;
  const zOf = async (map: string) => {
    const bytes = await (await fetch(`${url()}data/0/maps/${map}/z.arrow`)).arrayBuffer();
    return [...(tableFromIPC(new Uint8Array(bytes)).getChild('value')!.toArray() as Float64Array)];
  };

  test('hostile words are text in every pane', async () => {
    const { page, complaints } = await visit(unitOf(hostileSite, 3), {}, '.token');
    expect(await page.getByRole('heading', { level: 1 }).textContent()).toContain(hostile);
    expect(await page.locator('.course-pane h2').textContent()).toBe(`${hostileSite}, unit 3`);
    expect(await page.locator('.text .prompt').first().textContent()).toContain(hostile);
    expect(await page.locator('.token', { hasText: '<i class=hostile>0</i>' }).count()).toBeGreaterThan(0);
    await page.locator('.extremes .link').first().click();
    expect(await page.locator('#viewer').locator('img, script, .hostile').count()).toBe(0);
    expect(await page.title()).toBe('galvani view');
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('a unit that is gone to is seen, and the wheel, the pointer and the back button move what is seen', async () => {
    const { page } = await visit(url());
    await page.getByLabel('Go to').fill('layers.0.fc1:7');
    await page.keyboard.press('Enter');
    await page.locator('.selected', { hasText: 'model.layers.0.fc1, unit 7' }).waitFor();
    const { sites } = await json<StudyView>('study.json');
    const place = sites.find(({ site }) => site === 'model.layers.0.fc1')!.start + 7;
    const z = (await zOf('task-cooking'))[place];
    expect(await page.locator('.selected').textContent()).toContain(
      `z ${String(Number(z.toPrecision(4))).replace('-', '−')}`,
    );
    expect(viewOf(page).get('unit')).toBe('model.layers.0.fc1:7');
    const window = () => viewOf(page).get('window');
    const before = window();
    const map = page.locator('canvas.map');
    await map.hover();
    await page.mouse.wheel(0, -600);
    await page.waitForFunction((was) => !location.hash.includes(`window=${was}`), encodeURIComponent(before ?? 'none'));
    expect(window()).not.toBe(before);
    await map.click({ position: { x: 30, y: 30 } });
    await page.waitForFunction(() => !/fc1%3A7(&|$)/.test(location.hash));
    await page.goBack();
    await page.locator('.selected', { hasText: 'model.layers.0.fc1, unit 7' }).waitFor();
    await page.close();
  });

  test('the threshold counts the units of the artifact, and a link shows the same', async () => {
    const { page } = await visit(`${url()}#map=task-weather`);
    const slider = page.getByRole('slider', { name: 'Threshold' });
    await slider.focus();
    for (let press = 0; press < 3; press++) await page.keyboard.press('PageUp');
    await page.waitForFunction(() => location.hash.includes('threshold='));
    const threshold = Number(viewOf(page).get('threshold'));
    const left = (await zOf('task-weather')).filter((z) => Math.abs(z) >= threshold).length;
    expect(left).toBeGreaterThan(0);
    const words = page.locator('.threshold output');
    await words.filter({ hasText: `: ${left} of 120 units` }).waitFor();
    const said = await words.textContent();
    const other = await visit(page.url());
    await other.page.locator('.threshold output', { hasText: `: ${left} of` }).waitFor();
    expect(await other.page.locator('.threshold output').textContent()).toBe(said);
    await other.page.close();
    await page.getByLabel('Threshold on').selectOption('fdr');
    await words.filter({ hasText: 'fdr p ≤ 1' }).waitFor();
    await page.close();
  });

  test('a token is selected by a click and with arrow keys, in text and chart', async () => {
    const { page } = await visit(unitOf('model.layers.0.fc1', 0), {}, '.token');
    await page.getByRole('combobox', { name: 'Runs' }).selectOption('ses-02_task-weather');
    await page.locator('.token[data-row="6"]').click();
    await page.locator('.token[data-row="6"][aria-pressed=true]').waitFor();
    expect([viewOf(page).get('run'), viewOf(page).get('row')]).toEqual(['ses-02_task-weather', '6']);
    await page.keyboard.press('ArrowRight');
    await page.locator('.token[data-row="7"][aria-pressed=true]').waitFor();
    await page.goBack();
    await page.locator('.token[data-row="6"][aria-pressed=true]').waitFor();
    await page.close();
  });

  test('everything has a key', async () => {
    const { page } = await visit(url());
    await page.keyboard.press('?');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor();
    await page.keyboard.press('Escape');
    await page.getByRole('dialog', { name: 'Keys' }).waitFor({ state: 'hidden' });
    await page.keyboard.press('/');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('unit');
    await page.locator('canvas.map').focus();
    await page.keyboard.press('ArrowRight');
    await page.locator('.selected', { hasText: 'model.layers.0.fc1, unit 0' }).waitFor();
    await page.keyboard.press('ArrowRight');
    await page.locator('.selected', { hasText: 'model.layers.0.fc1, unit 1' }).waitFor();
    await page.keyboard.press('+');
    await page.waitForFunction(() => location.hash.includes('window='));
    await page.keyboard.press('0');
    await page.waitForFunction(() => !location.hash.includes('window='));
    const outline = await page.evaluate(() => {
      const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement!);
      return `${outlineStyle} ${outlineWidth}`;
    });
    expect(outline).toBe('solid 2px');
    await page.close();
  });

  test('a cell of networks outlines its units, which go into a file', async () => {
    const { page } = await visit(url(), { acceptDownloads: true }, '.matrix td button');
    await page.getByRole('button', { name: 'cooking, cooking' }).click();
    await page.getByLabel('Outline').filter({ hasText: 'network of cooking' }).waitFor();
    expect(viewOf(page).get('pick')).toBe('cooking');
    await page.getByText('Export').click();
    const saved = async (button: RegExp) => {
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        page.getByRole('button', { name: button }).click(),
      ]);
      return { name: download.suggestedFilename(), bytes: await readFile(await download.path()) };
    };
    const csv = await saved(/as CSV/);
    const rows = csv.bytes.toString().trimEnd().split('\n');
    expect(rows[0]).toBe('site,unit,z,member');
    const units = await json<{ task: string; site: string; unit: number; t: number }[]>('tables/networks/units.json');
    const members = units.filter(({ task }) => task === 'cooking');
    expect(
      rows
        .slice(1)
        .map((row) => row.replace(/,[^,]*,(-?1)$/, ',$1'))
        .sort(),
    ).toEqual(members.map(({ site, unit, t }) => `${site},${unit},${Math.sign(t)}`).sort());
    const svg = await saved(/as SVG/);
    const drawing = svg.bytes.toString();
    for (const piece of ['<svg ', 'block-00', 'data:image/png;base64,', 'stop-color="#'])
      expect(drawing.includes(piece), piece).toBe(true);
    const png = await saved(/as PNG/);
    expect([...png.bytes.subarray(0, 4)]).toEqual([137, 80, 78, 71]);
    const safetensors = await saved(/^Network of cooking as a mask/);
    expect(safetensors.name).toBe('cooking.safetensors');
    expect([...safetensors.bytes]).toEqual([...mask]);
    await page.getByRole('combobox', { name: 'Outline' }).selectOption('');
    await page.getByRole('slider', { name: 'Threshold' }).press('PageUp');
    await page.getByRole('combobox', { name: 'Masks as' }).selectOption('json');
    expect((await saved(/^Units that are drawn as a mask/)).name).toBe('cooking-z.json');
    const { maps, sites } = await json<StudyView>('study.json');
    expect(maps[0].task).toBe('cooking');
    const z = await zOf(maps[0].name);
    const threshold = Number(viewOf(page).get('threshold'));
    const drawn = sites.flatMap(({ site, start, width }) => {
      const units = [...Array(width).keys()].filter((unit) => Math.abs(z[start + unit]) >= threshold);
      return units.length > 0 ? [{ site, units, signs: units.map((unit) => Math.sign(z[start + unit])) }] : [];
    });
    expect(asked).toEqual([
      { task: 'cooking', format: 'safetensors', selection: undefined },
      { task: 'cooking z', format: 'json', selection: drawn },
    ]);
    await page.close();
  });
});
