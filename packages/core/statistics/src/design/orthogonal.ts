/** Takes from every column what earlier columns explain, in order; lengths stay as they come out (SPM's convention). */
export function orthogonalizeColumns(columns: readonly Float64Array[]): Float64Array[] {
  const done: Float64Array[] = [];
  for (const column of columns) {
    const own = Float64Array.from(column);
    // Twice, so that rounding of nearly dependent columns does not come back.
    for (let pass = 0; pass < 2; pass++) {
      for (const other of done) {
        let dot = 0;
        let square = 0;
        for (let i = 0; i < own.length; i++) {
          dot += own[i] * other[i];
          square += other[i] * other[i];
        }
        if (square > 0) for (let i = 0; i < own.length; i++) own[i] -= (dot / square) * other[i];
      }
    }
    done.push(own);
  }
  return done;
}
