import { type FamilywiseNull, type FamilywiseP, joinFamilies, type TContrastResult } from '@galvani/statistics';
import { kindsOverTasks, type StageParameters } from '@galvani/study';
import { plainStatistics } from '../fit/corrected-statistics.js';
import { type FittedGlm, jointFlags } from '../fit/fitted-glm.js';
import type { PreparedGlm, PromptPermutations } from '../fit/prepared-glm.js';
import { conjunctionStatistics, secondLevel } from './derived-maps.js';
import type { FittedMap } from './fitted-map.js';
import type { MapSpill } from './map-spill.js';
import type { DerivedMap, FirstLevelMap } from './planned-maps.js';
import { storedStatistics } from './stored-columns.js';
import { permutedName } from './write-maps.js';

/** Level of the family-wise threshold in the manifest; maps hold every unit's p. */
const thresholdAlpha = 0.05;

/** All maps of a study, gathered layer by layer. */
export interface StudyMaps {
  /** Keeps the maps of one model's fit to a layer. */
  keepFit(layer: string, fit: FittedGlm): Promise<void>;
  /** Makes the derived maps of a layer whose fits have all been kept. */
  endLayer(layer: string): Promise<LayerMaps>;
  /** By map the maxima that its null distribution is made of (see `MaximumNull.gathered`), where it has one. */
  maxima: ReadonlyMap<string, readonly Float64Array[]>;
  /** The maps in the order in which they were planned, of all layers, whose maxima are gathered. */
  fittedMaps(layers: readonly LayerMaps[]): FittedMap[];
}

/** What is to be known of each map of a layer beside its statistics. */
export type LayerMaps = ReadonlyMap<string, { flags: Uint8Array; facts: FittedMap['facts'] }>;

/**
 * @param glms models of the first-level maps
 * @param spill where statistics wait; not needed where nothing is fitted
 */
