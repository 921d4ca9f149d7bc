/** The viewer from a folder that any web server serves, in a browser. */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type StudyView, writeView } from '@galvani/view';
import sirv from 'sirv';
import { describe, expect, test } from 'vitest';
import type { SyntheticStudy } from '../synthetic-study.js';
import { browserPath, inBrowser } from './browser.js';
import { page as built, remove, served, viewedStudy } from './viewed-study.js';
import { viewing } from './viewing.js';

describe.skipIf(!browserPath)(inBrowser, () => {
  let study: SyntheticStudy;
  let place: string;
  let server: Server;
  let url: string;
  let strongest: { site: string; unit: number };
  const { visit } = viewing(
    async () => {
      study = await viewedStudy();
      place = await mkdtemp(join(tmpdir(), 'galvani-folder-'));
      // As on GitHub Pages, below a path.
      await writeView({ page: built, studies: [served(study)], out: join(place, 'repository/site'), members: 1 });
      const files = sirv(place, { dev: true });
      server = createServer((request, response) => files(request, response));
      await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
      url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/repository/site/`;
      const units = JSON.parse(
        await readFile(join(place, 'repository/site/data/0/tables/networks/units.json'), 'utf8'),
      ) as { task: string; site: string; unit: number; t: number }[];
      [strongest] = units.filter(({ task }) => task === 'cooking').sort((a, b) => Math.abs(b.t) - Math.abs(a.t));
    },
    async () => {
      server?.closeAllConnections();
      server?.close();
      if (study) await remove(study);
      if (place) await rm(place, { recursive: true, force: true });
    },
  );

  test('maps, networks, means and the strongest members are there, twins too', async () => {
    const unit = new URLSearchParams({ unit: `${strongest.site}:${strongest.unit}`, course: 'fit', twin: 'yes' });
    const { page, complaints } = await visit(`${url}#${unit}`, {}, '.token');
    await page.getByText(/Dashed: the effect/).waitFor();
    await page.getByRole('img', { name: /^Activity of the untrained twin/ }).waitFor();
    await page.getByRole('button', { name: 'cooking, weather' }).click();
    await page.getByRole('button', { name: 'Mean of the network of cooking' }).click();
    await page.getByRole('heading', { name: 'mean of the network of cooking' }).waitFor();
    await page.locator('.token').first().waitFor();
    await page.getByText('Export').click();
    await page.getByText('Masks take the model: galvani view and galvani mask write them.').waitFor();
    expect(await page.getByRole('button', { name: /as a mask/ }).count()).toBe(0);
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('of another unit a sentence says what the folder holds', async () => {
    const { sites } = JSON.parse(await readFile(join(place, 'repository/site/data/0/study.json'), 'utf8')) as StudyView;
    const units = sites.flatMap(({ site, width }) => [...Array(width).keys()].map((unit) => `${site}:${unit}`));
    const other = units.find(
      (each) => each !== `${strongest.site}:${strongest.unit}` && each.startsWith('model.layers.1:'),
    );
    const { page } = await visit(`${url}#${new URLSearchParams({ unit: other! })}`, {}, '.course-pane [role=alert]');
    const said = await page.locator('.course-pane [role=alert]').textContent();
    expect(said).toBe(
      'This folder has the activity of the strongest members of networks alone, and this unit is none: galvani view shows every unit’s.',
    );
    await page.close();
  });
});
