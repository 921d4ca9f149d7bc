import type { WholeMap } from '@galvani/results';
import { bidsPath } from './bids-label.js';
import type { DatasetFolder } from './dataset-folder.js';
import { tsvLine, tsvText } from './tsv.js';

/** How images are laid out, as sidecars say it. */
export const layout =
  'One dimension: the value of unit u of the model is voxel [u, 0, 0], from 0, site after site in the order of the model. Coordinates stand for nothing, neighbours are neighbours by number alone, and smoothing or clusters mean nothing. <sub>_units.tsv says of each index which site and unit it is; <sub>_seg-sites_dseg.nii.gz holds for each unit the number of its site.';

/** Writes the table of units, the mask of all units and the parcellation into sites: what index u of every image is. */
export async function writeUnits(folder: DatasetFolder, sub: string, map: WholeMap): Promise<void> {
  const path = (suffix: string) => bidsPath({ sub }, 'anat', suffix);
  await folder.text(path('units.tsv'), unitLines(map));
  await folder.json(path('units.json'), {
    index: { Description: 'Position of the unit in every image of this dataset, from 0: voxel [index, 0, 0].' },
    site: { Description: 'Site (a named output inside the model) that the unit belongs to.' },
    unit: { Description: 'Position of the unit in its site, from 0.' },
    kind: {
      Description: 'What computes the site: embedding, norm, linear, activation, attention, block, head, other.',
    },
    layer: { Description: 'Layer of the model.' },
    copy_of: { Description: 'Index of the unit of the same site whose activity this one copies.' },
    unreachable: { Description: '1 for a unit of the head that stands for no token of any text, else 0.' },
  });
  // Without a mask readers look for a head in air, and take large values for it.
  const brain = (suffix: string) => bidsPath({ sub, desc: 'brain' }, 'anat', suffix);
  await folder.image(brain('mask.nii.gz'), { values: map.flags.map(() => 1), description: 'every unit' });
  await folder.json(brain('mask.json'), {
    Description:
      '1 for every unit of the model that was recorded: a mask for programs that guess one where none is given.',
    Type: 'Brain',
    SpatialReference: 'orig',
    Layout: layout,
  });
  const segmentation = new Int32Array(map.flags.length);
  for (const [s, { start, width }] of map.sites.entries()) segmentation.fill(s + 1, start, start + width);
  const seg = (suffix: string) => bidsPath({ sub, seg: 'sites' }, 'anat', suffix);
  await folder.image(seg('dseg.nii.gz'), {
    values: segmentation,
    description: 'site of each unit',
    intent: { code: 1002 },
  });
  await folder.text(
    seg('dseg.tsv'),
    tsvText(
      ['index', 'name', 'kind', 'layer', 'first', 'units'],
      map.sites.map(({ site, kind, layer, width, start }, s) => [s + 1, site, kind, layer, start, width]),
    ),
  );
  await folder.json(seg('dseg.json'), {
    Description: 'Parcellation of the model into sites.',
    SpatialReference: 'orig',
    Manual: false,
    Layout: layout,
    index: { Description: 'The number of the site in the image.' },
    name: { Description: 'The site.' },
    kind: { Description: 'What computes the site.' },
    layer: { Description: 'Layer of the model.' },
    first: { Description: 'Index of its first unit in every image, from 0.' },
    units: { Description: 'Number of its units.' },
  });
}

/** The table of units, site after site. */
function* unitLines({ sites, copyOf, unreachable }: WholeMap): Generator<string> {
  yield tsvLine(['index', 'site', 'unit', 'kind', 'layer', 'copy_of', 'unreachable']);
  for (const { site, kind, layer, width, start } of sites)
    yield Array.from({ length: width }, (_, unit) => {
      const at = start + unit;
      return tsvLine([at, site, unit, kind, layer, copyOf[at] < 0 ? undefined : copyOf[at], unreachable[at]]);
    }).join('');
}
