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
import { afterAll, describe, expect, test, vi } from 'vitest';
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
let workspace: StageWorkspace | undefined;
afterAll(() => {
  vi.restoreAllMocks();
  workspace?.remove();
});

describe.skipIf(!hasNibabel)('nibabel, where GALVANI_PYTHON has it', () => {
  test('reads every image as NIfTI-2, with the same values', async () => {
    for (const stream of [process.stdout, process.stderr]) vi.spyOn(stream, 'write').mockReturnValue(true);
    workspace = stageWorkspace('galvani-nibabel-');
    await workspace.run('default', smallStudy.replace('glm: {', 'glm: { secondLevel: true,'), [
      plan,
      design,
      extract,
      glm,
    ]);
    const out = workspace.placeOf('bids', 'dataset');
    await exportBids(studyFolder(workspace.placeOf('default', ''), workspace.placeOf('..', '')), out);
    const found: Record<string, Read> = JSON.parse(await runPython('read_bids.py', [out]));
    expect(Object.keys(found).length).toBeGreaterThan(40);
    const types = { 2: Uint8Array, 8: Int32Array, 16: Float32Array, 64: Float64Array };
    for (const [path, { values, ...read }] of Object.entries(found)) {
      const raw = Uint8Array.from(gunzipSync(readFileSync(join(out, path)))).buffer;
      const header = readHeader(raw)!;
      const own = new types[header.datatypeCode as keyof typeof types](readImage(header, raw));
      expect(read, path).toMatchObject({
        kind: 'Nifti2Image',
        shape: [own.length, 1, 1],
        identity: true,
        units: ['mm', 'sec'],
      });
      expect(new Float64Array(Uint8Array.from(Buffer.from(values, 'base64')).buffer), path).toEqual(
        Float64Array.from(own),
      );
    }
    const intentOf = (end: string) => Object.entries(found).find(([path]) => path.endsWith(end))![1];
    expect(intentOf('task-weather_contrast-weather_stat-z_statmap.nii.gz').intent).toBe('z score');
    expect(intentOf('task-weather_contrast-weather_stat-p_statmap.nii.gz').intent).toBe('p value');
    expect(intentOf('task-weather_contrast-weather_stat-log10P_statmap.nii.gz').intent).toBe('log10 p value');
    expect(intentOf('_stat-t_desc-secondlevel_statmap.nii.gz')).toMatchObject({ intent: 't test', parameters: [1] });
    expect(intentOf('seg-sites_dseg.nii.gz').intent).toBe('label');
  });
});
