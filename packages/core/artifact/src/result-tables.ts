import {
  controlAnswerTable,
  controlCalibrationTable,
  controlHubTable,
  controlTable,
  controlWindowTable,
} from './control-tables.js';
import { accuracyTable, confusionTable, decodeNetworkTable, predictionTable, scoreTable } from './decode-tables.js';
import { ceilingTable, componentTable, dendrogramTable, distanceTable } from './geometry-tables.js';
import { calibrationTable, designTable, diagnosticsTable, driftTable } from './glm-tables.js';
import {
  lesionComparisonTable,
  lesionPairTable,
  lesionSelectivityTable,
  lesionTable,
  lesionTextTable,
} from './lesion-tables.js';
import {
  networkConjunctionTable,
  networkIntersectionTable,
  networkSpecificityTable,
  unitSelectivityTable,
} from './network-sharing-tables.js';
import {
  contrastSizeTable,
  contrastUnitTable,
  iccTable,
  networkLikenessTable,
  networkOverlapTable,
  networkRepeatabilityTable,
  networkSizeTable,
  networkUnitTable,
  peakTable,
  reliabilityTable,
  strongestUnitTable,
  unitIccTable,
} from './network-tables.js';
import { powerTable } from './power-table.js';
import { steerDecoderTable, steerSampleTable, steerTable } from './steer-tables.js';
import type { RowOf } from './table-format.js';
import { topicContrastTable, yardstickRankTable, yardstickTopicTable } from './yardstick-tables.js';

/** What stages have found, by stage and name: `networks/units.parquet`. */
export const resultTables = {
  glm: { diagnostics: diagnosticsTable, drift: driftTable, design: designTable },
  networks: {
    units: networkUnitTable,
    sizes: networkSizeTable,
    overlap: networkOverlapTable,
    repeatability: networkRepeatabilityTable,
    likeness: networkLikenessTable,
    strongest: strongestUnitTable,
    contrast_units: contrastUnitTable,
    contrast_sizes: contrastSizeTable,
    peaks: peakTable,
    reliability: reliabilityTable,
    icc: iccTable,
    unit_icc: unitIccTable,
    intersections: networkIntersectionTable,
    specificity: networkSpecificityTable,
    selectivity: unitSelectivityTable,
    conjunctions: networkConjunctionTable,
  },
  controls: {
    identification: controlTable,
    answers: controlAnswerTable,
    windows: controlWindowTable,
    hubs: controlHubTable,
    calibration: controlCalibrationTable,
  },
  decode: {
    networks: decodeNetworkTable,
    accuracy: accuracyTable,
    confusion: confusionTable,
    predictions: predictionTable,
    scores: scoreTable,
  },
  yardstick: { topics: yardstickTopicTable, ranks: yardstickRankTable, contrasts: topicContrastTable },
  geometry: {
    distances: distanceTable,
    ceiling: ceilingTable,
    dendrogram: dendrogramTable,
    components: componentTable,
  },
  lesion: {
    matrix: lesionTable,
    selectivity: lesionSelectivityTable,
    comparisons: lesionComparisonTable,
    pairs: lesionPairTable,
    texts: lesionTextTable,
  },
  steer: { shift: steerTable, decoder: steerDecoderTable, samples: steerSampleTable },
  calibrate: { calibration: calibrationTable },
  power: { power: powerTable },
} as const;

type Tables = typeof resultTables;

/** Rows of the tables of a stage, by name; none of a stage that has not finished. */
export type ResultRows<S extends keyof Tables> = { [N in keyof Tables[S]]?: RowOf<Tables[S][N]>[] };
