import { join } from 'node:path';
import { readArrayFile, writeArrayFile } from '@galvani/artifact';
import { openShares, piecesOf, replaceStage, studyFolder, writeShare } from '@galvani/study';
import { type DividedStage, type Share, startProgress } from '@galvani/terminal';
import { fitLayer, type LayerFit } from './maps/fit-layer.js';
import { readLayerFit, writeLayerFit } from './maps/layer-fit-file.js';
import { createMapSpill, openMapSpills, type StoredMap } from './maps/map-spill.js';
import { studyMaps } from './maps/study-maps.js';
import { writeStudy } from './maps/write-study.js';
import { type PreparedStudy, prepareStudy, type StudyArguments } from './prepared-study.js';

/** Maxima of a share's layers, map after map, and which statistics wait in which files. */
const maximaFile = 'maxima.arrays';
/** Folder of these files. */
const mapsFolder = 'maps';

/**
 * The stage by shares of its layers: units are independent, and a null distribution is the maximum over layers of theirs, exactly. What needs
 * the whole family of units is made where shares are joined.
 */
export const dividedGlm: DividedStage = {
  async doShares(args, shares) {
    const prepared = await prepareStudy(args);
    for (const share of shares) await doShare(args, share, prepared);
  },

  async joinShares(args, of) {
    const folder = studyFolder(args.study, args.root);
    const shares = await openShares(folder, 'glm', of, { signal: args.signal });
    const prepared = await prepareStudy(args);
    const { firstLevel, derived, glms, asked, layers } = prepared;
    const maps = studyMaps(firstLevel, derived, glms, asked);
    const fits: LayerFit[] = [];
    const spills: { folder: string; stored: StoredMap[] }[] = [];
    for (const [k, { path }] of shares.entries()) {
      const { facts, arrays } = await readArrayFile(join(path, maximaFile));
      spills.push({ folder: join(path, mapsFolder), stored: facts as StoredMap[] });
      for (const [name, gathered] of maps.maxima)
        for (const [i, own] of gathered.entries()) raise(own, arrays.get(`${name} ${i}`) as Float64Array);
      const { from, until } = piecesOf({ number: k + 1, of }, layers.length);
      for (const layer of layers.slice(from, until)) fits.push(await readLayerFit((file) => join(path, file), layer));
    }
    await replaceStage(folder, 'glm', (place) =>
      writeStudy(folder, prepared, fits, maps, openMapSpills(spills), place),
    );
  },
};

async function doShare({ study, root, signal }: StudyArguments, share: Share, prepared: PreparedStudy): Promise<void> {
  const { layers, firstLevel, derived, glms, asked, record } = prepared;
  const { from, until } = piecesOf(share, layers.length);
  await writeShare(studyFolder(study, root), 'glm', share, async (place, path) => {
    const spill = await createMapSpill(join(path, mapsFolder));
    const maps = studyMaps(firstLevel, derived, glms, asked, spill);
    // Those of another share that this process did.
    for (const own of [...maps.maxima.values()].flat()) own.fill(Number.NEGATIVE_INFINITY);
    const progress = startProgress('glm', (until - from) * firstLevel.length, 'maps of a layer');
    try {
      for (const layer of layers.slice(from, until)) {
        const fit = await fitLayer(layer, prepared, maps, signal, (count) => progress.advance(count));
        await writeLayerFit(place, fit);
      }
    } finally {
      progress.finish();
    }
    const arrays = [...maps.maxima].flatMap(([name, gathered]) =>
      gathered.map((own, i) => [`${name} ${i}`, own] as const),
    );
    const stored = spill.stored();
    for (const { file } of stored) place(`${mapsFolder}/${file}`);
    await writeArrayFile(place(maximaFile), { facts: stored, arrays: new Map(arrays) });
    return record;
  });
}

function raise(maxima: Float64Array, others: Float64Array): void {
  for (const [i, value] of others.entries()) maxima[i] = Math.max(maxima[i], value);
}
