import { join } from 'node:path';
import { replaceStage, studyFolder } from '@galvani/study';
import { startProgress } from '@galvani/terminal';
import { fitLayer, type LayerFit } from './maps/fit-layer.js';
import { createMapSpill } from './maps/map-spill.js';
import { studyMaps } from './maps/study-maps.js';
import { writeStudy } from './maps/write-study.js';
import { prepareStudy, type StudyArguments } from './prepared-study.js';

/** The glm stage: events and activations -> glm/<map>/<layer>.arrow, diagnostics.parquet, drift.parquet and design.parquet. */
export async function glmStage(args: StudyArguments): Promise<void> {
  const folder = studyFolder(args.study, args.root);
  const prepared = await prepareStudy(args);
  const { layers, firstLevel, derived, glms, asked } = prepared;
  await replaceStage(folder, 'glm', async (place, path) => {
    const spill = await createMapSpill(join(path, '.maps.partial'));
    try {
      const maps = studyMaps(firstLevel, derived, glms, asked, spill);
      const progress = startProgress('glm', layers.length * firstLevel.length, 'maps of a layer');
      const fits: LayerFit[] = [];
      for (const layer of layers)
        fits.push(await fitLayer(layer, prepared, maps, args.signal, (count) => progress.advance(count)));
      progress.finish();
      return await writeStudy(folder, prepared, fits, maps, spill, place);
    } finally {
      await spill.remove();
    }
  });
}
