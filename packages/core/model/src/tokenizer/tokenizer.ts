import { join } from 'node:path';
import { Interrupted, issuesByField, readJsonFileIfThere, UserMistake, wantedInstead } from '@galvani/terminal';
import { Tokenizer as Reader } from '@huggingface/tokenizers';
import { z } from 'zod';
import { addedTokens, tokenOf } from './added-tokens.js';
import { withinTime } from './bounded-time.js';
import { readByteLevelFiles, type TokenizerConfig } from './byte-level-files.js';
import { type ChatTemplate, chatTemplateFile, readChatTemplate } from './chat-template.js';
import { tokenizerClass, withPrefixSpace } from './prefix-space.js';
import { followReference } from './reference-behaviour.js';

/** Text to token ids and back. */
export interface Tokenizer {
  /**
   * Ids with the special tokens that the model was trained with: those that tokenizer.json's post-processor adds. With `bare` it adds
   * none: special tokens are those that the text itself spells.
   */
  encode(text: string, options?: { bare?: boolean }): Int32Array;
  /** Text of a sequence of ids, special tokens included; ids beyond the vocabulary are skipped, as in Python. */
  decode(ids: ArrayLike<number>): string;
  /** A token as the vocabulary spells it (`Ġfossil`); an empty string beyond the vocabulary. */
  token(id: number): string;
  /** One more than the largest id. A model's head may be wider. */
  size: number;
  /** How the model is spoken to. Undefined if nothing beside the tokenizer says so. */
  chat?: ChatTemplate;
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

/** Files that a tokenizer and its chat template are read from. Without tokenizer.json it is made from vocab.json and merges.txt. */
export const tokenizerFiles = [
  'tokenizer.json',
  'tokenizer_config.json',
  'vocab.json',
  'merges.txt',
  'special_tokens_map.json',
  'added_tokens.json',
  chatTemplateFile,
] as const;

/**
 * The tokenizer in a model's folder: tokenizer.json with tokenizer_config.json, or the vocab.json and merges.txt that OPT
 * models are published with; undefined without either.
 */
export async function openTokenizer(folder: string): Promise<Tokenizer | undefined> {
  const whole = join(folder, 'tokenizer.json');
  const beside = async (name: string) => ((await readJson(join(folder, name))) ?? {}) as TokenizerConfig;
  const config = await beside('tokenizer_config.json');
  const special = await beside('special_tokens_map.json');
  let path = whole;
  let file = await readJson(whole);
  if (file === undefined) {
    path = join(folder, 'vocab.json');
    file = await readByteLevelFiles(folder, config, special);
  }
  if (file === undefined) return undefined;
  const checked = tokenizerFile.safeParse(file, { error: wantedInstead });
  if (!checked.success) {
    const [{ path: field, message }] = issuesByField(checked.error.issues);
    throw new UserMistake(
      `${path} is not a tokenizer: ${field.length > 0 ? field.map(String).join('.') : 'it'} ${message}.`,
    );
  }
  const settings = join(folder, 'tokenizer_config.json');
  const vocabulary = vocabularyOf(checked.data.model.vocab);
  const sources = { config, special, added: await beside('added_tokens.json') };
  const { model_type: modelType } = await beside('config.json');
  const plain = tokenizerClass(config, modelType).startsWith('Qwen2Tokenizer');
  const stated = {
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
    ...checked.data,
    added_tokens: addedTokens(checked.data.added_tokens ?? [], vocabulary, sources, settings, plain),
  };
  const spec = path === whole ? withPrefixSpace(stated, config, modelType, settings) : stated;
  const single = spec.added_tokens.find((token) => token.single_word);
  if (single)
    throw new UserMistake(
      `${path}: the added token ${JSON.stringify(single.content)} matches single words only, which galvani does not do. Give the prompts as token ids instead.`,
    );
  // The library also obeys fields that transformers does not know, such as remove_space.
  const roles = {
    eos_token: tokenOf(config.eos_token)?.content,
    // A list of words is a model that the library does not know by name: of such it takes the unknown token from here.
    ...(spec.model.type === 'WordLevel' && { unk_token: spec.model.unk_token }),
  };
  const patterns = patternsOf(spec);
  const decoderPatterns = patternsOf(spec.decoder);
  let reader: Reader;
  try {
    reader = withinTime(
      slowest,
      () => {
        const loaded = new Reader(spec, roles);
        followReference(loaded, spec);
        return loaded;
      },
      () => new Error(tooSlow(patterns, 'loading it')),
    );
  } catch (cause) {
    if (cause instanceof Interrupted) throw cause;
    throw new UserMistake(`${path} is not a tokenizer that can be read: ${(cause as Error).message}.`, { cause });
  }
  const ids: number[] = [...reader.get_vocab().values(), ...spec.added_tokens.map((token) => token.id)];
  const known = (n: number) => reader.id_to_token(n) !== undefined;
  const chat = await readChatTemplate(folder, config, special);
  return {
    ...(chat && { chat }),
    size: ids.reduce((largest, n) => Math.max(largest, n), -1) + 1,
    encode(text, { bare = false } = {}) {
      const found: number[] = workOr(
        path,
        text.length,
        patterns,
        () => reader.encode(text, { add_special_tokens: !bare }).ids,
        () => `the text ${JSON.stringify(text.slice(0, 60))}`,
      );
      if (!found.every((n) => Number.isInteger(n)))
        throw new UserMistake(`${path} has no token for a part of the text ${JSON.stringify(text.slice(0, 60))}.`);
      return Int32Array.from(found);
    },
    decode(sequence) {
      const kept = Array.from(sequence).filter(known);
      if (kept.length === 0) return '';
      return workOr(
        path,
        kept.length,
        decoderPatterns,
        () => reader.decode(kept, { clean_up_tokenization_spaces: false }),
        () => `decoding ${kept.length} tokens`,
      );
    },
    token: (n) => reader.id_to_token(n) ?? '',
  };
}

function vocabularyOf(vocab: z.infer<typeof tokenizerFile>['model']['vocab']): Map<string, number> {
  return new Map(Array.isArray(vocab) ? vocab.map(([content], id) => [content, id]) : Object.entries(vocab));
}

/** Seconds that a text may take, and further ones for each of its characters: a thousand times what tokenizers take. */
const slowest = 10;
const slowestCharacter = 1e-3;

/** `what` ended no sooner than the time that it has. */
function tooSlow(patterns: string[], what: string): string {
  const why =
    patterns.length > 0
      ? `Its pattern${patterns.length > 1 ? 's' : ''} ${patterns.map((p) => JSON.stringify(p.slice(0, 100))).join(', ')} can try the same letters in endlessly many ways. `
      : '';
  return `${what} takes longer than ${slowest} seconds. ${why}Use a tokenizer.json that does not, or give the prompts as token ids`;
}

/** The regular expressions that a tokenizer.json brings. */
function patternsOf(part: unknown): string[] {
  if (typeof part !== 'object' || part === null) return [];
  return Object.entries(part).flatMap(([name, value]) =>
    name === 'model' || name === 'added_tokens'
      ? []
      : name === 'Regex' && typeof value === 'string'
        ? [value]
        : patternsOf(value),
  );
}

/** Text of this many characters may keep even an honest tokenizer busy. */
const longText = 10_000;

/** Does work on `size` characters or tokens, in bounded time where `patterns` or size could make it long. */
function workOr<T>(path: string, size: number, patterns: string[], work: () => T, what: () => string): T {
  try {
    if (patterns.length === 0 && size < longText) return work();
    const late = () => new UserMistake(`${path}: ${tooSlow(patterns, what())}.`);
    return withinTime(slowest + slowestCharacter * size, work, late);
  } catch (cause) {
    if (cause instanceof UserMistake || cause instanceof Interrupted) throw cause;
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
