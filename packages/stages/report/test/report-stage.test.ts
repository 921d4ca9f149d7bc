import { createHash } from 'node:crypto';
import { cpSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rename, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  calibrationTable,
  diagnosticsTable,
  driftTable,
  powerTable,
  readManifest,
  steerDecoderTable,
  steerSampleTable,
  steerTable,
} from '@galvani/artifact';
import { calibrationPath, studyFolder } from '@galvani/study';
import { UserMistake } from '@galvani/terminal';
import { parseHTML } from 'linkedom';
import { afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { stage as reportStage } from '../src/index.js';
import { commit, type Synthetic, writeSyntheticStudy } from './synthetic-study.js';

const signal = new AbortController().signal;
const newRoot = () => mkdtemp(join(tmpdir(), 'galvani-report-'));

async function report(root: string): Promise<string> {
  vi.spyOn(process.stdout, 'write').mockReturnValue(true);
  await reportStage({ study: root, root, signal });
  return readFile(join(root, 'report/index.html'), 'utf8');
}

async function reportOf(options: Partial<Synthetic> = {}): Promise<string> {
  const root = await newRoot();
  await writeSyntheticStudy(root, options);
  return report(root);
}

/** Copying a study takes a tenth of the time that writing one does. */
let written: Promise<string> | undefined;
async function copyOfStudy(): Promise<string> {
  written ??= newRoot().then(async (root) => {
    await writeSyntheticStudy(root);
    return root;
  });
  const root = await newRoot();
  cpSync(await written, root, { recursive: true });
  return root;
}

const textOf = (page: string) => {
  const { document } = parseHTML(page);
  for (const style of document.querySelectorAll('style')) style.remove();
  return (document.documentElement.textContent ?? '').replace(/\s+/g, ' ');
};

afterEach(() => {
  vi.restoreAllMocks();
});

describe('a whole study', () => {
  let root: string;
  let page: string;
  beforeAll(async () => {
    root = await copyOfStudy();
    page = await report(root);
  });

  test('every section and figure is there, and every link of the page leads somewhere', () => {
    const { document } = parseHTML(page);
    const ids = [...document.querySelectorAll('[id]')].map((element) => element.id);
    expect([...document.querySelectorAll('section')].map((section) => section.id)).toEqual([
      'quality',
      'result',
      'subject',
      'activity',
      'maps',
      'networks',
      'overlap',
      'geometry',
      'repeatability',
      'yardstick',
      'contrasts',
      'identification',
      'controls',
      'statistics',
      'methods',
      'reading',
      'provenance',
    ]);
    expect([...document.querySelectorAll('figure')].map((figure) => figure.id)).toEqual([
      'design-timeline',
      'design-matrix',
      'unit-activity',
      'unit-maps',
      'network-sites',
      'overlap-matrix',
      'network-intersections',
      'distance-matrix',
      'task-dendrogram',
      'noise-ceiling',
      'component-tasks',
      'task-reliability',
      'session-repeatability',
      'likeness-matrix',
      'unit-reliability',
      'topic-yardstick',
      'contrast-maps',
      'identification-accuracy',
      'confusion-matrix',
      'control-accuracy',
    ]);
    expect(new Set(ids).size).toBe(ids.length);
    const links = [...document.querySelectorAll('a:not(.view)')].map((a) => a.getAttribute('href') ?? '');
    // To each section, to the contents and back.
    expect(links.length).toBe(document.querySelectorAll('section').length + 2);
    for (const link of links) expect(ids).toContain(link.slice(1));
  });

  test('nothing is asked of any other machine or file', () => {
    const { document } = parseHTML(page);
    expect(document.querySelectorAll('script, link, iframe, object, embed, use').length).toBe(0);
    // Links into the viewer are followed by a person alone.
    for (const element of document.querySelectorAll('*:not(a.view)'))
      for (const name of ['src', 'href', 'xlink:href', 'srcset', 'style', 'fill'])
        expect(element.getAttribute(name) ?? '').not.toMatch(/https?:|\/\/|url\(/);
    for (const image of document.querySelectorAll('image'))
      expect(image.getAttribute('href')).toMatch(/^data:image\/png/);
    expect(page).not.toMatch(/@import|url\(/);
  });

  test('headings descend one level at a time and every drawing says what it is', () => {
    const { document } = parseHTML(page);
    const levels = [...document.querySelectorAll('h1, h2, h3, h4')].map((heading) => Number(heading.nodeName[1]));
    expect(levels.filter((level) => level === 1)).toEqual([1]);
    for (let i = 1; i < levels.length; i++) expect(levels[i] - levels[i - 1]).toBeLessThanOrEqual(1);
    const drawings = [...document.querySelectorAll('svg')];
    expect(drawings.length).toBeGreaterThan(15);
    for (const drawing of drawings) {
      expect(drawing.getAttribute('role')).toBe('img');
      expect(drawing.getAttribute('aria-label'), 'a sentence with a number').toMatch(/^\S.{20,}\d.*\.$/s);
    }
  });

  test('every map has a scale, and every mark a value', () => {
    const { document } = parseHTML(page);
    const maps = ['design-matrix', 'unit-maps', 'contrast-maps', 'network-sites', 'overlap-matrix', 'distance-matrix'];
    maps.push('component-tasks', 'likeness-matrix', 'confusion-matrix');
    for (const id of maps) {
      const figure = document.getElementById(id)!;
      expect(figure.querySelectorAll('.scale').length, id).toBeGreaterThanOrEqual(
        figure.querySelectorAll('svg').length,
      );
      for (const scale of figure.querySelectorAll('.scale'))
        expect(scale.querySelectorAll('.ticks span').length, id).toBeGreaterThan(1);
    }
    let marks = 0;
    for (const group of document.querySelectorAll('svg g[data-mark]')) {
      if (!/^(cell|dot|bar|rect|tick|rule|link|area)$/.test(group.getAttribute('data-mark')!)) continue;
      // What is hidden repeats another mark, and rules of this colour are the paper's.
      if (group.getAttribute('aria-hidden') === 'true' || group.getAttribute('stroke') === 'var(--rule)') continue;
      for (const mark of group.children) {
        marks++;
        expect(mark.querySelector('title')?.textContent?.length, group.outerHTML.slice(0, 200)).toBeGreaterThan(0);
      }
    }
    expect(marks).toBeGreaterThan(150);
  });

  test('peaks have both corrected p, and lead to their unit in the viewer', () => {
    const { document } = parseHTML(page);
    const row = [...document.querySelectorAll('#networks table tr')].find((tr) => tr.querySelector('a.view'))!;
    const headings = [...row.closest('table')!.querySelectorAll('thead th')].map((th) => th.textContent);
    expect(headings).toEqual(expect.arrayContaining(['z', 'p, family-wise', 'p, FDR']));
    const address = new URL(row.querySelector('a.view')!.getAttribute('href')!);
    expect(address.origin).toBe('http://127.0.0.1:8642');
    const words = new URLSearchParams(address.hash.slice(1));
    expect(words.get('map')).toMatch(/^task-/);
    expect(words.get('unit')).toMatch(/^model\.decoder\.layers\.0\.fc1:\d+$/);
  });

  test('the result is said in words with its numbers', () => {
    const text = textOf(page);
    expect(text).toContain(
      '6 of 6 held-out runs were identified by the network that their activity matches best (100%, 95% interval 50% to 100%; chance 33%, permutation p 0.001).',
    );
    expect(text).toContain('So were 0 of 6 held-out prompts (0%');
    expect(text).toContain(
      'In the contrast “first over rest” 3 units of 43 survive (3 above 0, 0 below and 67% in sites of kind linear).',
    );
    expect(text).toContain('are members for the contrast “first over rest” (1 of 3 units)');
    expect(text).toContain('0.500 (0.250 to 0.750)');
    expect(text).toContain(
      'medical imaging differs from rest by more than all 5 of them do (p 0.167, the least that so many topics give), pathology than 4 and random strings than 3.',
    );
    expect(text).toContain(
      'overlap most between medical imaging and pathology (same-sign Dice 0.33, 95% interval 0.10',
    );
    expect(text).toContain(
      '67% of members belong to one network alone; of units chosen in other sessions 50% respond more',
    );
    expect(text).toContain('The prompts’ tokens alone (ridge) identify 5 of 6 prompts');
    expect(text).toContain('There is no untrained twin to compare with: the study is made up.');
    expect(text).toContain('From the first row of a prompt’s activity 5 of 6 are identified, from all rows 6.');
    expect(text).toContain('Most rest is drawn by random strings: 20 of 30, where an even spread over 3 tasks is 10.');
    expect(text).toContain('of 11 draws the one with the median is shown');
    expect(text).toContain('bothmedical imaging and pathology1101');
    expect(text).toContain('overlap 3 of 3 pairs (p below 0.05, corrected over pairs): medical imaging with pathology');
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
  });

  test('the same artifacts give the same bytes, and the manifest knows them', async () => {
    const again = await report(root);
    expect(again === page).toBe(true);
    const manifest = JSON.parse(await readFile(join(root, 'report/manifest.json'), 'utf8'));
    expect(manifest.outputs['index.html']).toEqual({
      sha256: createHash('sha256').update(page).digest('hex'),
      bytes: Buffer.byteLength(page),
    });
    expect(Object.keys(manifest.inputs)).toContain('extract/ses-02_task-pathology/manifest.json');
    expect(page).not.toContain(root);
  });

  test('says where the page is', async () => {
    const write = vi.spyOn(process.stdout, 'write').mockReturnValue(true);
    await reportStage({ study: root, root: join(root, '..'), signal });
    expect(write.mock.calls.map(([text]) => text).join('')).toBe(`report: ${join(root, 'report/index.html')}\n`);
  });
});

test('text from prompts, tokens and study.yaml is shown, never obeyed', async () => {
  const hostile = `</title><script>alert(1)</script><img src=x onerror='a()'>&amp;"`;
  const page = await reportOf({ title: hostile, promptText: hostile, tokenText: '</dd><b>\u0000' });
  const { document } = parseHTML(page);
  expect(document.querySelectorAll('script, img, dd b').length).toBe(0);
  expect(document.querySelector('h1')?.textContent).toBe(hostile);
  expect(document.querySelector('dd')?.textContent).toBe(hostile + '</dd><b>\ufffd'.repeat(3));
});

test('empty networks are told in words', async () => {
  const text = textOf(await reportOf({ empty: true }));
  expect(text).toContain('No unit survived the threshold in any task: every network is empty.');
  expect(text).toContain('Networks are empty, so their overlap is not defined.');
  expect(text).toContain('Networks are empty, so their repeatability is not defined.');
  expect(text).not.toMatch(/NaN|undefined|Infinity/);
});

test('one task in one session still makes a page', async () => {
  const text = textOf(await reportOf({ tasks: ['pathology'], sessions: 1 }));
  expect(text).toContain('One task alone has nothing to overlap with.');
  expect(text).toContain('With one session there is nothing to repeat.');
  expect(text).toContain('Not so for pathology, presented once');
  expect(text).not.toMatch(/NaN|undefined|Infinity/);
});

describe('a study that is not finished', () => {
  let copy: Promise<string> | undefined;
  /** One copy for tests that leave it as it was. */
  const whole = () => {
    copy ??= copyOfStudy();
    return copy;
  };
  const parts = ['extract', 'glm', 'networks', 'decode', 'controls', 'yardstick', 'geometry'] as const;
  const missing = [...parts.map((part) => [part]), parts];
  const expectWhole = (page: string) => {
    expect(parseHTML(page).document.querySelectorAll('section').length).toBe(17);
    expect(textOf(page)).not.toMatch(/NaN|undefined|Infinity/);
  };
  test.each(missing.map((paths) => [paths.join(', '), paths]))('without %s', async (_, paths) => {
    const root = await copyOfStudy();
    for (const path of paths) await rm(join(root, path), { recursive: true });
    expectWhole(await report(root));
  });

  test.each([
    ...['units', 'sizes', 'overlap', 'repeatability', 'reliability', 'icc'].map((name) => `networks/${name}.parquet`),
    'decode/confusion.parquet',
    'controls/identification.parquet',
    'glm/task-pathology/final.arrow',
    'glm/diagnostics.parquet',
    'extract/ses-02_task-pathology/activations.arrow',
    'extract/ses-01_task-pathology/tokens.parquet',
    'design/ses-01_task-pathology.parquet',
  ])('%s, which a manifest lists, does not drop out in silence', async (file) => {
    const root = await whole();
    await rename(join(root, file), join(root, 'elsewhere'));
    await expect(report(root)).rejects.toThrow(`${file} is missing`);
    await rename(join(root, 'elsewhere'), join(root, file));
  });

  test('a stage without its manifest is not believed', async () => {
    const root = await copyOfStudy();
    await rm(join(root, 'decode/manifest.json'));
    const text = textOf(await report(root));
    expect(text).toContain('No held-out run has been identified yet.');
    // Of the model that was recorded, as the runs' manifests have it.
    expect(text).toContain(`sha256 ${'ab'.repeat(32)}`);
  });

  test.each([
    [
      'extract/ses-02_task-pathology',
      '5 of 6 runs are there (extract); left out is extract/ses-02_task-pathology. Run',
    ],
    ['extract/ses-02_task-pathology/manifest.json', '5 of 6 runs are there (extract); left out is extract/ses-02'],
    ['networks/manifest.json', 'networks has files but no manifest.json: its stage was stopped'],
    ['design', 'design is missing, and extract was made from it. It is left out. Run galvani design.'],
  ])('without %s the page and the terminal begin with that', async (path, words) => {
    const root = await copyOfStudy();
    await rm(join(root, path), { recursive: true });
    const told = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    const page = await report(root);
    expectWhole(page);
    const { document } = parseHTML(page);
    expect(document.querySelector('header .missing')?.textContent).toContain(`Not all of the study is here. ${words}`);
    expect(told.mock.calls.join('')).toContain(words);
  });

  test('what has not run yet is no gap', async () => {
    const root = await copyOfStudy();
    for (const path of ['networks', 'decode', 'controls', 'yardstick', 'geometry'])
      await rm(join(root, path), { recursive: true });
    expect(parseHTML(await report(root)).document.querySelector('.missing')).toBeNull();
  });

  test('without a plan it says what to run', async () => {
    const root = await newRoot();
    await expect(reportStage({ study: root, root, signal })).rejects.toThrow(
      'nothing was planned there, and galvani run does all of it.',
    );
  });

  test('with a plan alone there is no page about nothing, but a sentence', async () => {
    const root = await newRoot();
    await cp(join(await copyOfStudy(), 'plan'), join(root, 'plan'), { recursive: true });
    const error = await reportStage({ study: root, root, signal }).catch((thrown) => thrown);
    expect(error).toBeInstanceOf(UserMistake);
    expect(error.message).toMatch(/holds no results to report: no stage has finished there\. Run galvani run/);
    expect(await readdir(root)).toEqual(['plan']);
  });
});

test('power is shown where it was asked for', async () => {
  const root = await copyOfStudy();
  const none = { repeat_dice: Number.NaN, repeat_correlation: Number.NaN, identified: Number.NaN, draws: 5, tokens: 0 };
  const numbers = { ...none, sessions: 2, members: 3, dice: 0.9 };
  const rows = ['pathology', ''].flatMap((task) => [
    ...[2, 6].map((count) => ({
      ...{ ...numbers, task, varied: 'prompts', prompts_per_block: count, found: count / 6, power: Number.NaN },
    })),
    ...[6, 9].map((count) => ({
      ...{ ...numbers, task, varied: 'expected', prompts_per_block: count, found: Number.NaN, power: count / 10 },
    })),
  ]);
  await powerTable.write(join(root, 'power/power.parquet'), rows);
  await commit(root, 'power', { reads: /^(design|extract|glm)/ });
  const page = await report(root);
  expect(parseHTML(page).document.querySelector('#power-curve')).not.toBeNull();
  expect(textOf(page)).toContain(
    'The 6 prompts of a block in 2 sessions are expected to find 60% of the units that respond as members of these networks do; it takes 9 to find 80% (pathology 9).',
  );
  expect(textOf(page)).not.toMatch(/NaN|undefined|Infinity/);
});

test('a study that was steered has a section and a verdict of it, on the page and in findings.json', async () => {
  const root = await copyOfStudy();
  const verdictsOf = async () => JSON.parse(await readFile(join(root, 'report/findings.json'), 'utf8')).verdicts;
  const claim = 'Amplifying a task’s network makes the model write about that task.';
  const row = {
    ...{ task: 'pathology', units: 3, openings: 12, text_loss: 3, random_text_loss: 3, read_change: 0.2 },
    ...{ random_shift: 0.01, random_spread: 0.02, random_least: -0.05, random_most: 0.05, random_read_change: 0.1 },
    ...{ opposite_p: 1, opposite_p_over_family: 1 },
  };
  await report(root);
  expect((await verdictsOf()).some((verdict: { claim: string }) => verdict.claim === claim)).toBe(false);
  await steerTable.write(join(root, 'steer/shift.parquet'), [
    {
      ...row,
      strength: 0,
      probability: 0.1,
      shift: 0,
      lower: 0,
      upper: 0,
      directions: 0,
      p: Number.NaN,
      p_over_family: Number.NaN,
    },
    {
      ...{ ...row, strength: 2, probability: 0.5, shift: 0.4, lower: 0.2, upper: 0.6 },
      ...{ directions: 39, p: 0.025, p_over_family: 0.025 },
    },
  ]);
  await steerDecoderTable.write(join(root, 'steer/decoder.parquet'), [{ session: 1, texts: 10, right: 9, topics: 4 }]);
  await steerSampleTable.write(join(root, 'steer/samples.parquet'), []);
  await commit(root, 'steer', { reads: /^(design|extract|glm)/ });
  const page = await report(root);
  expect(parseHTML(page).document.querySelector('#steering-curve')).not.toBeNull();
  expect(textOf(page)).toContain(
    `${claim}supportedpathology at strength 2, shift of probability 0.40 (95% interval 0.20 to 0.60)0.025`,
  );
  expect((await verdictsOf()).at(-1)).toMatchObject({ claim, verdict: 'supported', p: 0.025, effect: { value: 0.4 } });
});

test('calibration is shown where it was measured', async () => {
  const root = await copyOfStudy();
  const row = { noise: 'AR(1) 0.6', correction: 'none', measure: 'false positives of t', nominal: 0.05, trials: 1000 };
  await calibrationTable.write(calibrationPath(studyFolder(root)), [
    { ...row, model: 'prompt', estimate: 0.05, lower: 0.04, upper: 0.06 },
    { ...row, model: 'ols', estimate: 0.29, lower: 0.26, upper: 0.32 },
  ]);
  expect(textOf(await report(root))).not.toContain('ols under AR(1) 0.6');
  await commit(root, 'calibrate', { reads: /^(design|extract)/ });
  const text = textOf(await report(root));
  expect(text).toContain('1 of 2 rates are worse than nominal with their whole interval: ols under AR(1) 0.6.');
});

test('diagnostics of the residuals are shown where they were made, also without a value', async () => {
  const root = await copyOfStudy();
  const row = {
    kind: 'linear',
    units: 10,
    constant: 1,
    non_finite: 0,
    copies: 0,
    unreachable: 0,
    outliers: 1,
    sampled: 4,
  };
  await diagnosticsTable.write(join(studyFolder(root).glm, 'diagnostics.parquet'), [
    { ...row, layer: 'block-00', site: 'q', lag1: 0.2, ljung_box_share: 0.5, intraclass: 0.4 },
    { ...row, layer: 'block-00', site: 'k', lag1: 0.4, ljung_box_share: 0.5, intraclass: Number.NaN },
    {
      ...row,
      layer: 'final',
      site: 'x',
      sampled: 0,
      lag1: Number.NaN,
      ljung_box_share: Number.NaN,
      intraclass: Number.NaN,
    },
  ]);
  const { facts } = (await readManifest(studyFolder(root).glm))!;
  await commit(root, 'glm', { facts, reads: /^(design|extract)/ });
  for (const stage of ['networks', 'decode', 'controls', 'yardstick', 'geometry'])
    await rm(join(root, stage), { recursive: true });
  const page = await report(root);
  expect(textOf(page)).toContain('Most are in q: 1 of 10.');
  const titles = [...parseHTML(page).document.querySelectorAll('#residual-diagnostics title')].map(
    (t) => t.textContent,
  );
  expect(titles).toEqual([
    'linear, block-00: 0.300 (8 units sampled)',
    'linear, block-00: 0.500 (8 units sampled)',
    'linear, block-00: 0.400 (4 units sampled)',
  ]);
  expect(textOf(page)).toContain('Of 30 units, 3 never vary, 0 are not finite somewhere, and 3 (10%) are outliers');
});

test('runs whose off blocks drift are shown, and are a caution where there are more than chance gives', async () => {
  const root = await copyOfStudy();
  const drift = (drifting: number) =>
    driftTable.write(
      join(studyFolder(root).glm, 'drift.parquet'),
      Array.from({ length: 6 }, (_, i) => ({
        run: `run-${i}`,
        prompts: 12,
        units: 40,
        linear_share: 0.05,
        linear_p: 0.4,
        quadratic_share: 0.6,
        quadratic_p: i < drifting ? 0.005 : 0.3,
      })),
    );
  const { facts } = (await readManifest(studyFolder(root).glm))!;
  const shown = async (drifting: number) => {
    await drift(drifting);
    await commit(root, 'glm', { facts, reads: /^(design|extract)/ });
    return textOf(await report(root));
  };
  for (const stage of ['networks', 'decode', 'controls', 'yardstick', 'geometry'])
    await rm(join(root, stage), { recursive: true });
  expect(await shown(0)).not.toMatch(/off blocks drift/i);
  const one = await shown(1);
  expect(one).toContain('Runs whose off blocks drift: 1 of 6 runs');
  expect(one).not.toContain('Off blocks drift over');
  const most = await shown(4);
  expect(most).toContain('Runs whose off blocks drift: 4 of 6 runs');
  expect(most).toContain('Off blocks drift over 4 of 6 runs');
});

test('the page says for which family networks are corrected, and ols comes with a warning', async () => {
  const task = textOf(await report(await copyOfStudy()));
  const study = textOf(await reportOf({ family: 'study', noise: 'ols' }));
  const warning = 'Networks are by relabelling prompts';
  expect(task).not.toContain(warning);
  expect(study).toContain(warning);
  expect(task).toContain('controlled at 5% for each task');
  expect(task).toContain('threshold |t|, familywise (used)');
  expect(study).toContain('controlled at 5% over all tasks together');
  expect(study).toContain(
    'Contrasts and conjunctions, each a question of its own, are corrected over their own units.',
  );
  expect(study).toContain('threshold |t|, familywise over all tasks (used)');
});
