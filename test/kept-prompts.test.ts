/** Studies that keep moments of prompts in place of every token, from the prompt bank to the report, beside the same with tokens. */
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { openActivationFile, readMap } from '@galvani/artifact';
import { stage as controls } from '@galvani/controls';
import { stage as decode } from '@galvani/decode';
import { stage as design } from '@galvani/design';
import { stage as extract, twinStage as twin, wordingStage as wording } from '@galvani/extract';
import { stage as geometry } from '@galvani/geometry';
import { stage as glm } from '@galvani/glm';
import { stage as lesion } from '@galvani/lesion';
import { stage as networks } from '@galvani/networks';
import { stage as plan } from '@galvani/plan';
import { stage as power } from '@galvani/power';
import { stage as report } from '@galvani/report';
import { stage as yardstick } from '@galvani/yardstick';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { smallRuns } from './small-study.js';
import { type StageWorkspace, stageWorkspace } from './stage-workspace.js';

let workspace: StageWorkspace;
const placeOf = (name: string, path: string) => workspace.placeOf(name, path);

beforeAll(() => {
  workspace = stageWorkspace('galvani-kept-prompts-');
  // Many tokens end a text, so that texts end at different places.
  workspace.write(
    'data/models/small/generation_config.json',
    JSON.stringify({ eos_token_id: [2, 10, 20, 30, 40, 50] }),
  );
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
});
afterAll(() => {
  vi.restoreAllMocks();
  workspace.remove();
});

interface Asked {
  extraction: string;
  glm: string;
  model?: string;
  newTokens?: number;
}

const run = (
  name: string,
  { extraction, glm: fit, model = 'small', newTokens = 5 }: Asked,
  stages = [plan, design, extract, glm],
): Promise<void> =>
  workspace.run(
    name,
    `model: ../../data/models/${model}
prompts: ../../data/prompts/small.csv
tasks: [weather, cooking]
design: { sessions: 2, promptsPerBlock: 2 }
extraction: { newTokens: ${newTokens}, ${extraction} sites: { include: ['*.fc1', '*.fc2'] } }
glm: { relabellings: 100, runRelabellings: 100, ${fit} }
networks: { correction: none, minimumEffect: 0 }
decode: { permutations: 100 }
geometry: { relabellings: 99, components: 2 }
lesion: { sites: [linear], doses: [1], controls: 19, unmatched: 2, prompts: 4, otherPrompts: 4 }
`,
    stages,
  );

/** Largest difference of a column of any map, relative to the column's largest number. */
async function worstDifference(one: string, other: string, column: string): Promise<number> {
  let worst = 0;
  let compared = 0;
  for (const set of readdirSync(placeOf(one, 'glm')).filter((each) => !each.includes('.')))
    for (const file of readdirSync(placeOf(one, `glm/${set}`))) {
      const [a, b] = await Promise.all([one, other].map((name) => readMap(placeOf(name, `glm/${set}/${file}`))));
      expect(b.flags).toEqual(a.flags);
      for (const [contrast, statistics] of a.contrasts) {
        const [found, expected] = [b.contrasts.get(contrast)![column], statistics[column]];
        const scale = expected.reduce(
          (most, value) => (Number.isNaN(value) ? most : Math.max(most, Math.abs(value))),
          0,
        );
        for (const [u, value] of expected.entries()) {
          expect(Number.isNaN(found[u])).toBe(Number.isNaN(value));
          if (!Number.isNaN(value)) worst = Math.max(worst, Math.abs(found[u] - value) / scale);
          compared++;
        }
      }
    }
  expect(compared).toBeGreaterThan(100);
  return worst;
}

const extractedBytes = (name: string) =>
  smallRuns.flatMap((each) => {
    const folder = placeOf(name, `extract/${each}`);
    return readdirSync(folder)
      .filter((file) => file.endsWith('.arrow'))
      .map((file) => `${file} ${statSync(join(folder, file)).size}`);
  });

