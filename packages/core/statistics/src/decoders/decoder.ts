import { centredProducts, innerProducts, type Patterns } from './inner-products.js';

/** Patterns whose class is known. */
export interface Training {
  /** [rows x width], a row per prompt, a column per unit (or coordinate, see `patternCoordinates`). */
  readonly values: Patterns;
  /** [rows], the class of each row, 0 to count - 1. */
  readonly classes: Int32Array;
  /** How many classes there are. */
  readonly count: number;
  /** How many units the columns stand for, where they are coordinates; default their number. Covariances are shrunken by it. */
  readonly units?: number;
  /** [rows x rows], the rows' inner products about the origin, where they are known already. */
  readonly products?: Float64Array;
}

/** Scores of patterns [rows x width] for each class, [rows x count]; the higher, the likelier. */
export type Scorer = (patterns: Patterns) => Float64Array;

/** Learns classes from patterns. A class without training rows scores -Infinity. */
export type Decoder = (training: Training) => Scorer;

/** Training rows of which every class has some. */
export interface KnownClasses extends Required<Omit<Training, 'products'>> {
  readonly rows: number;
  readonly width: number;
  /** Rows of each class. */
  readonly sizes: Float64Array;
  /** Inner products of the rows about their mean, [rows x rows]. */
  readonly centred: () => Float64Array;
}

/**
 * A decoder from a fit to classes that all have rows.
 *
 * @throws RangeError where rows, classes and values do not match, a class is out of range, or fewer than two classes have rows
 */
export function decoderOf(fit: (training: KnownClasses) => Scorer): Decoder {
  return ({ values, classes, count, units, products }) => {
    const rows = classes.length;
    const width = values.length / rows;
    if (!Number.isInteger(width) || width < 1)
      throw new RangeError(`${values.length} values are no table of ${rows} training rows.`);
    if (products && products.length !== rows * rows)
      throw new RangeError(`${products.length} inner products are not those of ${rows} training rows.`);
    const all = new Float64Array(count);
    for (const own of classes) {
      if (!(own >= 0 && own < count)) throw new RangeError(`Class ${own} is not one of 0 to ${count - 1}.`);
      all[own]++;
    }
    const present = Array.from(all.keys()).filter((own) => all[own] > 0);
    if (present.length < 2) throw new RangeError('A decoder learns from rows of at least two classes.');
    const place = Int32Array.from(all.keys(), (own) => present.indexOf(own));
    const score = fit({
      values,
      classes: classes.map((own) => place[own]),
      count: present.length,
      units: units ?? width,
      rows,
      width,
      sizes: Float64Array.from(present, (own) => all[own]),
      centred: () => centredProducts(products ?? innerProducts(values, values, width), rows),
    });
    return (patterns) => {
      if (patterns.length % width !== 0)
        throw new RangeError(`${patterns.length} values are no table of rows of ${width}, as the training rows are.`);
      const found = score(patterns);
      if (present.length === count) return found;
      const scores = new Float64Array((patterns.length / width) * count).fill(Number.NEGATIVE_INFINITY);
      for (let i = 0; i < found.length; i++)
        scores[Math.floor(i / present.length) * count + present[i % present.length]] = found[i];
      return scores;
    };
  };
}

/** The class with the highest score of each row, the first of equals; scores [rows x count]. */
export function identifiedClasses(scores: Float64Array, count: number): Int32Array {
  return Int32Array.from({ length: scores.length / count }, (_, i) => {
    let best = 0;
    for (let c = 1; c < count; c++) if (scores[i * count + c] > scores[i * count + best]) best = c;
    return best;
  });
}
