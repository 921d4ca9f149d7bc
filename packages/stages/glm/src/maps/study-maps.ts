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
  derive(layer: string): Promise<void>;
  /** The maps in the order in which they were planned, when every layer is there. */
  fittedMaps(): FittedMap[];
}

/** @param glms models of the first-level maps */
export function studyMaps(
  firstLevel: readonly FirstLevelMap[],
  derived: readonly DerivedMap[],
  glms: readonly PreparedGlm[],
  asked: StageParameters['glm'],
  spill: MapSpill,
): StudyMaps {
  const { noise, seed } = asked;
  const planned = [...firstLevel, ...derived];
  const flags = new Map<string, Uint8Array[]>(planned.map(({ name }) => [name, []]));
  const kindOf = new Map(planned.map(({ name, kind }) => [name, kind]));
  const facts = new Map<string, FittedMap['facts']>();
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
      await spill.write(name, layer, {
        ...storedStatistics(kindOf.get(name)!, plainStatistics(contrast)),
        ...(permuted && { [permutedName]: permuted }),
      });
      flags.get(name)!.push(fit.flags);
      facts.set(name, { noise, statistic: kind, df: typeof df === 'number' ? df : 'per unit' });
      if (wanted.has(name)) atHand.set(name, { contrast: contrast as TContrastResult, flags: fit.flags });
    }
  }

  async function derive(layer: string): Promise<void> {
    for (const { name, kind, from } of derived) {
      const parts = from.map((each) => atHand.get(each)!);
      const contrasts = parts.map(({ contrast }) => contrast);
      const level = secondLevels.get(name);
      if (level) {
        const own = await level.testEffects(contrasts.map(({ effect }) => effect));
        await spill.write(name, layer, { ...storedStatistics(kind, own.statistics), [permutedName]: own.t });
        flags.get(name)!.push(own.flags);
        facts.set(name, { noise, statistic: 't', df: level.df });
      } else {
        await spill.write(name, layer, storedStatistics(kind, conjunctionStatistics(contrasts)));
        flags.get(name)!.push(jointFlags(parts.map((part) => part.flags)));
        facts.set(name, { noise, statistic: 'z', df: 'per unit' });
      }
    }
    atHand.clear();
  }

  function fittedMaps(): FittedMap[] {
    const contrasts = new Map(glms.flatMap((glm) => [...glm.contrasts]));
    const fitted = new Map<string, FittedMap>();
    for (const map of firstLevel) {
      const { name, kind, contrast, expression, runs } = map;
      const permutations = contrasts.get(name)?.permutations;
      const familywise = permutations?.finish();
      const own = facts.get(name)!;
      fitted.set(name, {
        map,
        flags: flags.get(name)!,
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
      const own = facts.get(name)!;
      fitted.set(name, {
        map,
        flags: flags.get(name)!,
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
  return { keepFit, derive, fittedMaps };
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
