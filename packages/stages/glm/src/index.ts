export { parsePersonalTable } from '@galvani/study';
export {
  type DesignOptions,
  type ModelDesign,
  type ModelRows,
  modelDesign,
  type TaskRegressors,
} from './design/model-design.js';
export { type SetDesign, setDesign } from './design/set-design.js';
export { fitLayer, type LayerFit } from './maps/layer-fit.js';
export { type DerivedSet, derivedSetsOf, type FittedSet, type MapSet, mapSetsOf } from './maps/map-set.js';
export { prepareSet, type SetModel, type SetResult } from './maps/set-model.js';
export { runGlm, runGlm as stage } from './run-glm.js';
export { type RunRows, readRunRows } from './run-rows.js';
export { type FittedSeries, fitFiles } from './series/fit-files.js';
export { fitSeries, type SeriesContrast, type SeriesFit, type SeriesInput } from './series/fit-series.js';
export { type NpyFile, type NpyHeader, openNpy, parseNpyHeader } from './series/npy.js';
export { runSeries, type SeriesArguments } from './series/run-series.js';
export { type SeriesConfig, type SeriesConfigInput, seriesConfigSchema } from './series/series-config.js';
export { type SeriesDesign, seriesDesign } from './series/series-design.js';
export { runOfDesign, runsOfEvents, type SeriesEvent, type SeriesRun } from './series/series-events.js';
export { openSeries, type SeriesFile } from './series/series-file.js';
export { type SeriesModel, seriesModel } from './series/series-model.js';
