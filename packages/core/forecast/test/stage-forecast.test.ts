import { Failure, UserMistake } from '@galvani/terminal';
import { afterEach, describe, expect, test } from 'vitest';
import { checkMemory, forecastStudy, machineMemory, openingForecast, type StudySize, tooLarge } from '../src/index.js';

afterEach(() => {
  delete process.env.GALVANI_MEMORY_BYTES;
});

/** Galactica-125M's shape. */
const size: StudySize = {
  ...{ weights: 500e6, modelBytes: 250e6, units: 199_760, widestLayer: 52_000, sites: 124 },
  ...{ runs: 24, prompts: 432, tokens: 16, storage: 'float32', twin: true },
};
const of = (stage: string, asked: StudySize) => forecastStudy(asked, 2).find((each) => each.stage === stage)!;

describe('a forecast', () => {
  test('has a row for each stage that a run has', () => {
    const stages = forecastStudy(size, 2).map(({ stage }) => stage);
    expect(stages.slice(0, 2)).toEqual(['design', 'extract']);
    expect(stages.at(-1)).toBe('report');
    expect(stages).not.toContain('calibrate');
  });

  test('of rows grows with tokens, and of moments not in memory, and in disk by its table of tokens alone', () => {
    const longer = { ...size, tokens: 128 };
    const moments = { ...size, moments: 1 };
    expect(of('extract', longer).disk / of('extract', size).disk).toBeCloseTo(8, 1);
    for (const [k, { memory, disk, seconds }] of forecastStudy({ ...moments, tokens: 128 }, 2).entries()) {
      const shorter = forecastStudy(moments, 2)[k];
      expect(memory).toBe(shorter.memory);
      // Of each token its row of tokens.parquet stays.
      expect(disk - shorter.disk).toBeLessThanOrEqual(120 * size.prompts * (128 - 16) + 1);
      expect(seconds).toBeGreaterThanOrEqual(shorter.seconds);
    }
  });

  test('takes the pace that was measured for what the model does, and no other for the rest', () => {
    const paced = { ...size, pace: { loading: 3, prompt: 0.05, token: 0.01 } };
    const disk = of('extract', size).disk / 5e8;
    expect(of('extract', paced).seconds - disk).toBeCloseTo(1 + 3 + 432 * (0.05 + 16 * 0.01), 6);
    for (const stage of ['glm', 'lesion', 'decode'])
      expect(of(stage, { ...paced, lesionTokens: 1e5 })).toEqual(of(stage, { ...size, lesionTokens: 1e5 }));
  });

  test('counts every token of the prompts, and of what is only read none twice', () => {
    const seconds = (more: Partial<StudySize>) =>
      of('extract', { ...size, runs: 1, storage: 'float16', ...more }).seconds;
    const pass = (2 * 432 * (size.weights / 4)) / (30e9 * 2);
    expect(seconds({ promptTokens: 116 }) - seconds({})).toBeCloseTo(100 * pass, 6);
    expect(seconds({}) - seconds({ read: true })).toBeCloseTo(size.tokens * pass, 6);
    const pace = { loading: 3, prompt: 0.05, token: 0.01 };
    expect(seconds({ pace, promptTokens: 48 }) - seconds({ pace })).toBeCloseTo(432 * 2 * 0.05, 6);
  });

  test('holds the weights once where the model runs, and stores them for the twin', () => {
    const larger = { ...size, weights: 5e9, modelBytes: 2.5e9 };
    const grown = of('extract', larger).memory - of('extract', size).memory;
    expect(grown).toBeGreaterThan(4.5e9);
    expect(grown).toBeLessThan(6e9);
    expect(of('twin', larger).disk - of('twin', size).disk).toBe(2.25e9);
    expect(of('glm', larger)).toEqual(of('glm', size));
  });

  test('counts keys and values of all prompts that share a batch, at every token', () => {
    const cached = { ...size, moments: 1, batch: 18, together: 54, cacheBytes: 73_728 };
    const own = (tokens: number) => of('extract', { ...cached, tokens }).memory;
    // Two numbers of 768 for each of 12 blocks, of 54 prompts; memory is made for 32 tokens at a time.
    expect(own(16)).toBe(of('extract', { ...cached, cacheBytes: 0 }).memory + 2 * 12 * 768 * 4 * 54 * 32);
    expect(own(128) - own(16)).toBe(73_728 * 54 * (160 - 32));
    expect(own(17) - own(16)).toBe(73_728 * 54 * 32);
    expect(of('extract', { ...cached, promptTokens: 20, longestPrompt: 80 }).memory - own(16)).toBe(73_728 * 54 * 64);
    expect(own(16)).toBeGreaterThan(of('extract', { ...cached, together: 18 }).memory);
  });

  test('of a twin stores half a recording where moments are kept', () => {
    const kept = { ...size, moments: 4, modelBytes: 0 };
    const means = 2 * size.prompts * size.units;
    // And what the formats add.
    expect(of('twin', kept).disk).toBeGreaterThan(means);
    expect(of('twin', kept).disk).toBeLessThan(1.2 * means);
    expect(of('extract', kept).disk).toBeGreaterThan(8 * means);
  });

  test('of a study without a twin has none of it', () => {
    expect(of('twin', { ...size, twin: false }).disk).toBeLessThan(1e6);
  });
});

