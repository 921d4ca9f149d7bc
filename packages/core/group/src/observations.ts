import type { GroupStudy } from './group-study.js';
import type { ObservationRow } from './group-tables.js';
import { type Measure, measures } from './measures.js';

/** A measure over the studies that have it. */
export interface Family {
  measure: Measure;
  /** Labels that all these studies have. */
  labels: string[];
  /** Positions of the studies among all. */
  studies: number[];
  /** value - chance, [studies x labels]. */
  values: Float64Array;
  /** Standard errors of the same shape; NaN where there is none. */
  errors: Float64Array;
}

/**
 * Collects what studies give to each measure. A family has the studies that have the measure at all, and the labels for which each of them has a
 * number; measures of fewer than two studies, and labels that some study lacks, are left out with a sentence.
 */
export function collect(
  studies: readonly GroupStudy[],
  tasks: readonly string[],
): { observations: ObservationRow[]; families: Family[]; leftOut: string[] } {
  const observations: ObservationRow[] = [];
  const families: Family[] = [];
  const leftOut: string[] = [];
  for (const measure of measures) {
    const found = studies.map((study) =>
      measure.of(study, tasks).map((row) => ({
        ...{ study: study.label, measure: measure.name, chance: 0, error: Number.NaN },
        ...row,
      })),
    );
    observations.push(...found.flat());
    const having = studies.flatMap((_, s) => (found[s].some(({ value }) => !Number.isNaN(value)) ? [s] : []));
    const lacking = studies.filter((_, s) => !having.includes(s)).map(({ label }) => label);
    if (having.length < 2) {
      leftOut.push(`${measure.name}: fewer than two studies have it.`);
      continue;
    }
    if (lacking.length > 0)
      leftOut.push(
        `${measure.name}: without ${lacking.join(', ')}, which ${lacking.length > 1 ? 'do' : 'does'} not have it.`,
      );
    const rows = new Map<string, ObservationRow[]>();
    for (const s of having)
      for (const row of found[s])
        if (Number.isFinite(row.value - row.chance)) rows.set(row.label, [...(rows.get(row.label) ?? []), row]);
    const shared = [...rows].filter(([, own]) => own.length === having.length);
    const dropped = [...new Set(having.flatMap((s) => found[s].map(({ label }) => label)))].filter(
      (label) => !shared.some(([own]) => own === label),
    );
    if (dropped.length > 0)
      leftOut.push(
        `${measure.name}: ${dropped.join(', ')} left out, which not all of these studies have a number for.`,
      );
    if (shared.length === 0) continue;
    const cells = (of: (row: ObservationRow) => number) =>
      Float64Array.from({ length: having.length * shared.length }, (_, at) =>
        of(shared[at % shared.length][1][Math.floor(at / shared.length)]),
      );
    families.push({
      ...{ measure, studies: having, labels: shared.map(([label]) => label) },
      values: cells(({ value, chance }) => value - chance),
      errors: cells(({ error }) => error),
    });
  }
  return { observations, families, leftOut };
}