describe('maps are those of a study that keeps tokens, to rounding', () => {
  test.each([
    { name: 'prompt', keep: 'keep: prompts,', glm: 'noise: prompt' },
    { name: 'drift', keep: 'keep: prompts,', glm: 'noise: prompt, drift: { kind: polynomial, order: 1 }' },
    { name: 'ols', keep: 'keep: prompts, moments: squares,', glm: 'noise: ols' },
    { name: 'ar1', keep: 'keep: prompts, moments: lagged,', glm: 'noise: ar1' },
    { name: 'reading', keep: 'mode: read, keep: prompts, moments: lagged,', tokens: 'mode: read,', glm: 'noise: ar1' },
    { name: 'onnx', keep: 'keep: prompts,', glm: 'noise: prompt', model: 'exported/model.onnx' },
  ])('$name', async ({ name, keep, tokens = '', glm: fit, model }) => {
    await run(`${name}-tokens`, { extraction: tokens, glm: fit, model });
    await run(`${name}-prompts`, { extraction: keep, glm: fit, model });
    for (const own of smallRuns) {
      const file = `extract/${own}/tokens.parquet`;
      expect(readFileSync(placeOf(`${name}-prompts`, file))).toEqual(readFileSync(placeOf(`${name}-tokens`, file)));
    }
    for (const column of ['effect', 't'])
      expect(await worstDifference(`${name}-tokens`, `${name}-prompts`, column)).toBeLessThan(1e-4);
  });
});

test('every stage goes through, with what there is to say of prompts', async () => {
  const all = [
    plan,
    design,
    extract,
    twin,
    wording,
    glm,
    networks,
    decode,
    controls,
    yardstick,
    geometry,
    lesion,
    power,
    report,
  ];
  const asked = { extraction: 'keep: prompts,', glm: 'noise: prompt' };
  await run('whole', asked, all);
  const page = () => readFileSync(placeOf('whole', 'report/index.html'), 'utf8');
  expect(page()).toContain('since prompts’ moments alone are kept');
  // Tokens of the strongest units come from runs that were played again.
  expect(page()).toContain('Dots are tokens');
  // Of these units alone, and not of their sites.
  const sites = readdirSync(placeOf('whole', 'replay'));
  expect(sites.length).toBeGreaterThan(0);
  for (const site of sites)
    for (const own of readdirSync(placeOf('whole', `replay/${site}`))) {
      const reader = await openActivationFile(placeOf('whole', `replay/${site}/${own}/rows.arrow`));
      await reader.close();
      for (const column of reader.columns) expect(column).toMatchObject({ width: 1 });
    }
  rmSync(placeOf('whole', 'replay'), { recursive: true });
  const model = placeOf('models', 'small');
  renameSync(model, `${model}-away`);
  try {
    await run('whole', asked, [report]);
  } finally {
    renameSync(`${model}-away`, model);
  }
  expect(page()).toContain('all that this study keeps');
  expect(page()).toContain('could not be played again');
  expect(existsSync(placeOf('whole', 'controls/windows.parquet'))).toBe(true);
});

describe('what is stored of activations does not grow with tokens', () => {
  const stages = [plan, design, extract];
  test.each([
    ['means', '', 'prompt', 1],
    ['squares', 'moments: squares,', 'ols', 2],
    ['lagged products', 'moments: lagged,', 'ar1', 5],
  ])('%s', async (name, moments, noise, files) => {
    for (const newTokens of [2, 16]) {
      const extraction = `keep: prompts, ${moments}`;
      await run(`${name}-${newTokens}`, { extraction, glm: `noise: ${noise}`, newTokens }, stages);
    }
    const few = extractedBytes(`${name}-2`);
    expect(extractedBytes(`${name}-16`)).toEqual(few);
    expect(few).toHaveLength(smallRuns.length * files);
  });
});

describe('what moments of prompts do not serve is refused', () => {
  test.each([
    [
      'keep: prompts,',
      'noise: ols',
      /not enough for ols: it tells how tokens vary .* squares\. Set extraction\.moments: squares/,
    ],
    [
      'keep: prompts, moments: squares,',
      'noise: ar1',
      /not enough for ar1: it estimates how .* neighbours\. Set extraction\.moments: lagged/,
    ],
    ['keep: prompts, moments: squares,', 'noise: arma11', /tokens, or glm\.noise: prompt, ols or mixed\.$/],
    [
      'keep: prompts, moments: lagged,',
      'noise: arma11',
      /goes through every token anew .* Set extraction\.keep: tokens/,
    ],
    [
      'keep: prompts, moments: squares, storage: float16,',
      'noise: ols',
      /float16 does not hold squares: .* Leave storage out \(float32\), or set extraction\.moments: mean/,
    ],
    ['keep: prompts,', 'transform: abs', /is of each token's activation/],
    ['keep: prompts, moments: squares,', 'noise: ols, drift: { kind: polynomial, order: 1 }', /fitted token by token/],
    ['moments: squares,', 'noise: prompt', /moments are kept of prompts, and extraction\.keep is tokens/],
    ['keep: prompts, mode: read, tokens: mean,', 'noise: prompt', /keeps one row of each prompt already/],
  ])('%s %s', async (extraction, fit, message) => {
    await expect(run('refused', { extraction, glm: fit }, [plan])).rejects.toThrow(message);
  });
});
