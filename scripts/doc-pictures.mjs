// Makes the pictures that the docs show of the default study: the report's maps (docs/pictures/maps.webp), and small
// ones of the viewer (viewer-*.webp).
//
//   npx nx run pipeline:all && npm run pictures
//
// It needs a Chromium: CHROME_PATH, or `chromium` on PATH.
import { spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { chromium } from 'playwright-core';
import { browserPath } from './browser-path.mjs';

const root = fileURLToPath(new URL('../', import.meta.url));
const out = join(root, 'docs/pictures');
const mostBytes = 60_000;
const unit = 'unit=model.decoder.layers.3.fc1:7';

/** Name, what is shown, how large the page is and how wide the picture. */
const views = [
  ['map', `map=task-pathology&pick=pathology&threshold=3&${unit}&course=fit`, 1440, 960, 600, 'light'],
  ['contrast', `map=yardstick/pathology&threshold=3&mean=pathology`, 1440, 960, 600, 'dark'],
  [
    'compare',
    `map=task-pathology&compare=side&other=task-medical-imaging&pick=pathology+medical-imaging`,
    1024,
    900,
    512,
    'light',
  ],
  [
    'networks',
    `map=task-pathology&table=intersections&window=0,0.3,0.5,0.6&${unit}`,
    1024,
    900,
    512,
    'dark',
    '.networks-pane',
  ],
  ['phone', `map=task-pathology&threshold=3&${unit}`, 390, 844, 293, 'light'],
  ['phone-course', `map=task-pathology&${unit}`, 390, 844, 293, 'dark', '.course-pane'],
];

const server = spawn(
  process.execPath,
  [join(root, 'apps/cli/bundle/galvani.js'), 'view', join(root, 'pipelines/default'), '--no-open'],
  { stdio: ['ignore', 'pipe', 'inherit'] },
);
const url = await new Promise((resolve, reject) => {
  server.stdout.on('data', (piece) => {
    const [found] = /http:\S+/.exec(String(piece)) ?? [];
    if (found) resolve(found);
  });
  server.once('exit', () => reject(new Error('galvani view ended: is it built, and has the default study run?')));
});
const browser = await chromium.launch({
  executablePath: browserPath,
  args: ['--no-sandbox', '--disable-gpu'],
});
try {
  mkdirSync(out, { recursive: true });
  for (const [name, address, width, height, wide, colorScheme, place] of views) {
    const page = await browser.newPage({ viewport: { width, height }, colorScheme });
    await page.goto(`${url}#${address}`);
    await page.locator('canvas.map').first().waitFor();
    if (/unit=|mean=/.test(address)) await page.locator('.token').first().waitFor();
    await page.locator('.networks-pane table').waitFor();
    if (place) await page.locator(place).evaluate((pane) => pane.scrollIntoView());
    await page.waitForLoadState('networkidle');
    const path = join(out, `viewer-${name}.webp`);
    const bytes = await asWebp(page, await page.screenshot(), wide);
    if (bytes.length > mostBytes) throw new Error(`${path} would take ${bytes.length} bytes`);
    writeFileSync(path, bytes);
    console.log(`${path}: ${bytes.length} bytes`);
    await page.close();
  }
  const page = await browser.newPage({ viewport: { width: 1240, height: 1000 }, colorScheme: 'light' });
  await page.goto(pathToFileURL(join(root, 'data/derivatives/default/report/index.html')).href);
  const maps = join(out, 'maps.webp');
  const bytes = await asWebp(page, await page.locator('#maps .panels').first().screenshot(), 984, 0.8);
  writeFileSync(maps, bytes);
  console.log(`${maps}: ${bytes.length} bytes`);
} finally {
  await browser.close();
  server.kill('SIGINT');
}

/** A screenshot as WebP, so many pixels wide, by the browser's own hand. */
async function asWebp(page, screenshot, wide, quality = 0.65) {
  const data = await page.evaluate(
    async ([base64, wide, quality]) => {
      const bytes = Uint8Array.from(atob(base64), (each) => each.charCodeAt(0));
      const image = await createImageBitmap(new Blob([bytes]));
      const canvas = new OffscreenCanvas(wide, Math.round((image.height * wide) / image.width));
      const context = canvas.getContext('2d');
      context.imageSmoothingQuality = 'high';
      context.drawImage(image, 0, 0, canvas.width, canvas.height);
      const blob = await canvas.convertToBlob({ type: 'image/webp', quality });
      return Array.from(new Uint8Array(await blob.arrayBuffer()));
    },
    [screenshot.toString('base64'), wide, quality],
  );
  return Buffer.from(data);
}
