import { UserMistake } from '@galvani/terminal';
import type { WeightSource } from '../weights/weight-source.js';

/** A checkpoint's tensors under the names of Hugging Face's modules, whatever prefix the file's names carry. */
export interface Tensors {
  has(name: string): boolean;
  /** The tensor's name in the file, where it is there. */
  stored(name: string): string;
  /** The tensor's name in the file, after a check of its shape. */
  require(name: string, shape: number[]): string;
  shape(name: string): number[];
}

/** The head's table, as transformers names it where a family does not say otherwise. */
const usualHead = 'lm_head.weight';

/** A family's head's table, as transformers names it. */
export const headTensorOf = ({
  headTensor,
  encoder,
}: {
  headTensor?: string;
  encoder?: { headTensor: string };
}): string => encoder?.headTensor ?? headTensor ?? usualHead;

/** What of an architecture decides how its tensors are named. */
export interface TensorNaming {
  base: string;
  embeddingTensor: string;
  /** The head's table, as transformers names it. Default: lm_head.weight. */
  headTensor?: string;
  /** What older files call it. */
  oldHead?: string;
  /** What files may call a tensor that they do not hold under its module's name. */
  otherName?(name: string): string | undefined;
}

/**
 * Files are written from the whole model (`model.decoder.layers.0…`), from its body alone (`layers.0…`), or with the prefix
 * doubled by a wrapper. The name of the token embedding's table, which ends in `embeddingTensor`, says which; `base` is what module
 * paths start with. Where embedding and head are `tied`, a file may hold the head's table alone.
 */
export function nameTensors(
  source: WeightSource,
  folder: string,
  { base, embeddingTensor, headTensor = usualHead, oldHead, otherName }: TensorNaming,
  tied: boolean,
): Tensors {
  const names = source.names();
  const known = new Set(names);
  // Some writers put the body's prefix before the head too.
  const heads = [headTensor, oldHead, `${base.split('.')[0]}.${headTensor}`].filter(
    (name): name is string => name !== undefined && known.has(name),
  );
  if (heads.length > 1)
    throw new UserMistake(
      `${folder}: the weights hold ${heads.join(' and ')}, which are two names of the same tensor.`,
    );
  const embeddings = names.filter((name) => name === embeddingTensor || name.endsWith(`.${embeddingTensor}`));
  const headAlone =
    tied && embeddings.length === 0 && heads.length === 1 && names.some((name) => name.startsWith(base));
  if (embeddings.length === 0 && !headAlone)
    throw new UserMistake(
      `${folder}: the weights hold no tensor ${base}${embeddingTensor}, so they are not of the architecture that config.json names.`,
    );
  const own =
    headAlone || embeddings.includes(base + embeddingTensor)
      ? base + embeddingTensor
      : embeddings.sort((a, b) => a.length - b.length)[0];
  const actual = own.slice(0, own.length - embeddingTensor.length);
  // What stands outside the body (the head) keeps what was put before the body's own prefix.
  const outer = actual.endsWith(base) ? actual.slice(0, actual.length - base.length) : '';
  const inFile = (name: string): string => {
    const now = underPrefix(name);
    const other = otherName?.(name);
    const then = other === undefined ? now : underPrefix(other);
    return !known.has(now) && known.has(then) ? then : now;
  };
  const underPrefix = (name: string): string =>
    (headAlone && name === base + embeddingTensor) || (name === headTensor && heads.length === 1)
      ? heads[0]
      : name.startsWith(base)
        ? actual + name.slice(base.length)
        : known.has(outer + name)
          ? outer + name
          : name;
  return {
    has: (name) => known.has(inFile(name)),
    stored: inFile,
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
