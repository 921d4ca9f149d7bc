// The viewer in Chromium, on a study of 150,000 units and 6,912 tokens whose artifacts are made up: seconds from the command to the first map,
// frames a second while the threshold is dragged, milliseconds from a click to the unit's course, bytes of the page, memory of the server.
//
//   node apps/cli/bench/viewer.mjs [--units 150000] [--clicks 15]
//
// It needs a Chromium (CHROME_PATH, or on PATH) and 2.3 GB of disk for a while. Files that the study was just written to are in the disk cache.
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';
import { browserPath } from '../../../scripts/browser-path.mjs';
import { writeViewedStudy } from './viewed-study.mjs';

const { values } = parseArgs({
  options: { units: { type: 'string', default: '150000' }, clicks: { type: 'string', default: '15' } },
});
const units = Number(values.units);
const clicks = Number(values.clicks);
const limits = { map: 2, frames: 30, click: 200, page: 1e6, memory: 300 };

if (!browserPath) {
  console.log('  not run; there is no Chromium here: install it, or set CHROME_PATH');
  process.exit();
}

const root = mkdtempSync(join(tmpdir(), 'galvani-viewed-'));
const browser = await chromium.launch({
  executablePath: browserPath,
  args: ['--no-sandbox', '--disable-gpu', '--disable-quic'],
});
let server;
try {
  writeFileSync(join(root, 'study.yaml'), '');
  const began = performance.now();
  await writeViewedStudy(root, units);
  console.log(`  the study was made in ${((performance.now() - began) / 1000).toFixed(0)} s`);
  // What was written is on its way to the disk, and would be waited for.
  spawnSync('sync');
  process.exitCode = (await measure()) ? 0 : 1;
} finally {
  await browser.close();
  await endServer();
  rmSync(root, { recursive: true, force: true });
}

/** Prints every measure beside its limit; whether all hold. */
async function measure() {
  const starts = [];
  let page;
  // The first start finds a browser that has shown no page yet.
  for (let start = 0; start < 3; start++) {
    await page?.close();
    await endServer();
    page = await browser.newPage({ viewport: { width: 1440, height: 900 } });
    starts.push(await firstMap(page));
  }
  const middle = [...starts].sort((a, b) => a.map - b.map)[1];
  const seconds = (of) => starts.map((start) => (start[of] / 1000).toFixed(2)).join(', ');
  const frames = await draggedFrames(page);
  const times = await clickTimes(page);
  const memory = peakMemory();
  const median = times.sort((a, b) => a - b)[times.length >> 1];
  const worst = times.at(-1);
  const line = (what, value, limit, holds) => {
    console.log(`  ${what}: ${value} (limit ${limit})${holds ? '' : ' TOO MUCH'}`);
    return holds;
  };
  return [
    line(
      'first map after the command, 3 starts',
      `${seconds('map')} s, of them until it printed its address ${seconds('address')} s`,
      `${limits.map} s, of the middle one`,
      middle.map <= 1000 * limits.map,
    ),
    line('threshold dragged', `${frames.toFixed(0)} frames/s`, `at least ${limits.frames}`, frames >= limits.frames),
    line(
      `click to course, ${times.length} units`,
      `median ${median.toFixed(0)} ms, slowest ${worst.toFixed(0)} ms`,
      `${limits.click} ms, of the slowest`,
      worst <= limits.click,
    ),
    line(
      'page before data',
      `${(middle.bytes / 1000).toFixed(0)} kB`,
      `${limits.page / 1000} kB`,
      middle.bytes <= limits.page,
    ),
    line('memory of the server, at most', `${memory.toFixed(0)} MB`, `${limits.memory} MB`, memory <= limits.memory),
  ].every(Boolean);
}

/** Starts the command and opens its page: ms until it printed its address and until the map was painted, bytes of the page's own files. */
async function firstMap(page) {
  let bytes = 0;
  page.on('response', (response) => {
    if (!new URL(response.url()).pathname.startsWith('/data/'))
      bytes += Number(response.headers()['content-length'] ?? 0);
  });
  const began = performance.now();
  const url = await startServer();
  const address = performance.now() - began;
  await page.goto(url);
  await page.waitForFunction(isPainted, undefined, { polling: 'raf' });
  return { address, map: performance.now() - began, bytes };
}

