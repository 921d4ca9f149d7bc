import { membership, type WholeMap } from '@galvani/results';
import { Failure } from '@galvani/terminal';
import type { ColumnValues } from './column-file.js';
import type { OpenStudy } from './open-study.js';

/** A column of the part `maps/<map>/<column>.arrow`, a value for each unit of the model, [units]. */
export function mapColumn({ plan }: OpenStudy, map: WholeMap, column: string): ColumnValues {
  if (column === 'flag') return map.flags;
  if (column === 'copy_of') return map.copyOf;
  if (column === 'unreachable') return map.unreachable;
  if (column === 'member') return membership(map, plan.networks);
  if (!map.statistics.includes(column))
    throw new Failure(`the map has no column ${column}; it has ${map.statistics.join(', ')}.`);
  return map.statistic(column);
}