test('holds an .onnx file’s weights twice where the model runs, and in it a second copy of nothing else', () => {
  const copied = { ...size, moments: 1, weightCopies: 2 };
  for (const stage of ['extract', 'report'])
    expect(of(stage, copied).memory - of(stage, { ...copied, weightCopies: 1 }).memory).toBe(size.weights);
  expect(of('glm', copied)).toEqual(of('glm', { ...copied, weightCopies: 1 }));
  // Before it is run nothing is known of it but its files.
  const opening = openingForecast('extract', size.weights);
  expect(opening.memory).toBeLessThan(of('extract', copied).memory);
  expect(() => checkMemory(opening, 1e9)).toThrow(
    /^extract needs about 1\.\d GB of memory, 500 MB of it for the model's weights/,
  );
});

test('what does not fit is a failure that says how much is needed, what for, and what there is', () => {
  const extract = of('extract', { ...size, weights: 5.3e9 });
  expect(tooLarge(extract, 24e9)).toBeUndefined();
  expect(() => checkMemory(extract, 24e9)).not.toThrow();
  expect(() => checkMemory(extract, 4e9)).toThrow(Failure);
  expect(() => checkMemory(extract, 4e9)).toThrow(
    /^extract needs about 7\.\d GB of memory, 5\.3 GB of it for the model's weights as float32, and 4\.0 GB are allowed here; nothing was started\./,
  );
});

test('memory is the machine’s or a container’s, unless the environment says it', () => {
  expect(machineMemory()).toBeGreaterThan(1e8);
  process.env.GALVANI_MEMORY_BYTES = '12345';
  expect(machineMemory()).toBe(12345);
  process.env.GALVANI_MEMORY_BYTES = '1 GB';
  expect(machineMemory).toThrow(UserMistake);
});

test('is what stages were measured to leave on disk, and to take, at this shape', () => {
  const moments = { ...size, moments: 1 };
  const measured = [
    ['glm', 156.3e6, 73],
    ['yardstick', 21.9e6, 39],
    ['geometry', 8.5e6, 29],
    ['report', 1.6e6, 34],
    ['networks', 0.4e6, 44],
    ['decode', 0.2e6, 28],
    ['controls', 2.09e6, 52],
  ] as const;
  for (const [stage, disk, processor] of measured) {
    const found = of(stage, moments);
    // Rather too much than too little, of small files by more.
    expect(found.disk).toBeGreaterThanOrEqual(disk);
    expect(found.disk).toBeLessThan(1.15 * disk + 2e6);
    // The stated rate, by which a report's replays go, is rather too slow here.
    expect(Math.abs(2 * found.seconds - processor) / processor).toBeLessThan(stage === 'report' ? 0.5 : 0.2);
  }
  // Maps of topics are one of each task.
  const more = of('yardstick', { ...moments, tasks: 12 }).disk;
  expect(more / of('yardstick', moments).disk).toBeCloseTo(2, 1);
});

test('is about what stages were measured to take of the default study', () => {
  // Of the same design; what is asked here depends on no more of the model.
  const frog = { ...size, units: 23_104 };
  const measured = [
    ['glm', 28.5],
    ['networks', 18.2],
    ['decode', 6.9],
    ['controls', 43],
    ['yardstick', 11.5],
    ['geometry', 9.7],
  ] as const;
  for (const [stage, processor] of measured)
    expect(Math.abs(2 * of(stage, frog).seconds - processor) / processor, stage).toBeLessThan(0.35);
});

test('is the memory that stages were measured to take, with the head and without it', () => {
  const headless = { units: 149_760, widestLayer: 12_288, sites: 123 };
  const measured = [
    ['glm', 0.81e9, 0.47e9],
    ['networks', 0.97e9, 0.79e9],
    ['decode', 0.95e9, 0.7e9],
    ['controls', 1.5e9, 1.25e9],
    ['yardstick', 0.65e9, 0.39e9],
    ['geometry', 1.05e9, 0.64e9],
  ] as const;
  for (const [stage, whole, without] of measured)
    for (const [taken, shape] of [
      [whole, size],
      [without, { ...size, ...headless }],
    ] as const) {
      const { memory } = of(stage, { ...shape, moments: 1 });
      expect(memory / taken, `${stage} of ${shape.units} units`).toBeGreaterThan(0.9);
      expect(memory / taken, `${stage} of ${shape.units} units`).toBeLessThan(1.5);
    }
});

test('lesions take the time of the tokens that they read, at the stated rate', () => {
  // 125 million weights: 250 million operations a token, of 60 billion a second.
  const more = of('lesion', { ...size, lesionTokens: 240e3 }).seconds - of('lesion', size).seconds;
  expect(more).toBeCloseTo(1000, 6);
});

test('lesions are given memory for the logits of all copies of a text, and of frog what they were seen to take', () => {
  const wide = { ...size, vocabulary: 150_000 };
  expect(of('lesion', wide).memory - of('lesion', size).memory).toBe(4 * 1024 * 150_000);
  expect(of('glm', wide)).toEqual(of('glm', size));
  const frog = { ...size, weights: 14e6, units: 23_104, widestLayer: 4096, prompts: 216, tokens: 16, vocabulary: 4096 };
  expect(of('lesion', frog).memory).toBeGreaterThan(368e6);
});
