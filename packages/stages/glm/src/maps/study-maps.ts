import { concatenate } from '@galvani/numerics';
import type { FamilywiseNull, TContrastResult } from '@galvani/statistics';
import type { Slices } from '@galvani/study';
import type { UnitStates } from '../site-diagnostics.js';
import { plainStatistics } from './corrected-statistics.js';
import { conjunctionStatistics, jointFlags, secondLevel } from './derived-maps.js';
import { type LayerFit, stackedMeans } from './layer-fit.js';
import type { MapFamily } from './map-family.js';
import type { DerivedSet } from './map-set.js';
import type { MapSpill } from './map-spill.js';
import type { SetModel, SetResult } from './set-model.js';
import { relabelledName } from './write-maps.js';

/** Family-wise rate at which the threshold is told; maps hold every unit's p. */
const toldAlpha = 0.05;

/** All maps of a study, gathered layer by layer. */
export interface StudyMaps {
  /** Takes what model `m` made of a layer. */
  add(m: number, layer: string, fit: LayerFit): Promise<void>;
  /** Makes the derived maps of a layer whose models have all been added. */
  derive(layer: string): Promise<void>;
  /** The families, when every layer is there. */
  finish(): MapFamily[];
}

export function studyMaps(
  models: readonly SetModel[],
  derived: readonly DerivedSet[],
  slice: Slices['glm'],
  spill: MapSpill,
): StudyMaps {
  const flags = new Map<string, Uint8Array[]>(
    [...models, ...derived.map((set) => ({ set }))].map(({ set }) => [set.name, []]),
  );
  const facts = new Map<string, MapFamily['facts']>();
  const wanted = new Set(derived.flatMap(({ from }) => from));
  const secondLevels = new Map(
    derived.flatMap((set) =>
      set.kind === 'second-level'
        ? [[set.name, secondLevel(set.from.length, set.relabellings, `${slice.seed} glm ${set.name}`)] as const]
        : [],
    ),
  );
  /** t contrasts of the layer at hand that derived maps are made from. */
  const atHand = new Map<string, SetResult[]>();

  async function add(m: number, layer: string, { results, means }: LayerFit): Promise<void> {
    const { set, contrast, relabel } = models[m];
    const parts = results[m];
    const relabelled = relabel && { [relabelledName]: await relabel(stackedMeans(models[m], means)) };
    await spill.write(set.name, layer, { ...joinStatistics(parts), ...relabelled });
    flags.get(set.name)!.push(joinStates(parts).flags);
    const { df } = parts[0].contrast;
    facts.set(set.name, {
      noise: slice.noise,
      statistic: contrast.kind,
      df: typeof df === 'number' ? df : 'per unit',
    });
    if (wanted.has(set.name)) atHand.set(set.name, parts);
  }

  async function derive(layer: string): Promise<void> {
    for (const set of derived) {
      const from = set.from.map((name) => atHand.get(name)!);
      const level = secondLevels.get(set.name);
      if (level) {
        const effects = from.map((parts) =>
          concatenate(parts.map(({ contrast }) => (contrast as TContrastResult).effect)),
        );
        const own = await level.add(effects);
        await spill.write(set.name, layer, { ...own.statistics, [relabelledName]: own.t });
        flags.get(set.name)!.push(own.flags);
        facts.set(set.name, { noise: slice.noise, statistic: 't', df: level.df });
      } else {
        const shared = from[0].map((_, part) =>
          conjunctionStatistics(from.map((parts) => parts[part].contrast as TContrastResult)),
        );
        await spill.write(set.name, layer, joinNamed(shared));
        flags.get(set.name)!.push(jointFlags(from.map((parts) => joinStates(parts).flags)));
        facts.set(set.name, { noise: slice.noise, statistic: 'z', df: 'per unit' });
      }
    }
    atHand.clear();
  }

  function finish(): MapFamily[] {
    const families = new Map<string, MapFamily>();
    for (const { set, familywise } of models) {
      const nullDistribution = familywise();
      const own = facts.get(set.name)!;
      families.set(set.name, {
        set,
        flags: flags.get(set.name)!,
        facts: own,
        ...(nullDistribution && { familywise: nullDistribution }),
        description: {
          name: set.name,
          kind: set.kind,
          contrast: set.contrast,
          expression: set.expression,
          ...(set.kind === 'contrast' ? {} : { task: set.runs[0].task }),
          ...(set.kind === 'run' ? { run: set.runs[0].name } : {}),
          ...own,
          ...inference(nullDistribution),
        },
      });
    }
    for (const set of derived) {
      const nullDistribution = secondLevels.get(set.name)?.familywise();
      const own = facts.get(set.name)!;
      families.set(set.name, {
        set,
        flags: flags.get(set.name)!,
        facts: own,
        ...(nullDistribution
          ? { familywise: nullDistribution }
          : { members: set.from.map((name) => families.get(name)!) }),
        description: {
          name: set.name,
          kind: set.kind,
          contrast: set.contrast,
          from: set.from,
          ...own,
          ...(nullDistribution && inference(nullDistribution)),
        },
      });
    }
    return [...families.values()];
  }
  return { add, derive, finish };
}

/** How family-wise p were had, for the manifest. */
function inference(nullDistribution: FamilywiseNull | undefined): Record<string, unknown> {
  if (nullDistribution === undefined) return { relabellings: 0 };
  const familywise = nullDistribution.threshold(toldAlpha);
  return {
    relabellings: nullDistribution.maxima.length,
    exhaustive: nullDistribution.exhaustive,
    threshold: { alpha: toldAlpha, ...(Number.isFinite(familywise) && { familywise }) },
  };
}

function joinStatistics(parts: readonly SetResult[]) {
  return joinNamed(parts.map(({ contrast }) => plainStatistics(contrast)));
}

function joinNamed(parts: readonly Record<string, Float64Array>[]): Record<string, Float64Array> {
  return Object.fromEntries(Object.keys(parts[0]).map((name) => [name, concatenate(parts.map((part) => part[name]))]));
}

/** What the parts of a layer say of its units. */
export function joinStates(parts: readonly SetResult[]): UnitStates {
  const flags = new Uint8Array(parts.reduce((sum, part) => sum + part.flags.length, 0));
  let at = 0;
  for (const part of parts) {
    flags.set(part.flags, at);
    at += part.flags.length;
  }
  return { flags, dispersion: concatenate(parts.map(({ dispersion }) => dispersion)) };
}
