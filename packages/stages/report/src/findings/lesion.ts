import type { LesionComparison, LesionPairRow, LesionRow, LesionSelectivity } from '@galvani/artifact';
import { count, decimal, listed, probability, taskName } from '../page/words.js';
import type { StudyResults } from '../results/study-results.js';
import { level } from './verdicts/verdict.js';

type Lesioned = Pick<StudyResults, 'lesion'>;

/** Lesions of one kind in the same sites. */
export interface LesionSet {
  sites: string;
  kind: string;
  /** Of whole networks, or as much of them as was lesioned. */
  matrix: LesionRow[];
  selectivity: LesionSelectivity[];
  /** Of all doses. */
  doses: LesionSelectivity[];
  /** The same lesion of other units, as many in each site. */
  comparisons: LesionComparison[];
  /** A person's pairs, of whole networks. */
  pairs: LesionPairRow[];
}

/** The sets of a study in their order; the first is what its verdict is about. */
export function lesionSets({
  lesion: { matrix = [], selectivity = [], comparisons = [], pairs = [] } = {},
}: Lesioned): LesionSet[] {
  const largest = Math.max(...[...matrix, ...pairs].map(({ dose }) => dose));
  const names = [...new Set([...matrix, ...pairs].map(({ sites, kind }) => JSON.stringify([sites, kind])))];
  return names.map((name) => {
    const [sites, kind] = JSON.parse(name) as [string, string];
    const own = <R extends { sites: string; kind: string }>(rows: readonly R[]) =>
      rows.filter((row) => row.sites === sites && row.kind === kind);
    return {
      ...{ sites, kind },
      matrix: own(matrix).filter(({ dose }) => dose === largest),
      selectivity: own(selectivity).filter(({ dose }) => dose === largest),
      doses: own(selectivity),
      comparisons: own(comparisons),
      pairs: own(pairs).filter(({ dose }) => dose === largest),
    };
  });
}

const kinds: Record<string, string> = {
  mean: 'their mean over off blocks in their place',
  zero: 'zero in their place',
  resample: 'what they did in a prompt of an off block in their place',
};

/** Networks whose lesion is more selective than matched units', corrected over networks, the most selective first. */
export const neededOf = ({ selectivity }: LesionSet): LesionSelectivity[] =>
  selectivity
    .filter(({ p_over_networks }) => p_over_networks <= level + 1e-12)
    .sort((a, b) => b.selectivity - a.selectivity);

/** What is done to units in a set of lesions. */
export const lesionWords = ({ sites, kind }: Pick<LesionSet, 'sites' | 'kind'>) =>
  `${/^[a-z]+$/.test(sites) ? `units of ${sites} sites` : `units of sites ${sites}`}, ${kinds[kind] ?? kind}`;

/** Whose networks the model needs for its own topic; none of a study without lesions. */
export function lesionSentences(results: Lesioned): string[] {
  const [set] = lesionSets(results);
  if (!set || set.selectivity.length === 0) return [];
  const needed = neededOf(set);
  const all = set.selectivity.length;
  if (needed.length === 0)
    return [
      `Without its network (${lesionWords(set)}) the model predicts none of ${count(all)} topics worse, beside the others, than without as many matched units (least p over networks ${probability(Math.min(...set.selectivity.map((row) => row.p_over_networks)))}).`,
    ];
  const [most] = needed;
  return [
    `Without its network (${lesionWords(set)}) the model predicts ${count(needed.length)} of ${count(all)} topics worse, beside the others, than without as many matched units (p at most .05 over networks): ${listed(needed.map(({ network }) => taskName(network)))}.`,
    `Most so ${taskName(most.network)}: unseen texts of it cost ${decimal(most.own, 3)} nats a token more, those of other topics ${decimal(most.others, 3)} (difference ${decimal(most.selectivity, 3)}, 95% interval ${decimal(most.lower, 3)} to ${decimal(most.upper, 3)}; matched units ${decimal(most.control_selectivity, 3)}).`,
  ];
}
