import type { PromptMoments } from '@galvani/statistics';
import type { PromptSource } from './row-source.js';
import { type UnitPart, valuesOfPart } from './unit-passes.js';

/** Reads the moments of the units of a pass, [prompts x units] each. */
export async function gatherMoments(
  source: PromptSource,
  parts: readonly UnitPart[],
  prompts: number,
  wanted: boolean,
  signal?: AbortSignal,
): Promise<PromptMoments> {
  const units = parts.reduce((sum, part) => sum + part.units, 0);
  const gathered: PromptMoments = { means: await gather('means') };
  for (const part of wanted ? source.parts : []) gathered[part] = await gather(part);
  return gathered;

  async function gather(moment: Parameters<PromptSource['batches']>[0]): Promise<Float64Array> {
    const out = new Float64Array(prompts * units);
    for await (const { firstRow, rows, values } of source.batches(moment)) {
      signal?.throwIfAborted();
      for (const part of parts) {
        const own = valuesOfPart(part, rows, values);
        for (let r = 0; r < rows; r++)
          out.set(own.subarray(r * part.units, (r + 1) * part.units), (firstRow + r) * units + part.first);
      }
    }
    return out;
  }
}

/** The moments of some of the prompts and units: prompts one below the other, units of one part. */
export function momentsOfPart(
  moments: PromptMoments,
  units: number,
  { first, units: width }: UnitPart,
  prompts: readonly number[],
): PromptMoments {
  const cut = (values: Float64Array) => {
    const out = new Float64Array(prompts.length * width);
    for (const [to, p] of prompts.entries())
      out.set(values.subarray(p * units + first, p * units + first + width), to * width);
    return out;
  };
  const parts = Object.entries(moments).map(([name, values]) => [name, cut(values)]);
  return Object.fromEntries(parts) as PromptMoments;
}
