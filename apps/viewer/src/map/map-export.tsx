import type { StudyView } from '@galvani/view';
import { fileName, saveFile } from '../data/save-file.js';
import { pickWords } from '../networks/picked-units.js';
import { view } from '../view-store.js';
import { mapName } from '../words.js';
import type { MapData } from './map-data.js';
import { type PictureOfMap, pictureSvg } from './map-picture.js';
import { MaskExport } from './mask-export.js';
import { unitRows } from './unit-rows.js';
import { unitSelection } from './unit-selection.js';

interface MapExportProps {
  study: StudyView;
  data: MapData;
  /** What is drawn of each unit. */
  values: Float64Array;
  statistic: string;
  /** Units that are kept: 0 for the others. Undefined: all. */
  chosen: ArrayLike<number> | undefined;
  picture(): PictureOfMap | undefined;
}

/** What can be taken from the map: its picture, its units, and networks and chosen units as `galvani mask` writes them. */
export function MapExport({ study, data, values, statistic, chosen, picture }: MapExportProps) {
  const { pick } = view.value;
  const which = `Units that are ${pick ? 'outlined' : 'drawn'}`;
  const name = mapName(data.summary);
  const isNetwork = pick && !pick.exactly && pick.tasks.length === 1;
  const task = isNetwork ? pick.tasks[0] : data.summary.task;
  const called = pick ? pickWords(pick) : `${name} ${statistic}`;
  // Outlined units have signs of their own; drawn ones that of what is drawn.
  const units = () =>
    unitSelection(study, pick ? chosen! : values.map((value, unit) => (chosen![unit] === 0 ? 0 : value)));
  const save = (ending: string, type: string, content: BlobPart) =>
    saveFile(fileName(`${study.name} ${name} ${statistic}`, ending), new Blob([content], { type }));
  return (
    <details class="export">
      <summary>Export</summary>
      <button
        type="button"
        onClick={() => {
          const drawn = picture();
          drawn?.canvas.toBlob((blob) => blob && saveFile(fileName(`${study.name} ${name}`, 'png'), blob));
        }}
      >
        Map as PNG
      </button>
      <button
        type="button"
        onClick={() => {
          const drawn = picture();
          if (drawn) save('svg', 'image/svg+xml', pictureSvg(drawn));
        }}
      >
        Map as SVG
      </button>
      <button
        type="button"
        onClick={() => save('csv', 'text/csv', unitRows(study, { values, member: data.member }, statistic, chosen))}
      >
        {which} as CSV
      </button>
      <MaskExport
        study={study}
        task={task}
        {...(chosen && !isNetwork && { chosen: { name: called, label: which, units } })}
      />
    </details>
  );
}