async function endServer() {
  if (server?.exitCode !== null) return;
  server.kill('SIGINT');
  await once(server, 'exit');
}

/** Starts the command and gives the address that it prints. */
async function startServer() {
  const command = fileURLToPath(new URL('../bundle/galvani.js', import.meta.url));
  server = spawn(process.execPath, [command, 'view', root, '--derivatives', join(root, 'derivatives'), '--no-open'], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  for await (const piece of server.stdout) {
    const [url] = /http:\S+/.exec(String(piece)) ?? [];
    if (url) return url;
  }
  throw new Error('galvani view ended');
}

/** In the page: whether the map's raster has been painted. */
function isPainted() {
  const canvas = document.querySelector('canvas.map');
  if (!canvas || canvas.width < 300) return false;
  const { data } = canvas.getContext('2d').getImageData(canvas.width >> 1, canvas.height >> 1, 8, 8);
  return data.some((value) => value !== 0);
}

/** Maps that are painted each second while the pointer drags the threshold to and fro. */
async function draggedFrames(page) {
  await page.evaluate(() => {
    const { putImageData } = CanvasRenderingContext2D.prototype;
    globalThis.painted = 0;
    CanvasRenderingContext2D.prototype.putImageData = function (...given) {
      globalThis.painted++;
      return putImageData.apply(this, given);
    };
  });
  const box = await page.getByRole('slider', { name: 'Threshold' }).boundingBox();
  const y = box.y + box.height / 2;
  await page.mouse.move(box.x + 8, y);
  await page.mouse.down();
  const before = await page.evaluate(() => globalThis.painted);
  const began = performance.now();
  let step = 0;
  while (performance.now() - began < 2000) {
    const share = Math.abs(((step++ / 60) % 2) - 1);
    await page.mouse.move(box.x + 8 + (1 - share) * (box.width - 16) * 0.6, y);
  }
  const seconds = (performance.now() - began) / 1000;
  const after = await page.evaluate(() => globalThis.painted);
  await page.mouse.up();
  return (after - before) / seconds;
}

/** Milliseconds from the release of a click on the map until that unit's chart and text stand in the page, in the page's own clock. */
async function clickTimes(page) {
  await page.evaluate(() => {
    addEventListener('pointerup', () => (globalThis.released = performance.now()), true);
    new MutationObserver(() => {
      const pane = document.querySelector('.course-pane');
      const name = pane?.querySelector('h2')?.textContent;
      const chart = pane?.querySelector('.chart svg');
      if (name !== globalThis.shown && chart && chart !== globalThis.drawn && pane.querySelector('.token')) {
        globalThis.shown = name;
        globalThis.drawn = chart;
        globalThis.took = performance.now() - globalThis.released;
      }
    }).observe(document.body, { subtree: true, childList: true, characterData: true });
  });
  const box = await page.locator('canvas.map').boundingBox();
  const times = [];
  // One more: the first reads the prompts of all runs, which later ones have.
  for (let click = 0; click <= clicks; click++) {
    await page.evaluate(() => (globalThis.took = undefined));
    const [x, y] = [((click * 0.37) % 0.9) + 0.05, ((click * 0.61) % 0.9) + 0.05];
    await page.mouse.click(box.x + x * box.width, box.y + y * box.height);
    await page.waitForFunction(() => globalThis.took !== undefined, undefined, { polling: 'raf' });
    times.push(await page.evaluate(() => globalThis.took));
  }
  console.log(`  the first click, which reads all prompts: ${times[0].toFixed(0)} ms`);
  return times.slice(1);
}

/** Most memory that the server's process has had, in MB. */
function peakMemory() {
  const [, kilobytes] = /VmHWM:\s+(\d+) kB/.exec(readFileSync(`/proc/${server.pid}/status`, 'utf8')) ?? [];
  return Number(kilobytes) / 1000;
}
