import type { ActivationReader } from '@galvani/artifact';
import { advised, Failure } from '@galvani/terminal';

/** All rows of one column, [rows x width]; closes the file. */
export async function wholeColumn(reader: ActivationReader, site: string): Promise<Float32Array> {
  try {
    const column = reader.columns.findIndex((each) => each.site === site);
    if (column < 0)
      throw new Failure(`${reader.path} has no column ${site}: run ${advised('extract', 'extract')} again.`);
    const parts: Float32Array[] = [];
    for await (const { values } of reader.batches()) parts.push(values[column].slice());
    const whole = new Float32Array(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  } finally {
    await reader.close();
  }
}
