import type { ActivationReader } from '@galvani/artifact';

/** A unit of a site. */
export interface Unit {
  site: string;
  unit: number;
}

/** The activity of a few units over the rows (generated tokens) of one layer, which it closes. */
export async function readUnitSeries(reader: ActivationReader, units: readonly Unit[]): Promise<Float64Array[]> {
  try {
    const series: number[][] = units.map(() => []);
    for await (const { rows, values } of reader.batches())
      for (const [i, { site, unit }] of units.entries()) {
        const column = reader.columns.findIndex((c) => c.site === site);
        if (column < 0) throw new Error(`there is no site ${site} in its layer`);
        const { width } = reader.columns[column];
        for (let row = 0; row < rows; row++) series[i].push(values[column][row * width + unit]);
      }
    return series.map((values) => Float64Array.from(values));
  } finally {
    await reader.close();
  }
}
