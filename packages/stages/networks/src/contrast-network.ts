import type { ContrastSize, ContrastUnit } from '@galvani/artifact';
import type { WholeMap } from '@galvani/results';
import type { StageParameters } from '@galvani/study';
import { networkOf } from './network-table.js';

/** The units that survive in a contrast, and the rows of the tables that describe them. */
export interface ContrastNetwork {
  contrast: string;
  counted: number;
  units: ContrastUnit[];
  sizes: ContrastSize[];
}

/** By the rule of a task's network. */
export function contrastNetworkOf(contrast: string, map: WholeMap, rule: StageParameters['networks']): ContrastNetwork {
  const { counted, units, sizes } = networkOf(contrast, map, rule);
  const named = <T extends { task: string }>({ task, ...row }: T) => ({ contrast: task, ...row });
  return { contrast, counted, units: units.map(named), sizes: sizes.map(named) };
}
