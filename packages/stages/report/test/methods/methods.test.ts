import { mkdtemp } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { studyFolder } from '@galvani/study';
import { beforeAll, describe, expect, test } from 'vitest';
import { methods } from '../../src/methods/methods.js';
import { readResults, type StudyResults } from '../../src/results/study-results.js';
import { writeSyntheticStudy } from '../synthetic-study.js';

let results: StudyResults;
beforeAll(async () => {
  const root = await mkdtemp(join(tmpdir(), 'galvani-methods-'));
  await writeSyntheticStudy(root);
  results = await readResults(studyFolder(root));
});

/** The methods of the study, had it been planned otherwise. */
function wordsWith(change: (plan: StudyResults['plan']) => void) {
  const plan = structuredClone(results.plan);
  change(plan);
  const { paragraphs, cited } = methods({ ...results, plan });
  return { text: paragraphs.join('\n'), keys: cited.map(({ bibtex }) => /^@\w+\{(\w+),/.exec(bibtex)?.[1]) };
}

describe('methods', () => {
  test('numbers are those of the plan and of artifacts', () => {
    const { text, keys } = wordsWith(() => undefined);
    expect(text).toContain('2 sessions with a run for each of 3 tasks (medical imaging, pathology and random strings)');
    expect(text).toContain('36 prompts were presented');
    expect(text).toContain('108 tokens counted.');
    expect(text).toContain(
      'each of 43 units, for each task over its runs, with a boxcar for the task, and an intercept for each run',
    );
    expect(text).toContain('had 22 degrees of freedom');
    expect(text).toContain('Thresholds on |t| were 5.00 to 5.00.');
    expect(text).toContain('Networks had 3 (medical imaging), 3 (pathology) and 3 (random strings) members.');
    expect(text).toContain(`SHA-256 of its files ${'ab'.repeat(32)}`);
    expect(text).toContain(`manifest ${results.inputs['plan/manifest.json']}`);
    expect(text).toContain('; the model was run by onnxruntime 1.30.0.');
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
    expect(keys).toEqual(['nencka2023', 'welch1947', 'nichols2002', 'walther2016']);
  });

  test.each([
    ['ols', 'Tokens are taken as independent observations.'],
    ['ar1', 'first-order autoregressive process, estimated for each unit.'],
    ['mixed', 'A level for each prompt and independent tokens about it'],
  ] as const)('noise %s', (noise, words) => {
    const { text, keys } = wordsWith((plan) => {
      plan.glm.noise = noise;
    });
    expect(text).toContain(`Noise model: ${noise}. `);
    expect(text).toContain(words);
    expect(keys).not.toContain('welch1947');
  });

  test('a localizer is a selection, and says so', () => {
    const { text, keys } = wordsWith((plan) => {
      plan.networks.top = 0.01;
      plan.extract.mode = 'read';
      plan.extract.tokens = 'last';
      plan.extract.keep = 'prompts';
    });
    expect(text).toContain('Networks were the 1% of units with the largest |t|');
    expect(text).toContain('a selection without a test');
    expect(text).not.toContain('Thresholds on');
    expect(text).toContain('while the model read prompts (the last token)');
    expect(text).toContain('Of each prompt moments over its tokens were kept.');
    expect(keys).toContain('alkhamissi2024');
  });

  test('false discovery rates cite whose they are', () => {
    const { text, keys } = wordsWith((plan) => {
      plan.networks.correction = 'fdr';
      plan.networks.family = 'study';
    });
    expect(text).toContain('The false discovery rate was controlled at 5% over the units of all tasks');
    expect(keys).toContain('benjamini1995');
  });
});
