import type { StudyView } from '@galvani/view';
import { maskAddress } from '../data/parts.js';
import { fileName, saveFile } from '../data/save-file.js';
import { view } from '../view-store.js';
import { mapName, taskName } from '../words.js';
import type { MapData } from './map-data.js';
import { type PictureOfMap, pictureSvg } from './map-picture.js';
import { unitRows } from './unit-rows.js';

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

/** What can be taken from the map: its picture, its units, and the network as `galvani mask` writes it. */
export function MapExport({ study, data, values, statistic, chosen, picture }: MapExportProps) {
  const { study: which, pick } = view.value;
  const name = mapName(data.summary);
  const task = pick && !pick.exactly && pick.tasks.length === 1 ? pick.tasks[0] : data.summary.task;
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
        Units that are {pick ? 'outlined' : 'drawn'} as CSV
      </button>
      {study.live &&
        task !== undefined &&
        ['safetensors', 'json', 'parquet', 'csv'].map((format) => (
          <a key={format} href={maskAddress(which, task, format)} download={fileName(task, format)}>
            Network of {taskName(task)} as a mask ({format})
          </a>
        ))}
    </details>
  );
}
