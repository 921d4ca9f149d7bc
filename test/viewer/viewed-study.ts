import { rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { stage as glm } from '@galvani/glm';
import { stage as networks } from '@galvani/networks';
import type { StudyInput } from '@galvani/study';
import { type LiveStudy, type ServedStudy, serveView, studyParts, type ViewServer } from '@galvani/view';
import { type SyntheticStudy, syntheticStudy } from '../synthetic-study.js';

/** The built page. */
export const page = fileURLToPath(new URL('../../apps/viewer/page', import.meta.url));

/** Text that would be an element, and run, wherever it is taken for markup. */
export const hostile = `<img src=x onerror="document.title='taken'"><script>document.title='taken'</script>`;

export const hostileSite = 'model.layers.1.<b class=hostile>fc1</b>';

const layers = {
  'block-00': [
    { site: 'model.layers.0.fc1', kind: 'linear', width: 40 },
    { site: 'model.layers.0', kind: 'block', width: 20 },
  ],
  'block-01': [
    { site: hostileSite, kind: 'linear', width: 40 },
    { site: 'model.layers.1', kind: 'block', width: 20 },
  ],
} as const;

/** A study whose words are hostile and of which networks, glm and recordings are there. */
export async function viewedStudy(input: Partial<StudyInput> = {}): Promise<SyntheticStudy> {
  const study = await syntheticStudy({
    tasks: ['cooking', 'weather'],
    sessions: 2,
    layers,
    twin: 'recorded',
    words: {
      title: `A study ${hostile}`,
      prompt: (run, p) => `${hostile} prompt ${p} of ${run.name}`,
      token: (row) => (row % 5 === 0 ? `<i class=hostile>${row}</i>` : ` word${row}`),
    },
    input: {
      design: { sessions: 2, promptsPerBlock: 2, cycles: 2 },
      glm: { relabellings: 100, runRelabellings: 100 },
      networks: { correction: 'none', minimumEffect: 0.5 },
      ...input,
    } as Partial<StudyInput>,
  });
  await finish(study);
  return study;
}

export async function finish({ folder }: SyntheticStudy, stages = [glm, networks]): Promise<void> {
  const told = { study: folder.root, root: folder.root, yaml: '', signal: new AbortController().signal };
  for (const stage of stages) await stage(told);
}

export const served = ({ folder }: SyntheticStudy, live?: LiveStudy, name = 'synthetic'): ServedStudy => ({
  name,
  parts: studyParts({ folder, name, live }),
});

export const serve = (...studies: ServedStudy[]): Promise<ViewServer> => serveView({ page, studies });

export const remove = ({ folder }: SyntheticStudy): Promise<void> => rm(folder.root, { recursive: true, force: true });
