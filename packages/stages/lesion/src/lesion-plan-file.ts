import { readArrayFile, writeArrayFile } from '@galvani/artifact';
import type { LesionTexts } from './lesion-texts.js';
import type { LesionOutline, OutlinedSets } from './masks-to-read.js';

/** What is lesioned and what is read under it. */
export interface LesionPlan {
  lesions: LesionOutline[];
  texts: LesionTexts;
}

/** How far sets of units are from their networks at rest may be no number of JSON's: two numbers of each set, lesion after lesion. */
const imbalanceName = 'imbalance';

type Facts = {
  lesions: (Omit<LesionOutline, 'controls' | 'comparisons'> & { sets: Omit<OutlinedSets, 'imbalance'>[] })[];
  texts: LesionTexts['texts'];
  pairs: string[];
  tokens: { length: number; scoredFrom: number }[];
};

/** Writes a plan of lesions whole. The bytes follow from the plan. */
export async function writeLesionPlan(path: string, { lesions, texts }: LesionPlan): Promise<void> {
  const facts: Facts = {
    lesions: lesions.map(({ controls, comparisons, ...lesion }) => ({
      ...lesion,
      sets: [controls, ...comparisons].map(({ against, count }) => ({ against, count })),
    })),
    texts: texts.texts,
    pairs: texts.pairs,
    tokens: texts.tokens.map(({ tokens: { length }, scoredFrom }) => ({ length, scoredFrom })),
  };
  const imbalance = Float64Array.from(
    lesions
      .flatMap(({ controls, comparisons }) => [controls, ...comparisons])
      .flatMap(({ imbalance: { mean, spread } }) => [mean, spread]),
  );
  await writeArrayFile(path, { facts, arrays: new Map([[imbalanceName, imbalance]]) });
}

export async function readLesionPlan(path: string): Promise<LesionPlan> {
  const { facts, arrays } = await readArrayFile(path);
  const { lesions, tokens, ...texts } = facts as Facts;
  const imbalance = arrays.get(imbalanceName)!.values();
  const next = (): number => imbalance.next().value!;
  return {
    lesions: lesions.map(({ sets, ...lesion }) => {
      const [controls, ...comparisons] = sets.map((set) => ({ ...set, imbalance: { mean: next(), spread: next() } }));
      return { ...lesion, controls, comparisons };
    }),
    texts: { ...texts, tokens: tokens.map(({ length, scoredFrom }) => ({ tokens: { length }, scoredFrom })) },
  };
}
