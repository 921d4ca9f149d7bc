/** What the course pane shows beside a unit's activity, in a browser: the fit, the untrained twin, runs that are played again. */
import type { Part, ServedStudy, StudyView } from '@galvani/view';
import { tableFromIPC } from 'apache-arrow';
import { describe, expect, test } from 'vitest';
import { browserPath, inBrowser } from './browser.js';
import { served } from './viewed-study.js';
import { viewingStudy } from './viewing-study.js';

const site = 'model.layers.0.fc1';

/** The study as one that keeps prompts' means and can play its runs again. */
function keepingPrompts({ parts }: ServedStudy): ServedStudy {
  const json = (value: unknown): Part => ({ type: 'application/json', bytes: Buffer.from(JSON.stringify(value)) });
  return {
    name: 'keeping prompts',
    parts: {
      async part(words) {
        const [kind, ...rest] = words;
        const part = await parts.part(kind === 'replay' ? ['series', ...rest] : words);
        if (kind === 'study.json')
          return json({ ...JSON.parse(Buffer.from(part!.bytes).toString()), keep: 'prompts', live: true });
        // Any numbers, of which each run takes one for each of its prompts.
        return kind === 'series' ? parts.part(['maps', 'task-cooking', 'z.arrow']) : part;
      },
    },
  };
}

describe.skipIf(!browserPath)(inBrowser, () => {
  const { visit, url } = viewingStudy((study) => [served(study), keepingPrompts(served(study))]);
  const column = async (path: string) => {
    const bytes = await (await fetch(`${url()}data/0/${path}`)).arrayBuffer();
    return tableFromIPC(new Uint8Array(bytes)).getChild('value')!.toArray() as Float64Array;
  };
  const addressOf = (words: string) => `${url()}#unit=${site}:0&${words}`;

  test('the fit is the effect of the task’s map, and the residual what it leaves', async () => {
    const { page, complaints } = await visit(addressOf('course=fit'), {}, '.course-pane .chart svg');
    const { sites } = (await (await fetch(`${url()}data/0/study.json`)).json()) as StudyView;
    const effect = (await column('maps/task-cooking/effect.arrow'))[sites.find((each) => each.site === site)!.start];
    const shown = String(Number(effect.toPrecision(3))).replace('-', '−');
    await page.getByText(`Dashed: the effect of the task's map (cooking ${shown}) on each run's level`).waitFor();
    await page.getByRole('combobox', { name: 'Show' }).selectOption('residual');
    await page.getByText(`Less the effect of the task's map (cooking ${shown}) on each run's level`).waitFor();
    await page.getByRole('img', { name: `Residual of activity of ${site}, unit 0 over 2 runs` }).waitFor();
    expect(complaints).toEqual([]);
    await page.close();
  });

  test('the untrained twin stands below the model', async () => {
    const { page } = await visit(addressOf(''), {}, '.token');
    await page.getByLabel('untrained twin below').check();
    await page.getByRole('img', { name: 'Activity of the untrained twin over 2 runs' }).waitFor();
    expect(new URL(page.url()).hash).toContain('twin=yes');
    await page.close();
  });

  test('where prompts’ means are kept a button plays the runs again, and a link does not', async () => {
    const { page } = await visit(addressOf('study=1'), {}, '.token');
    await page.getByText(/prompts \(means over their tokens\)/).waitFor();
    await page.getByRole('button', { name: 'Play the runs again for its tokens' }).click();
    await page.getByText(/over \d+ tokens/).waitFor();
    await page.reload();
    await page.getByText(/prompts \(means over their tokens\)/).waitFor();
    await page.close();
  });
});