export function studyMaps(
  firstLevel: readonly FirstLevelMap[],
  derived: readonly DerivedMap[],
  glms: readonly PreparedGlm[],
  asked: StageParameters['glm'],
  spill?: MapSpill,
): StudyMaps {
  const { noise, seed } = asked;
  const contrasts = new Map(glms.flatMap((glm) => [...glm.contrasts]));
  const kindOf = new Map([...firstLevel, ...derived].map(({ name, kind }) => [name, kind]));
  let kept = new Map<string, { flags: Uint8Array; facts: FittedMap['facts'] }>();
  const wanted = new Set(derived.flatMap(({ from }) => from));
  const secondLevels = new Map(
    derived.flatMap(({ kind, name, from, relabellings }) =>
      kind === 'second-level' ? [[name, secondLevel(from.length, relabellings, `${seed} glm ${name}`)] as const] : [],
    ),
  );
  /** t contrasts of the layer at hand that derived maps are made from, and the state of their units. */
  const atHand = new Map<string, { contrast: TContrastResult; flags: Uint8Array }>();

  async function keepFit(layer: string, fit: FittedGlm): Promise<void> {
    for (const [name, contrast] of fit.contrasts) {
      const { permuted, df, kind } = contrast;
      await spill!.write(name, layer, {
        ...storedStatistics(kindOf.get(name)!, plainStatistics(contrast)),
        ...(permuted && { [permutedName]: permuted }),
      });
      const facts = { noise, statistic: kind, df: typeof df === 'number' ? df : ('per unit' as const) };
      kept.set(name, { flags: fit.flags, facts });
      if (wanted.has(name)) atHand.set(name, { contrast: contrast as TContrastResult, flags: fit.flags });
    }
  }

  async function endLayer(layer: string): Promise<LayerMaps> {
    for (const { name, kind, from } of derived) {
      const parts = from.map((each) => atHand.get(each)!);
      const contrasts = parts.map(({ contrast }) => contrast);
      const level = secondLevels.get(name);
      if (level) {
        const own = await level.testEffects(contrasts.map(({ effect }) => effect));
        await spill!.write(name, layer, { ...storedStatistics(kind, own.statistics), [permutedName]: own.t });
        kept.set(name, { flags: own.flags, facts: { noise, statistic: 't', df: level.df } });
      } else {
        await spill!.write(name, layer, storedStatistics(kind, conjunctionStatistics(contrasts)));
        const flags = jointFlags(parts.map((part) => part.flags));
        kept.set(name, { flags, facts: { noise, statistic: 'z', df: 'per unit' } });
      }
    }
    atHand.clear();
    const all = kept;
    kept = new Map();
    return all;
  }

  function fittedMaps(layers: readonly LayerMaps[]): FittedMap[] {
    const flagsOf = (name: string) => layers.map((own) => own.get(name)!.flags);
    const factsOf = (name: string) => layers[0].get(name)!.facts;
    const fitted = new Map<string, FittedMap>();
    for (const map of firstLevel) {
      const { name, kind, contrast, expression, runs } = map;
      const permutations = contrasts.get(name)?.permutations;
      const familywise = permutations?.finish();
      const own = factsOf(name);
      fitted.set(name, {
        map,
        flags: flagsOf(name),
        facts: own,
        ...(familywise && { familywise, relabelledApart: permutations?.apart }),
        description: {
          name,
          kind,
          contrast,
          expression,
          ...(kind === 'contrast' ? {} : { task: runs[0].task }),
          ...(kind === 'run' ? { run: runs[0].name } : {}),
          ...own,
          ...inference(familywise, permutations),
        },
      });
    }
    for (const map of derived) {
      const { name, kind, contrast, from } = map;
      const level = secondLevels.get(name);
      const familywise = level?.familywise();
      const own = factsOf(name);
      fitted.set(name, {
        map,
        flags: flagsOf(name),
        facts: own,
        ...(familywise ? { familywise } : { members: from.map((each) => fitted.get(each)!) }),
        description: {
          name,
          kind,
          contrast,
          from,
          ...own,
          ...(level && inference(familywise, { statistic: 't', smallestP: level.smallestP })),
        },
      });
    }
    for (const own of mapsOverTasks([...fitted.values()])) {
      const nulls = own.flatMap(({ familywise }) => familywise ?? []);
      if (nulls.length < own.length) continue;
      const overTasks = joinFamilies(nulls);
      for (const map of own) {
        map.overTasks = overTasks;
        Object.assign(map.description.threshold as object, thresholdOf(overTasks, 'familywise_study'));
      }
    }
    return [...fitted.values()];
  }
  const nulls = [
    ...firstLevel.flatMap(({ name }) => {
      const permutations = contrasts.get(name)?.permutations;
      return permutations ? [[name, permutations.gathered] as const] : [];
    }),
    ...[...secondLevels].map(([name, { gathered }]) => [name, gathered] as const),
  ];
  return { keepFit, endLayer, maxima: new Map(nulls), fittedMaps };
}

/** Maps that are corrected together where the family is the study: those of all tasks, kind by kind. */
export function mapsOverTasks(fitted: readonly FittedMap[]): FittedMap[][] {
  return kindsOverTasks.map((kind) => fitted.filter(({ map }) => map.kind === kind)).filter((own) => own.length > 0);
}

function thresholdOf(familywise: FamilywiseP, name: string): Record<string, number> {
  const threshold = familywise.threshold(thresholdAlpha);
  return Number.isFinite(threshold) ? { [name]: threshold } : {};
}

/** What the manifest says of permutations. The threshold is in the statistic that is `relabelled`. */
function inference(
  familywise: FamilywiseNull | undefined,
  permutations: Pick<PromptPermutations, 'statistic' | 'smallestP'> | undefined,
): Record<string, unknown> {
  if (familywise === undefined) return { relabellings: 0 };
  return {
    relabellings: familywise.maxima.length,
    exhaustive: familywise.exhaustive,
    ...(familywise.wildRatio !== undefined && { wildRatio: familywise.wildRatio }),
    relabelled: permutations?.statistic,
    smallestP: permutations?.smallestP,
    threshold: { alpha: thresholdAlpha, ...thresholdOf(familywise, 'familywise') },
  };
}
