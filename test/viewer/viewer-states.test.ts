/** What the viewer says where something is missing, comes about or is damaged, in a browser. */
import { readFileSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withClaims } from '@galvani/artifact';
import { stage as glm } from '@galvani/glm';
import { stage as networks } from '@galvani/networks';
import type { ViewServer } from '@galvani/view';
import { describe, expect, test } from 'vitest';
import { type SyntheticStudy, syntheticStudy } from '../synthetic-study.js';
import { browserPath, inBrowser } from './browser.js';
import { finish, remove, serve, served } from './viewed-study.js';
import { viewing } from './viewing.js';

/** More than the page waits before it asks again what there is, in ms. */
const aWhile = 3000;

describe.skipIf(!browserPath)(inBrowser, () => {
  let study: SyntheticStudy;
  let server: ViewServer;
  const { visit } = viewing(
    async () => {
      study = await syntheticStudy({
        tasks: ['cooking', 'weather'],
        sessions: 2,
        input: { glm: { relabellings: 100, runRelabellings: 100 } } as never,
      });
      // As `galvani view` serves it; a folder of files is not looked at again.
      const live = { mask: async () => new Uint8Array(0), replay: async () => new Float32Array(0) };
      server = await serve(served(study, live));
    },
    async () => {
      await server?.close();
      if (study) await remove(study);
    },
  );

  // One test: a study as it comes about.
  test('sentences for what is missing, running and damaged; what a stage writes is shown when it is there', async () => {
    const { page, complaints } = await visit(server.url, {}, 'header');
    const state = page.locator('.problems');
    const pane = (name: string) => page.getByRole('region', { name });
    await state.getByText(/^Not made yet: .*glm, networks/).waitFor();
    await pane('Map').getByText('There are no maps yet: galvani glm makes them.').waitFor();
    await pane('Networks').getByText('There are no networks yet: galvani networks makes them.').waitFor();
    await pane('Course').getByText('Select a unit of the map to see its activity.').waitFor();

    await page.clock.install();
    await page.reload();
    await page.locator('header').waitFor();
    await withClaims(study.folder, { write: ['glm'] }, undefined, async () => {
      await page.clock.fastForward(aWhile);
      await state.getByText('Being made now: glm. What is new is shown when it is there.').waitFor();
    });
    await finish(study, [glm]);
    await page.clock.fastForward(aWhile);
    await page.locator('canvas.map').waitFor();
    await state.getByText(/^Being made now/).waitFor({ state: 'detached' });
    await finish(study, [networks]);
    await page.clock.fastForward(aWhile);
    await pane('Networks').getByRole('button', { name: 'Overlap' }).waitFor();
    expect(complaints).toEqual([]);

    const recording = join(study.folder.root, 'extract/ses-01_task-cooking/activations.arrow');
    const whole = readFileSync(recording);
    truncateSync(recording, 100);
    await page.getByLabel('Go to').fill('lm_head:3');
    await page.keyboard.press('Enter');
    await pane('Course')
      .getByText(/^extract\/ses-01_task-cooking\/activations\.arrow has 100 bytes instead of \d+\./)
      .waitFor();
    writeFileSync(recording, whole);
    await page.getByLabel('Go to').fill('fc1:3');
    await page.keyboard.press('Enter');
    await pane('Course').locator('.token').first().waitFor();

    truncateSync(join(study.folder.root, 'glm/task-weather/final.arrow'), 100);
    await page.getByRole('combobox', { name: 'Map', exact: true }).selectOption('task-weather');
    await pane('Map')
      .getByText(/^glm\/task-weather\/final\.arrow has 100 bytes instead of \d+\./)
      .waitFor();

    await server.close();
    await page.clock.fastForward(aWhile);
    await state.getByText('The server does not answer: galvani view was ended, or the network is down.').waitFor();
    await page.close();
  });
});
