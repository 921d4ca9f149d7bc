export type { CovariateRow, EffectRow, GeometryRow } from './group-tables.js';
export { measures } from './measures.js';
export { type WrittenGroup, writeGroup } from './write-group.js';
