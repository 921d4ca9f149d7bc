import { galvaniVersion, type Manifest } from '@galvani/artifact';
import type { ModelSource, StageParameters } from '@galvani/study';
import { bidsLabels } from './bids-label.js';
import type { DatasetFolder } from './dataset-folder.js';
import { type DatasetLabels, mapVariants } from './statistic-maps.js';
import { tsvText } from './tsv.js';

/** The version of the specification whose rules names and fields follow. */
export const bidsVersion = '1.11.1';

/** Files beyond the specification, which its validator is told to leave alone: nilearn's names of statistic maps and designs, and tables of galvani's. */
const beyond = [
  '*_contrast-*',
  '*_design.tsv',
  '*_design.json',
  '*_units.tsv',
  '*_units.json',
  'names.tsv',
  'names.json',
];

/** The subject's name, and the end of it that names files: `galactica-125m` of `facebook/galactica-125m`. */
export function subjectName(model: ModelSource): { name: string; label: string } {
  if ('twin' in model) {
    const { name, label } = subjectName(model.twin);
    return { name: `the untrained twin of ${name}`, label: `${label}Twin` };
  }
  const name = 'hub' in model ? `${model.hub} (${model.revision})` : model.path;
  const last = ('hub' in model ? model.hub : model.path.replace(/\.onnx$/i, '')).split('/').filter(Boolean).at(-1);
  return { name, label: bidsLabels([last ?? ''], 'model').get(last ?? '')! };
}

/** What is written about the dataset as a whole. */
export interface DatasetFacts {
  report: StageParameters['report'];
  model: ModelSource;
  labels: DatasetLabels;
  /** Of a recorded run. */
  recording?: Manifest;
  units: number;
  sites: number;
}

export async function writeDescription(folder: DatasetFolder, facts: DatasetFacts): Promise<void> {
  const { report, model, labels, recording, units, sites } = facts;
  await folder.json('dataset_description.json', {
    Name: report.title || report.study,
    BIDSVersion: bidsVersion,
    DatasetType: 'derivative',
    GeneratedBy: [{ Name: 'galvani', Version: galvaniVersion, Description: `Results of the study ${report.study}.` }],
  });
  await folder.text('.bidsignore', `${beyond.join('\n')}\n`);
  await folder.text('README', readme(facts));
  const { sha256 } = (recording?.parameters.model ?? {}) as { sha256?: string };
  await folder.text(
    'participants.tsv',
    tsvText(
      ['participant_id', 'model', 'sha256', 'sites', 'units'],
      [[`sub-${labels.sub}`, subjectName(model).name, sha256, sites, units]],
    ),
  );
  await folder.json('participants.json', {
    model: { Description: 'The language model that is the subject: its folder or file, or its name on the Hub.' },
    sha256: { Description: "SHA-256 over the model's files." },
    sites: { Description: 'Sites (named outputs inside the model) that were recorded.' },
    units: { Description: 'Units of these sites.' },
  });
  await folder.text(
    'names.tsv',
    tsvText(
      ['entity', 'label', 'name', 'description'],
      [
        ['sub', labels.sub, subjectName(model).name, 'the model'],
        ...[...labels.tasks].map(([name, label]) => ['task', label, name, 'a task']),
        ...[...labels.tasks].map(([name, label]) => [
          'contrast',
          label,
          name,
          'a task against the off blocks of its runs',
        ]),
        ...[...labels.contrasts].map(([name, label]) => [
          'contrast',
          label,
          name,
          'a contrast or conjunction of the study',
        ]),
        ...Object.values(mapVariants).map(({ label, says }) => ['desc', label, undefined, says]),
      ],
    ),
  );
  await folder.json('names.json', {
    entity: { Description: 'Entity of file names.' },
    label: { Description: 'Its label, which may hold letters and digits alone.' },
    name: { Description: 'The name in the study.' },
    description: { Description: 'What it stands for.' },
  });
}

const readme = ({ report, labels }: DatasetFacts) => `${report.title || report.study}

Results of the galvani study ${report.study}, as BIDS derivatives (BIDS ${bidsVersion}). The subject, sub-${labels.sub}, is a language model; a stimulus
is a prompt, a volume is one token that was recorded, and a voxel is one unit: one number in an output (site) of one of the model's layers.

Time. Onsets and durations are in seconds with RepetitionTime 1, so that seconds count volumes. Tokens have no duration.

Space. An image is NIfTI-2 with one dimension: voxel [u, 0, 0] is unit u. sub-${labels.sub}/anat/sub-${labels.sub}_units.tsv says which site and unit
that is, and sub-${labels.sub}_seg-sites_dseg.nii.gz, with its table, which site each unit belongs to. Coordinates and neighbours mean nothing.

Names. BIDS takes letters and digits in labels; names.tsv says what each label stands for, and sidecars have names as the study has them.

Statistic maps are named as nilearn names them (contrast, stat, statmap) and design matrices too (design), since BIDS has no names for them yet:
.bidsignore lists these files for its validator. Masks (label-network) and segmentations (seg-network, by sign) are networks by the study's rule.
Recorded activations are not here: the study's own files have them.
`;
