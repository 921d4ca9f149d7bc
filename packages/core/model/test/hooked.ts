import { readFileSync } from 'node:fs';
import { rowInterventions, type UnitChange } from '../src/forward/interventions.js';
import type { Subject } from '../src/subject.js';

/** What PyTorch computes of a model with forward hooks (make_interventions.py). */
export interface Hooked {
  changes: (UnitChange & { site: string; units: number[] })[];
  text: number[];
  /** Log probabilities of the text's tokens from the second on, by the site that is changed. */
  alone: Record<string, number[]>;
  all: number[];
  prompt: number[];
  generated: number[];
  chosen: number[];
}

/** By model. */
export const hooked: Record<string, Hooked> = JSON.parse(
  readFileSync(new URL('./fixtures/interventions.json', import.meta.url), 'utf8'),
);

/** Log probabilities of each text's tokens from the second on, under changes of its own. */
export async function readUnder(subject: Subject, texts: Int32Array[], rows?: UnitChange[][]): Promise<number[][]> {
  const out: number[][] = texts.map(() => []);
  await subject.read({
    texts,
    interventions: rows && rowInterventions(subject.intervened, rows),
    onPassage: ({ text, logProbabilities }) => {
      out[text].push(...logProbabilities);
    },
  });
  return out.map((own) => own.slice(1));
}

/** Largest difference of log probabilities, relative to their size, from 1 nat on. */
export const differenceOf = (found: readonly number[], expected: readonly number[]) =>
  Math.max(...found.map((value, i) => Math.abs(value - expected[i]) / Math.max(1, Math.abs(expected[i]))));
