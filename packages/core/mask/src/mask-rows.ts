import { csvLine } from '@galvani/artifact';
import type { MaskedWeights } from './mask-tensors.js';
import type { NetworkSiteWeights } from './network-weights.js';

/** Columns of a mask as a table: a row for each unit and each of its slices of a parameter. */
export const maskColumns = {
  task: 'text',
  site: 'text',
  kind: 'text',
  /** Index of the unit in its site, from 0. */
  unit: 'int32',
  /** 1 where the task raises the unit, -1 where it lowers it. */
  sign: 'int32',
  /** `write` or `read`. */
  role: 'text',
  /** As transformers names it. */
  parameter: 'text',
  /** 0 for a row, or a number of a vector; 1 for a column. */
  axis: 'int32',
  /** Which one, from 0. */
  place: 'int32',
  /** Units of the site outside of the network that have the same weights. */
  others: 'int32',
} as const;

export type MaskRow = Record<keyof typeof maskColumns, string | number>;

export function maskRows(task: string, network: readonly NetworkSiteWeights[], wanted: MaskedWeights = 'both') {
  return network.flatMap(({ site, kind, units, signs, writes, reads }) => {
    const signOf = new Map(Array.from(units, (unit, i) => [unit, signs[i]]));
    const rows = (role: 'write' | 'read', all: typeof writes) =>
      all.flatMap(({ parameter, axis, places, units: own, others }) =>
        Array.from(places, (place, i) => {
          const unit = own[i];
          return { task, site, kind, unit, sign: signOf.get(unit)!, role, parameter, axis, place, others: others[i] };
        }),
      );
    return [...(wanted === 'read' ? [] : rows('write', writes)), ...(wanted === 'write' ? [] : rows('read', reads))];
  });
}

/** CSV, as other programs read it. */
export function maskCsv(rows: readonly MaskRow[]): string {
  const names = Object.keys(maskColumns) as (keyof MaskRow)[];
  return [names, ...rows.map((row) => names.map((name) => row[name]))].map(csvLine).join('');
}
