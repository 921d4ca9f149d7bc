import type { FormValues, StudentizedForm } from './studentized-form.js';

/** Indicators of all conditions but the last. */
export function conditionMasks({ model }: StudentizedForm): Float64Array[] {
  return Array.from({ length: model.count - 1 }, (_, g) =>
    Float64Array.from(model.conditionOf, (own) => (own === g ? 1 : 0)),
  );
}

/** Whether each row has the first condition's label, under each arrangement. */
export function firstLabels({ model }: StudentizedForm, source: Int32Array): Uint8Array {
  const labels = new Uint8Array(source.length);
  for (let i = 0; i < labels.length; i++) labels[i] = model.conditionOf[source[i]] === 0 ? 1 : 0;
  return labels;
}

/** Sums of squares of all conditions but the last, [(G - 1) x tile]. */
export function conditionSquares(
  { conditionOf, count }: StudentizedForm['model'],
  residuals: Float64Array,
  tile: number,
): Float64Array {
  const squares = new Float64Array((count - 1) * tile);
  for (const [b, g] of conditionOf.entries())
    if (g < count - 1) for (let u = 0; u < tile; u++) squares[g * tile + u] += residuals[b * tile + u] ** 2;
  return squares;
}

/** Forms and squares under the true labels, in float64. */
export function observedValues(form: StudentizedForm, residuals: Float64Array, tile: number): FormValues {
  const { forms, model } = form;
  const values = new Float64Array(forms.length * tile);
  for (const [j, vector] of forms.entries())
    for (let b = 0; b < vector.length; b++)
      for (let u = 0; u < tile; u++) values[j * tile + u] += vector[b] * residuals[b * tile + u];
  return { forms: values, squares: conditionSquares(model, residuals, tile), total: 1, rows: 1, width: tile };
}
