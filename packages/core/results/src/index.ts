/**
 * A study read: runs, recordings, maps, networks, results, and the rule of membership.
 *
 * @module @galvani/results
 */
export type { MapDescription } from './facts.js';
export { correctedP, countedUnits, effectSign, membership, networkColumn } from './membership.js';
export { openResults } from './open-results.js';
export type { Recording } from './recording.js';
export { absence, type Results, resultsOf } from './results.js';
export { strengthOf, strongestCount, strongestShare } from './strongest-units.js';
export type { StudyFiles } from './study-files.js';
export { type UnitExtremes, type UnitPrompt, unitExtremes } from './unit-extremes.js';
export { unreachableUnits } from './unreachable-units.js';
export { layersOfMap, type MapSite, type WholeMap, wholeMap } from './whole-map.js';
