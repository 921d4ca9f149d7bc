import { join } from 'node:path';
import { readJsonFileIfThere, UserMistake } from '@galvani/terminal';
import { Tokenizer as Reader } from '@huggingface/tokenizers';
import { z } from 'zod';
import { readByteLevelFiles, type TokenizerConfig } from './byte-level-files.js';
import { followReference } from './reference-behaviour.js';

/** Text to token ids and back. */
export interface Tokenizer {
  /** Ids with the special tokens that the model was trained with: those that tokenizer.json's post-processor adds. */
  encode(text: string): Int32Array;
  /** Text of a sequence of ids, special tokens included; ids beyond the vocabulary are skipped, as in Python. */
  decode(ids: ArrayLike<number>): string;
  /** A token as the vocabulary spells it (`Ġfossil`); an empty string beyond the vocabulary. */
  token(id: number): string;
  /** One more than the largest id. A model's head may be wider. */
  size: number;
}

/** Largest tokenizer.json in bytes; the largest published ones have about 35 MB. */
export const largestTokenizer = 128 << 20;

const id = z
  .number()
  .int()
  .min(0)
  .max((1 << 24) - 1);
const tokenizerFile = z.looseObject({
  model: z.looseObject({
    vocab: z.union([z.record(z.string(), id), z.array(z.tuple([z.string(), z.number()]))]),
    merges: z.array(z.union([z.string(), z.tuple([z.string(), z.string()])])).optional(),
  }),
  added_tokens: z
    .array(z.looseObject({ id, content: z.string().min(1), single_word: z.boolean().optional() }))
    .nullish(),
});

/** Files that a tokenizer is read from: the first two, or without tokenizer.json the others. */
export const tokenizerFiles = [
  'tokenizer.json',
  'tokenizer_config.json',
  'vocab.json',
  'merges.txt',
  'special_tokens_map.json',
] as const;

/**
 * The tokenizer in a model's folder: tokenizer.json with tokenizer_config.json, or the vocab.json and merges.txt that OPT
 * models are published with; undefined without either.
 */
export async function openTokenizer(folder: string): Promise<Tokenizer | undefined> {
  const whole = join(folder, 'tokenizer.json');
  const config = ((await readJson(join(folder, 'tokenizer_config.json'))) ?? {}) as TokenizerConfig;
  let path = whole;
  let file = await readJson(whole);
  if (file === undefined) {
    const special = ((await readJson(join(folder, 'special_tokens_map.json'))) ?? {}) as TokenizerConfig;
    path = join(folder, 'vocab.json');
    file = await readByteLevelFiles(folder, config, special);
  }
  if (file === undefined) return undefined;
  const checked = tokenizerFile.safeParse(file);
  if (!checked.success) {
    const { path: field, message } = checked.error.issues[0];
    throw new UserMistake(
      `${path} is not a tokenizer: ${field.length ? `${field.join('.')}: ` : ''}${message.toLowerCase()}.`,
    );
  }
  const spec = {
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
    ...checked.data,
    added_tokens: checked.data.added_tokens ?? [],
  };
  const single = spec.added_tokens.find((token) => token.single_word);
  if (single)
    throw new UserMistake(
      `${path}: the added token ${JSON.stringify(single.content)} matches single words only, which galvani does not do. Give the prompts as token ids instead.`,
    );
  let reader: Reader;
  try {
    reader = new Reader(spec, config);
    followReference(reader, spec);
  } catch (cause) {
    throw new UserMistake(`${path} is not a tokenizer that can be read: ${(cause as Error).message}.`, { cause });
  }
  const ids: number[] = [...reader.get_vocab().values(), ...spec.added_tokens.map((token) => token.id)];
  const known = (n: number) => reader.id_to_token(n) !== undefined;
  return {
    size: ids.reduce((largest, n) => Math.max(largest, n), -1) + 1,
    encode(text) {
      const found: number[] = encodeOr(path, () => reader.encode(text).ids);
      if (!found.every((n) => Number.isInteger(n)))
        throw new UserMistake(`${path} has no token for a part of the text ${JSON.stringify(text.slice(0, 60))}.`);
      return Int32Array.from(found);
    },
    decode(sequence) {
      const kept = Array.from(sequence).filter(known);
      if (kept.length === 0) return '';
      return encodeOr(path, () => reader.decode(kept, { clean_up_tokenization_spaces: false }));
    },
    token: (n) => reader.id_to_token(n) ?? '',
  };
}

function encodeOr<T>(path: string, work: () => T): T {
  try {
    return work();
  } catch (cause) {
    throw new UserMistake(`${path} is not a tokenizer that works: ${(cause as Error).message}.`, { cause });
  }
}

async function readJson(path: string): Promise<object | undefined> {
  const value = await readJsonFileIfThere(path, { largest: largestTokenizer });
  if (value === undefined) return undefined;
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new UserMistake(`${path} is not a JSON object.`);
  return value;
}
