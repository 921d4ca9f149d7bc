import { basename } from 'node:path';
import type { InferenceSession, Tensor } from '@galvani/onnx';
import { UserMistake } from '@galvani/terminal';
import { type ImportedPorts, textFeeds } from './imported-inputs.js';
import { floatsOf, runImported } from './imported-session.js';
import { layoutOf, type Placed } from './tensor-layout.js';

/** What a graph gives for some made-up texts of two lengths, of which the shorter are the beginnings of the longer. */
export interface ProbeRuns {
  /** The longer ones. */
  texts: Int32Array[];
  /** Texts that fit in one run: 1 where more fail. */
  mostRows: number;
  /** How a tensor holds a row of numbers for each token; undefined where it does not. */
  place(value: string): Placed | undefined;
  /** A tensor's numbers for the longer texts. */
  numbers(value: string): Float32Array;
  /** Its dimensions there. */
  dims(value: string): readonly number[];
  /** A placed tensor's numbers for the shorter texts, and those of the same tokens in the longer ones. */
  beginnings(value: string): { alone: Float32Array; followed: Float32Array };
}

const [short, long] = [3, 5];

/**
 * Runs a graph on two texts at once or, where its inputs or an error say so, on one.
 * @throws UserMistake if it cannot be run on one either.
 */
export async function probe(
  session: InferenceSession,
  ports: ImportedPorts,
  wanted: readonly string[],
  path: string,
): Promise<ProbeRuns> {
  const run = async (rows: number): Promise<ProbeRuns> => {
    const outputs: Record<string, Tensor>[] = [];
    for (const positions of [short, long])
      outputs.push(await runImported(session, textFeeds(ports, probeTexts(rows, positions), 0), [...wanted], path));
    const place = (value: string) => {
      const [a, b] = [short, long].map((positions, i) => layoutOf(outputs[i][value]?.dims ?? [], rows, positions));
      return a?.layout === b?.layout && String(a?.tail) === String(b?.tail) ? b : undefined;
    };
    return {
      texts: probeTexts(rows, long),
      mostRows: rows === 1 ? 1 : ports.mostRows,
      place,
      numbers: (value) => floatsOf(outputs[1][value]),
      dims: (value) => outputs[1][value]?.dims ?? [],
      beginnings(value) {
        const width = place(value)!.width;
        const [alone, whole] = [floatsOf(outputs[0][value]), floatsOf(outputs[1][value])];
        const texts = alone.length / (short * width);
        const parts = Array.from({ length: texts }, (_, t) => [
          ...whole.subarray(t * long * width, (t * long + short) * width),
        ]);
        return { alone, followed: Float32Array.from(parts.flat()) };
      },
    };
  };
  if (ports.mostRows > 1) {
    // A graph may have one text baked into it and not say so.
    const found = await run(2).catch((error: unknown) => error as Error);
    if (!(found instanceof Error)) return found;
  }
  try {
    return await run(1);
  } catch (error) {
    if (!(error instanceof UserMistake)) throw error;
    throw new UserMistake(
      `${error.message.replace(/\.$/, '')}. It was given a text of ${short} and one of ${long} tokens: a file that was exported for one length has to be exported again with a dynamic one (${basename(path)}).`,
      { cause: error },
    );
  }
}

/** Small ids, which every vocabulary has; texts and positions differ, so that no dimension is taken for another. */
function probeTexts(rows: number, positions: number): Int32Array[] {
  return Array.from({ length: rows }, (_, r) =>
    Int32Array.from({ length: positions }, (_, c) => 1 + ((r * 3 + c * 2) % 7)),
  );
}
