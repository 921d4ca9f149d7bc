import { type InferenceSession, Tensor } from '@galvani/onnx';
import { UserMistake } from '@galvani/terminal';
import { branchInput } from './if-branch.js';

/** What an imported graph is fed with and gives back. */
export interface ImportedPorts {
  inputs: { name: string; type: Tensor.Type; shape: readonly (number | string)[] }[];
  /** The outputs but for cached keys and values. */
  outputs: string[];
  /** Cached keys and values: input `past_key_values.0.key` and its output `present.0.key`. */
  caches: { past: string; present: string }[];
  /** Texts that fit in one run: 1 where the file fixes the batch. */
  mostRows: number;
}

const known = ['input_ids', 'attention_mask', 'position_ids', 'token_type_ids', branchInput];

const isPast = (name: string) => /^past_key_values\./.test(name);

/** Dimensions after the first that are not numbers. */
const open = (shape: readonly (number | string)[]) =>
  [...shape.keys()].filter((i) => i > 0 && typeof shape[i] !== 'number');

/** Names of graph outputs that are cached keys and values. */
export const isPresent = (name: string) => /^present\./.test(name);

/**
 * Looks at an opened file's inputs and outputs and refuses what cannot be fed. `caching` false: past inputs stay empty.
 * `headSize` takes the place of a last dimension of keys and values that the file leaves open, as onnxruntime-genai does.
 */
export function readPorts(session: InferenceSession, path: string, caching: boolean, headSize?: number): ImportedPorts {
  const inputs = session.inputMetadata.map((input) => {
    if (!input.isTensor) throw new UserMistake(`${path}: the input ${input.name} is not a tensor.`);
    const { name, type, shape } = input;
    const closed =
      isPast(name) && headSize !== undefined && open(shape).length === 2 && open(shape)[1] === shape.length - 1;
    return { name, type, shape: closed ? [...shape.slice(0, -1), headSize] : shape };
  });
  const ids = inputs.find(({ name }) => name === 'input_ids');
  if (!ids)
    throw new UserMistake(
      `${path} has no input input_ids, so it is not a language model; its inputs are ${inputs.map(({ name }) => name).join(', ')}.`,
    );
  const unrecognized = inputs.filter(({ name }) => !known.includes(name) && !isPast(name)).map(({ name }) => name);
  if (unrecognized.length > 0) {
    const ofTwoParts = unrecognized.some((name) => /^(encoder|decoder)_/.test(name));
    throw new UserMistake(
      `${path} has inputs that galvani does not know: ${unrecognized.join(', ')}. It feeds ${known.join(', ')} and past_key_values.*.${ofTwoParts ? " The file is of a model of an encoder and a decoder, of which the encoder's own file can be read." : ''}`,
    );
  }
  for (const { name, shape } of inputs) if (name !== branchInput) checkShape(path, name, shape);
  for (const { name, shape } of inputs)
    if (isPast(name) && open(shape).length !== 1)
      throw new UserMistake(
        `${path}: the input ${name} has the shape [${shape.join(', ')}], and exactly one dynamic dimension, that of the positions, was expected after the first.${open(shape).length > 1 ? ' The size of a head may stand in a config.json beside the file.' : ''}`,
      );
  const outputs = session.outputNames;
  const caches = caching
    ? inputs
        .filter(({ name }) => isPast(name))
        .map(({ name }) => ({ past: name, present: name.replace(/^past_key_values/, 'present') }))
    : [];
  const missing = caches.find(({ present }) => !outputs.includes(present));
  if (missing) throw new UserMistake(`${path} has the input ${missing.past} and no output ${missing.present}.`);
  return {
    inputs,
    outputs: outputs.filter((name) => !isPresent(name)),
    caches,
    mostRows: inputs.some(({ name, shape }) => name !== branchInput && shape[0] === 1) ? 1 : Number.POSITIVE_INFINITY,
  };
}

