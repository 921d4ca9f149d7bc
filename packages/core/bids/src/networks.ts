import type { MapDescription, WholeMap } from '@galvani/results';
import { membership } from '@galvani/results';
import type { StageParameters } from '@galvani/study';
import type { Entities } from './bids-label.js';
import { bidsPath } from './bids-label.js';
import type { DatasetFolder } from './dataset-folder.js';
import { tsvText } from './tsv.js';
import { layout } from './units.js';

/**
 * Writes which units survive in a map, by the study's rule for networks: a mask, and a segmentation by the sign of the effect.
 * @param of entities of the map's files
 */
export async function writeNetwork(
  folder: DatasetFolder,
  of: Entities & { sub: string },
  map: WholeMap,
  { kind, contrast }: MapDescription,
  rule: StageParameters['networks'],
): Promise<void> {
  const members = membership(map, rule);
  const mask = bidsPath({ ...of, label: 'network' }, 'func', 'mask');
  const what = kind === 'task' ? `the network of the task ${contrast}` : `what survives in the ${kind} ${contrast}`;
  const common = { Rule: rule, Layout: layout, SpatialReference: 'orig' };
  await folder.image(`${mask}.nii.gz`, {
    values: Uint8Array.from(members, (sign) => (sign === 0 ? 0 : 1)),
    description: 'network',
  });
  await folder.json(`${mask}.json`, {
    ...common,
    Description: `1 for the units of ${what}, else 0.`,
    Type: 'ROI',
    Members: members.reduce((sum, sign) => sum + Math.abs(sign), 0),
  });
  const signs = bidsPath({ ...of, seg: 'network' }, 'func', 'dseg');
  await folder.image(`${signs}.nii.gz`, {
    values: Uint8Array.from(members, (sign) => (sign === 0 ? 0 : sign > 0 ? 1 : 2)),
    description: 'network by sign',
    intent: { code: 1002 },
  });
  await folder.text(
    `${signs}.tsv`,
    tsvText(
      ['index', 'name', 'description'],
      [
        [0, 'outside', 'no member'],
        [1, 'above', kind === 'task' ? 'effect above off blocks' : 'effect above 0'],
        [2, 'below', kind === 'task' ? 'effect below off blocks' : 'effect below 0'],
      ],
    ),
  );
  await folder.json(`${signs}.json`, {
    ...common,
    Description: `Units of ${what}, by the sign of their effect.`,
    Manual: false,
    index: { Description: 'The number in the image.' },
    name: { Description: 'What it stands for.' },
    description: { Description: 'The same in words.' },
  });
}
