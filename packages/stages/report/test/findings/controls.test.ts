import type { Control } from '@galvani/artifact';
import { expect, test } from 'vitest';
import { calibrationSentence, controlSentences, wordingSentences } from '../../src/findings/controls.js';
import type { StudyResults } from '../../src/results/study-results.js';

/** Of 100 prompts, beside networks that identify 80. */
const row = (folds: string, features: string, decoder: string, correct: number, half = 0.05): Control => ({
  ...{ folds, features, decoder, width: 10, correct, total: 100, accuracy: correct / 100 },
  source: features === 'twin' ? 'twin' : /units|layer/.test(features) ? 'activity' : 'wording',
  ...{ lower: correct / 100 - half, upper: correct / 100 + half, balanced: correct / 100, top_two: 1 },
  ...{ difference: (80 - correct) / 100, p: 0.03 },
  ...{ difference_lower: (80 - correct) / 100 - half, difference_upper: (80 - correct) / 100 + half },
});
const own = ['sessions', 'forms', 'words'].map((folds) => row(folds, 'units', 'networks', 80));

const allSentences = (results: StudyResults) => [...wordingSentences(results), ...controlSentences(results)];

const said = (rows: Control[], facts: object = {}) =>
  allSentences({
    controls: { identification: [...own, ...rows] },
    decode: { accuracy: [{ level: 'prompt', chance: 0.25 }] },
    manifests: new Map([['controls', { facts }]]),
  } as unknown as StudyResults).join(' ');

test('a study without controls says nothing of them', () => {
  const nothing = { controls: {}, decode: {}, manifests: new Map() } as unknown as StudyResults;
  expect(allSentences(nothing)).toEqual([]);
  expect(allSentences({ ...nothing, controls: undefined })).toEqual([]);
});

test('identification that wording gives away says nothing, and more than wording gives is said to be more', () => {
  expect(said([row('sessions', 'input embedding', 'ridge', 80), row('sessions', 'tokens', 'ridge', 60)])).toContain(
    'The mean of the prompts’ input embeddings alone (ridge) identifies 80 of 100 prompts (networks’ lead 0 points, 95% interval −5 to 5), so that identification by itself says nothing beyond wording.',
  );
  expect(said([row('sessions', 'tokens', 'ridge', 60)])).toContain(
    'The prompts’ tokens alone (ridge) identify 60 of 100 prompts (networks’ lead 20 points, 95% interval 15 to 25), fewer than networks do.',
  );
  expect(said([])).toContain('Identification from the prompts’ wording was not tried.');
});

test.each([
  [60, 0.05, 'two-sided p 0.030): networks are ahead of wording.'],
  [73, 0.05, 'networks are ahead of wording, but by fewer than the 10 points that would be wanted.'],
  [
    73,
    0.07,
    'fewer than the 10 points that would be wanted, and no evidence that networks are ahead of wording, since the interval holds 0.',
  ],
  [65, 0.2, '0.030): no evidence that networks are ahead of wording, since the interval holds 0.'],
  [80, 0.05, 'networks are not ahead of wording.'],
  [82, 0.05, 'networks are behind wording, though not surely.'],
  [90, 0.05, 'networks are behind wording.'],
])('where no content word is shared, wording that identifies %i with an interval of %f', (correct, half, words) => {
  expect(said([row('words', 'tokens', 'ridge', correct, half)])).toContain(words);
});

test('the twin is beside the trained model and chance, or why there is none', () => {
  expect(said([row('sessions', 'twin', 'ridge', 40), row('sessions', 'twin', 'networks', 30)])).toContain(
    'identifies 40 at best (ridge; networks’ lead 40 points, 95% interval 35 to 45; chance 25), fewer than the trained model, though more than chance.',
  );
  expect(said([row('sessions', 'twin', 'ridge', 28)])).toContain('chance 25), fewer than the trained model.');
  expect(said([row('sessions', 'twin', 'ridge', 79)])).toContain('that it takes a trained model is not shown.');
  const why = 'study.yaml leaves the twin out (controls.twin: false).';
  expect(said([], { noTwin: why })).toContain(`There is no untrained twin to compare with: ${why}`);
  expect(said([])).not.toContain('twin');
});

test('random units as good as those that are selected are said to be, and worse ones too', () => {
  const random = (correct: number) => said([row('sessions', 'units', 'random networks', correct)]);
  expect(random(78)).toContain(
    'identify 78 (networks’ lead 2 points, 95% interval −3 to 7): that it matters here which units are selected is not shown.',
  );
  expect(random(50)).toContain('so that it matters which units are selected.');
  expect(random(90)).toContain('more than the units that are selected.');
});

test('networks behind a reference decoder are said to be, on the folds where they are', () => {
  const ahead = [row('sessions', 'units', 'ridge', 79), row('words', 'units', 'ridge', 70)];
  expect(said(ahead)).toContain('No reference decoder on all units identifies more than networks do.');
  const behind = said([...ahead, row('sessions', 'units', 'nearest centroid', 82), row('forms', 'units', 'ridge', 90)]);
  expect(behind).toContain(
    'Networks are behind reference decoders on all units: 80 to 82 where another session is held out (nearest centroid; lead −2 points, 95% interval −7 to 3) and 80 to 90 where the form of prompt is held out too (ridge; lead −10 points, 95% interval −15 to −5); 1 of 2 intervals excludes 0.',
  );
  expect(behind).not.toContain('Single layers');
  expect(said([row('forms', 'layer block-00', 'nearest centroid', 90)])).toContain(
    'with intervals that exclude 0 (not corrected for their number): 1 where the form of prompt is held out too (layer block-00, 90).',
  );
});

test('what scores promise is held against the interval of what comes of them', () => {
  const said = (predicted: number) => {
    const row = {
      from: 0,
      to: 1,
      prompts: 144,
      predicted,
      right: 0.8,
      lower: 0.7,
      upper: 0.9,
      error: 0.05,
      brier: 0.3,
    };
    return calibrationSentence({ controls: { calibration: [{ ...row, from: 0.5 }, row] } });
  };
  expect(said(0.95)).toBe(
    'Read as probabilities, networks’ scores promise too much: 95% on average, where 80% are right (95% interval 70% to 90%); the expected calibration error is 0.05.',
  );
  expect(said(0.6)).toContain('too little');
  expect(said(0.9)).toContain('about what comes true');
  expect(calibrationSentence({ controls: { calibration: [] } })).toBeUndefined();
});