/** Refuses a file for one number of texts, other than one text at a time, or for one number of tokens. */
function checkShape(path: string, name: string, shape: readonly (number | string)[]): void {
  const said = `${path}: the input ${name} has the shape [${shape.join(', ')}]`;
  if (!isPast(name) && shape.length !== 2) throw new UserMistake(`${said}, and [texts, tokens] was expected.`);
  const fixed = (size: number | string) => (typeof size === 'number' && size > 0 ? size : undefined);
  const [texts, tokens] = [fixed(shape[0]), isPast(name) ? undefined : fixed(shape[1])];
  if (tokens !== undefined)
    throw new UserMistake(
      `${said}: it was exported for texts of exactly ${tokens} ${tokens === 1 ? 'token' : 'tokens'}. Export it again with a dynamic sequence length.`,
    );
  if (texts !== undefined && texts !== 1)
    throw new UserMistake(
      `${said}: it was exported for exactly ${texts} texts at once. Export it again with a dynamic batch size, or for one text.`,
    );
}

/**
 * Feeds for some texts that are equally long, with padding where they are not. `tokens` are the new ones [rows x columns], `past` what is cached of the `before`
 * tokens in front of them. `tokenAt` tells which token of its text each column of a row is, cached ones first, and negative of
 * padding. Default: there is none.
 */
export function textFeeds(
  ports: ImportedPorts,
  tokens: readonly Int32Array[],
  before: number,
  past?: ReadonlyMap<string, Tensor>,
  tokenAt: (row: number, column: number) => number = (_, column) => column,
): Record<string, Tensor> {
  const rows = tokens.length;
  const columns = tokens[0].length;
  const feeds: Record<string, Tensor> = {};
  for (const { name, type, shape } of ports.inputs) {
    if (name === 'input_ids') feeds[name] = whole(type, [rows, columns], (r, c) => tokens[r][c]);
    else if (name === 'attention_mask')
      feeds[name] = whole(type, [rows, before + columns], (r, c) => (tokenAt(r, c) < 0 ? 0 : 1));
    else if (name === 'position_ids')
      feeds[name] = whole(type, [rows, columns], (r, c) => Math.max(0, tokenAt(r, before + c)));
    else if (name === 'token_type_ids') feeds[name] = whole(type, [rows, columns], () => 0);
    else if (name === branchInput) feeds[name] = new Tensor('bool', Uint8Array.of(0), [1]);
    else feeds[name] = past?.get(name) ?? emptyPast(type, shape, rows);
  }
  return feeds;
}

function whole(type: Tensor.Type, dims: [number, number], value: (row: number, column: number) => number): Tensor {
  const numbers = Array.from({ length: dims[0] * dims[1] }, (_, i) => value(Math.floor(i / dims[1]), i % dims[1]));
  if (type === 'int64') return new Tensor('int64', BigInt64Array.from(numbers, BigInt), dims);
  if (type === 'int32') return new Tensor('int32', Int32Array.from(numbers), dims);
  if (type === 'float32') return new Tensor('float32', Float32Array.from(numbers), dims);
  if (type === 'bool') return new Tensor('bool', Uint8Array.from(numbers), dims);
  throw new UserMistake(`an input of the type ${type} cannot be fed with tokens.`);
}

/** Dimensions of cached keys or values of so many positions of each text. */
export const cacheDims = (shape: readonly (number | string)[], rows: number, positions: number): number[] =>
  shape.map((dim, i) => (i === 0 ? rows : typeof dim === 'number' ? dim : positions));

function emptyPast(type: Tensor.Type, shape: readonly (number | string)[], rows: number): Tensor {
  const dims = cacheDims(shape, rows, 0);
  if (type === 'float32') return new Tensor('float32', new Float32Array(0), dims);
  if (type === 'float16') return new Tensor('float16', new Uint16Array(0), dims);
  throw new UserMistake(`cached keys and values of the type ${type} are not supported.`);
}
