/** What nibabel reads of `galvani export bids`, beside what nifti-reader-js reads in the same files. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import { exportBids } from '@galvani/bids';
import { stage as design } from '@galvani/design';
import { stage as extract } from '@galvani/extract';
import { stage as glm } from '@galvani/glm';
import { stage as plan } from '@galvani/plan';
import { studyFolder } from '@galvani/study';
import { readHeader, readImage } from 'nifti-reader-js';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { home } from '../packages.js';
import { smallStudy } from '../small-study.js';
import { type StageWorkspace, stageWorkspace } from '../stage-workspace.js';
import { pythonHas, runPython } from './python.js';

interface Read {
  kind: string;
  shape: number[];
  intent: string;
  parameters: number[];
  units: string[];
  identity: boolean;
  values: string;
}

const hasNibabel = pythonHas('nibabel');
const hasNilearn = hasNibabel && pythonHas('nilearn.maskers');
let workspace: StageWorkspace;
let out: string;

beforeAll(async () => {
  if (!hasNibabel) return;
  for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
  workspace = stageWorkspace('galvani-nibabel-');
  const yaml = smallStudy
    .replace('glm: {', 'glm: { secondLevel: true,')
    .replace('minimumEffect: 0', 'minimumEffect: 0.5');
  await workspace.run('default', yaml, [plan, design, extract, glm]);
  out = workspace.placeOf('bids', 'dataset');
  await exportBids(studyFolder(workspace.placeOf('default', ''), workspace.placeOf('..', '')), out);
});
afterAll(() => {
  vi.restoreAllMocks();
  workspace?.remove();
});

const types = { 2: Uint8Array, 8: Int32Array, 16: Float32Array, 64: Float64Array };

/** An image's values, as nifti-reader-js reads them. */
function valuesOf(path: string): Float64Array {
  const raw = Uint8Array.from(gunzipSync(readFileSync(join(out, path)))).buffer;
  const header = readHeader(raw)!;
  return Float64Array.from(new types[header.datatypeCode as keyof typeof types](readImage(header, raw)));
}

const func = 'sub-small/func/sub-small_task-weather';
const sites = 'sub-small/anat/sub-small_seg-sites_dseg.nii.gz';

describe.skipIf(!hasNibabel)('nibabel, where GALVANI_PYTHON has it', () => {
  test('reads every image as NIfTI-2, with the same values', async () => {
    const found: Record<string, Read> = JSON.parse(await runPython('read_bids.py', [out]));
    expect(Object.keys(found).length).toBeGreaterThan(40);
    for (const [path, { values, ...read }] of Object.entries(found)) {
      const own = valuesOf(path);
      expect(read, path).toMatchObject({
        ...{ kind: 'Nifti2Image', shape: [own.length, 1, 1], identity: true, units: ['mm', 'sec'] },
      });
      expect(new Float64Array(Uint8Array.from(Buffer.from(values, 'base64')).buffer), path).toEqual(own);
    }
    const intentOf = (end: string) => Object.entries(found).find(([path]) => path.endsWith(end))![1];
    expect(intentOf('task-weather_contrast-weather_stat-z_statmap.nii.gz').intent).toBe('z score');
    expect(intentOf('task-weather_contrast-weather_stat-p_statmap.nii.gz').intent).toBe('p value');
    expect(intentOf('task-weather_contrast-weather_stat-log10P_statmap.nii.gz').intent).toBe('log10 p value');
    expect(intentOf('_stat-t_desc-secondlevel_statmap.nii.gz')).toMatchObject({ intent: 't test', parameters: [1] });
    expect(intentOf('seg-sites_dseg.nii.gz').intent).toBe('label');
  });

  test.skipIf(!pythonHas('pandas'))('docs/bids.md is right', async () => {
    const words = ['"frog/="dataset/', 'sub-frog=sub-small', 'pathology=weather'];
    const printed = await runPython('run_block.py', [join(home, 'docs/bids.md'), join(out, '..'), ...words]);
    const mask = valuesOf(`${func}_label-network_mask.nii.gz`);
    const members = mask.reduce((sum, value) => sum + value, 0);
    expect(printed.trim()).toBe(`0 (${mask.length},) ${members} ${mask.length}`);
  });
});

describe.skipIf(!hasNilearn)('nilearn, where GALVANI_PYTHON has it', () => {
  test('takes networks as masks, sites as labels, and runs into fixed effects', async () => {
    const map = `${func}_contrast-weather_stat-effect_statmap.nii.gz`;
    const mask = `${func}_label-network_mask.nii.gz`;
    const runs = ['effect', 'variance'].flatMap((stat) =>
      ['01', '02'].map(
        (s) => `sub-small/ses-${s}/func/sub-small_ses-${s}_task-weather_contrast-weather_stat-${stat}_statmap.nii.gz`,
      ),
    );
    const paths = ['sub-small/anat/sub-small_desc-brain_mask.nii.gz', mask, sites, map, ...runs].map((path) =>
      join(out, path),
    );
    const found = JSON.parse(await runPython('mask_bids.py', paths));
    const [member, site, effect] = [mask, sites, map].map(valuesOf);
    const inside = effect.filter((_, u) => member[u] === 1);
    expect(inside.length).toBeGreaterThan(0);
    expectClose(found.members, inside);
    const labels = [...new Set(site)];
    expectClose(
      found.means,
      labels.map((label) => mean(effect.filter((_, u) => site[u] === label))),
    );
    const [first, second] = runs.map(valuesOf);
    expectClose(
      found.effect,
      effect.map((_, u) => (first[u] + second[u]) / 2),
    );
  });
});

const mean = (values: Float64Array) => values.reduce((sum, value) => sum + value, 0) / values.length;

/** To float32, which nilearn may compute in. */
function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>): void {
  expect(found.length).toBe(expected.length);
  for (let i = 0; i < found.length; i++) expect(found[i]).toBeCloseTo(expected[i], 4);
}
