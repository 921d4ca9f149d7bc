import { join } from 'node:path';
import { parseJson, readTextFileIfThere, UserMistake } from '@galvani/terminal';

/** Settings beside a tokenizer, in tokenizer_config.json or special_tokens_map.json. */
export type TokenizerConfig = Record<string, unknown>;

/**
 * What tokenizer.json would say of a GPT-2 tokenizer that is published as vocab.json and merges.txt only, as OPT's are;
 * undefined without these files, or if tokenizer_config.json names a class of another kind.
 * Follows `GPT2Converter` of transformers' convert_slow_tokenizer.py.
 */
export async function readByteLevelFiles(folder: string, config: TokenizerConfig, special: TokenizerConfig) {
  const [vocabulary, merges] = await Promise.all(
    ['vocab.json', 'merges.txt'].map((name) => readTextFileIfThere(join(folder, name))),
  );
  if (vocabulary === undefined || merges === undefined) return undefined;
  if (!/^GPT2Tokenizer(Fast)?$/.test(String(config.tokenizer_class ?? 'GPT2Tokenizer'))) return undefined;
  const vocab = parseJson(vocabulary, join(folder, 'vocab.json')) as Record<string, number>;
  if (typeof vocab !== 'object' || vocab === null || Array.isArray(vocab))
    throw new UserMistake(`${join(folder, 'vocab.json')} is not a JSON object of tokens and ids.`);
  const prefixSpace = config.add_prefix_space === true;
  const specials = specialTokens(config, special).filter((content) => Object.hasOwn(vocab, content));
  const first = contentOf(config.bos_token ?? special.bos_token);
  const addsFirst = config.add_bos_token === true && first !== undefined && Object.hasOwn(vocab, first);
  return {
    added_tokens: specials.map((content) => ({ id: vocab[content], content, special: true, normalized: true })),
    normalizer: null,
    pre_tokenizer: { type: 'ByteLevel', add_prefix_space: prefixSpace, trim_offsets: true, use_regex: true },
    decoder: { type: 'ByteLevel', add_prefix_space: prefixSpace, trim_offsets: true, use_regex: true },
    post_processor: addsFirst
      ? {
          type: 'TemplateProcessing',
          single: [{ SpecialToken: { id: first, type_id: 0 } }, { Sequence: { id: 'A', type_id: 0 } }],
          pair: [],
          special_tokens: { [first]: { id: first, ids: [vocab[first]], tokens: [first] } },
        }
      : null,
    model: { type: 'BPE', vocab, merges: merges.split('\n').filter((line) => line && !line.startsWith('#version')) },
  };
}

function specialTokens(config: TokenizerConfig, special: TokenizerConfig): string[] {
  const found = new Set<string>();
  for (const settings of [config, special])
    for (const role of ['bos_token', 'eos_token', 'unk_token', 'pad_token', 'sep_token', 'cls_token', 'mask_token']) {
      const content = contentOf(settings[role]);
      if (content) found.add(content);
    }
  const more = [config.additional_special_tokens, special.additional_special_tokens].flat();
  for (const token of [...more, ...Object.values((config.added_tokens_decoder as object | undefined) ?? {})]) {
    const content = contentOf(token);
    if (content) found.add(content);
  }
  return [...found];
}

/** A token is spelled `"</s>"` or `{"content": "</s>", …}`. */
function contentOf(token: unknown): string | undefined {
  const content = typeof token === 'object' && token !== null ? (token as { content?: unknown }).content : token;
  return typeof content === 'string' ? content : undefined;
}
