import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { studyFolder } from '@galvani/study';
import { parseHTML } from 'linkedom';
import { beforeAll, expect, test } from 'vitest';
import { readResults, type StudyResults } from '../../src/results/study-results.js';
import { readTaskActivity } from '../../src/results/task-activity.js';
import { readUnitTexts } from '../../src/results/unit-texts.js';
import { unitTexts } from '../../src/sections/unit-texts.js';
import { writeSyntheticStudy } from '../synthetic-study.js';

let root: string;
let results: StudyResults;
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'galvani-unit-texts-'));
  await writeSyntheticStudy(root);
  results = await readResults(studyFolder(root));
});

test('prompts stand by their means over tokens, in the sessions that did not choose the unit', async () => {
  const courses = await readTaskActivity(results, { folder: studyFolder(root), root });
  const found = await readUnitTexts(results, courses);
  expect(found.map(({ task }) => task)).toEqual(results.tasks);
  const later = results.plan.runs.filter(({ session }) => session > 1);
  for (const { task, site, unit, prompts, values, circular } of found) {
    const course = courses.courses.find((own) => own.task === task)!;
    expect([site, unit, circular]).toEqual([course.units[0].site, course.units[0].unit, false]);
    const means: { id: string; mean: number }[] = [];
    for (const { name } of later) {
      const { events, promptMeans, columns } = results.recordings.get(name)!;
      const { layer } = course.units[0];
      const own = await columns(layer);
      const width = own.reduce((sum, column) => sum + column.width, 0);
      const before = own.slice(
        0,
        own.findIndex((column) => column.site === site),
      );
      const place = before.reduce((sum, column) => sum + column.width, unit);
      const table = (await promptMeans(layer)).means;
      for (const [p, { prompt_id }] of events.entries()) means.push({ id: prompt_id, mean: table[p * width + place] });
    }
    means.sort((a, b) => b.mean - a.mean);
    expect(prompts.highest.map(({ prompt_id }) => prompt_id)).toEqual(means.slice(0, 3).map(({ id }) => id));
    expect(prompts.lowest.map(({ prompt_id }) => prompt_id)).toEqual(
      means
        .slice(-3)
        .reverse()
        .map(({ id }) => id),
    );
    for (const [k, { mean, tokens }] of prompts.highest.entries()) {
      expect(mean).toBeCloseTo(means[k].mean, 5);
      expect(tokens.reduce((sum, { value }) => sum + value!, 0) / tokens.length).toBeCloseTo(mean, 10);
    }
    expect(values.count).toBe(later.reduce((sum, { name }) => sum + results.recordings.get(name)!.tokens.length, 0));
  }
});

test('texts are text, and tokens whose activity was not kept are not coloured', () => {
  const tokens = [{ token: '<b>x</b>\n', value: 9 }, { token: ' y', value: -9 }, { token: ' z' }];
  const prompt = { run: 'r', prompt_id: 'p', topic: 'cells', condition: 'task', text: '"><script>', mean: 1, tokens };
  const ends = { highest: [prompt], lowest: [] };
  const shown = unitTexts([
    {
      ...{ task: 'cells', site: 'fc1', unit: 3, circular: true, prompts: ends, tokens: { highest: [], lowest: [] } },
      values: { count: 2, mean: 0, sd: 3, percentiles: [{ percent: 50, value: 0 }] },
    },
  ])!;
  const { document } = parseHTML(`<main>${shown.markup}</main>`);
  expect(document.querySelector('script')).toBeNull();
  const written = document.querySelector('.written')!;
  expect(written.textContent).toBe('<b>x</b>⏎ y z');
  const spans = [...written.querySelectorAll('span')];
  expect(spans.map((span) => [span.textContent, span.getAttribute('title')])).toEqual([
    ['<b>x</b>⏎', '9.00'],
    [' y', '−9.00'],
  ]);
  expect(spans[0].getAttribute('style')).toContain('50%');
  expect(document.querySelector('p')!.textContent).toContain('of cells, presented once, in the one that did');
  expect(unitTexts([])).toBeUndefined();
});
