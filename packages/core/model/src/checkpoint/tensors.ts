import { UserMistake } from '@galvani/terminal';
import type { WeightSource } from '../weights/weight-source.js';

/** A checkpoint's tensors under the names of Hugging Face's modules, whatever prefix the file's names carry. */
export interface Tensors {
  has(name: string): boolean;
  /** The tensor's name in the file, after a check of its shape. */
  require(name: string, shape: number[]): string;
  shape(name: string): number[];
}

/**
 * Files are written from the whole model (`model.decoder.layers.0…`), from its body alone (`layers.0…`), or with the prefix
 * doubled by a wrapper. The embedding's name, which ends in `anchor`, says which; `base` is what module paths start with.
 */
export function nameTensors(source: WeightSource, folder: string, base: string, anchor: string): Tensors {
  const names = source.names();
  const known = new Set(names);
  const anchors = names.filter((name) => name === anchor || name.endsWith(`.${anchor}`));
  if (anchors.length === 0)
    throw new UserMistake(
      `${folder}: the weights hold no tensor ${base}${anchor}, so they are not of the architecture that config.json names.`,
    );
  const own = anchors.includes(base + anchor) ? base + anchor : anchors.sort((a, b) => a.length - b.length)[0];
  const actual = own.slice(0, own.length - anchor.length);
  // What stands outside the body (the head) keeps what was put before the body's own prefix.
  const outer = actual.endsWith(base) ? actual.slice(0, actual.length - base.length) : '';
  const inFile = (name: string): string =>
    name.startsWith(base) ? actual + name.slice(base.length) : known.has(outer + name) ? outer + name : name;
  return {
    has: (name) => known.has(inFile(name)),
    shape(name) {
      if (!known.has(inFile(name))) throw new UserMistake(`${folder}: the weights hold no tensor ${inFile(name)}.`);
      return source.shape(inFile(name));
    },
    require(name, shape) {
      const stored = inFile(name);
      if (!known.has(stored))
        throw new UserMistake(`${folder}: the weights hold no tensor ${stored}, which config.json asks for.`);
      const found = source.shape(stored);
      if (found.length !== shape.length || found.some((n, i) => n !== shape[i]))
        throw new UserMistake(
          `${folder}: the tensor ${stored} has the shape [${found.join(', ')}], and config.json makes it [${shape.join(', ')}].`,
        );
      return stored;
    },
  };
}
