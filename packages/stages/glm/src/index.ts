export { parsePersonalTable } from '@galvani/study';
export { designOfRuns } from './design/design-of-runs.js';
export {
  type DesignOptions,
  type DesignRows,
  type GlmDesign,
  glmDesign,
  type TaskRegressors,
} from './design/glm-design.js';
export { type FitOptions, fitGlms } from './fit/fit-glms.js';
export type { FittedContrast, FittedGlm } from './fit/fitted-glm.js';
export type { PreparedGlm } from './fit/prepared-glm.js';
export type { RowSource } from './fit/row-source.js';
export { type UnitPart, unitPasses } from './fit/unit-passes.js';
export { layerRows } from './maps/layer-rows.js';
export {
  type DerivedMap,
  derivedMapsOf,
  type FirstLevelMap,
  firstLevelMapsOf,
  type PlannedMap,
} from './maps/planned-maps.js';
export { prepareMaps } from './maps/prepare-maps.js';
export { runGlm, runGlm as stage } from './run-glm.js';
export { type RunRows, readRunRows } from './run-rows.js';
export { fitSeries, type SeriesContrast, type SeriesFit, type SeriesInput } from './series/fit-series.js';
export { type NpyFile, type NpyHeader, openNpy, parseNpyHeader } from './series/npy.js';
export { prepareSeries, type SeriesGlm, type SeriesOptions } from './series/prepare-series.js';
export { runSeries, type SeriesArguments } from './series/run-series.js';
export { type SeriesConfig, type SeriesConfigInput, seriesConfigSchema } from './series/series-config.js';
export { type SeriesDesign, seriesDesign } from './series/series-design.js';
export { runOfDesign, runsOfEvents, type SeriesEvent, type SeriesRun } from './series/series-events.js';
export { openSeries, type SeriesFile } from './series/series-file.js';
export { seriesRows } from './series/series-rows.js';
