import { type SplitBehaviour, splitBy } from './split-behaviour.js';

/** A step of tokenizer.json, as far as it is looked at here. */
interface Step {
  type?: string;
  split?: boolean;
  behavior?: SplitBehaviour;
  invert?: boolean;
  individual_digits?: boolean;
  length?: number;
  pretokenizers?: Step[];
  decoders?: Step[];
}

/** The library's object for such a step. Its own declarations do not resolve under Node's module resolution. */
interface Loaded {
  pattern?: RegExp | null;
  replacement?: string;
  tokenizers?: Loaded[];
  decoders?: Loaded[];
  pre_tokenize_text(text: string, options?: unknown): string[];
  decode_chain(tokens: string[]): string[];
}

/**
 * Corrects, on one loaded tokenizer, where @huggingface/tokenizers 0.2.0 departs from the Rust crate `tokenizers`, with
 * which models are trained. `spec` is tokenizer.json. What is left: the crate's tables of punctuation are those of Unicode 8
 * and of letters those of Unicode 16, JavaScript's are the running Node's, so that characters younger than that may differ.
 */
export function followReference(
  tokenizer: {
    pre_tokenizer: Loaded | null;
    decoder: Loaded | null;
    normalizer: ((text: string) => string) | null;
    added_tokens_map: Map<string, unknown>;
  },
  spec: {
    pre_tokenizer?: unknown;
    decoder?: unknown;
    added_tokens: { content: string; normalized: boolean }[];
  },
): void {
  correctPreTokenizer(tokenizer.pre_tokenizer, (spec.pre_tokenizer ?? {}) as Step);
  correctDecoder(tokenizer.decoder, (spec.decoder ?? {}) as Step);
  // A token that is looked for in normalized text is not one as it is spelled.
  const { normalizer, added_tokens_map: found } = tokenizer;
  if (normalizer)
    for (const { content, normalized } of spec.added_tokens)
      if (normalized && normalizer(content) !== content) found.delete(content);
}

/** ByteLevel's pattern; JavaScript's \s has U+FEFF and lacks U+0085, Unicode's White_Space is the other way round. */
const bytePattern =
  /'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\p{White_Space}\p{L}\p{N}]+|\p{White_Space}+(?!\P{White_Space})|\p{White_Space}+/gu;

/** `\w+|[^\w\s]+`, where letters, digits and marks of all scripts are \w as in Rust, and not those of ASCII alone as in JavaScript. */
const words = ((w: string) => new RegExp(`[${w}]+|[^${w}\\p{White_Space}]+`, 'gu'))(
  String.raw`\p{Alphabetic}\p{M}\p{Nd}\p{Pc}\p{Join_Control}`,
);

const punctuation = /[\p{P}!-/:-@[-`{-~]/gu;

const splitByWhiteSpace = (text: string): string[] => text.match(/\P{White_Space}+/gu) ?? [];

function splitByLength(text: string, length: number): string[] {
  const characters = [...text];
  return Array.from({ length: Math.ceil(characters.length / length) }, (_, i) =>
    characters.slice(i * length, (i + 1) * length).join(''),
  );
}

function correctPreTokenizer(part: Loaded | null | undefined, step: Step): void {
  if (!part) return;
  if (step.type === 'Sequence')
    step.pretokenizers?.forEach((inner, i) => {
      correctPreTokenizer(part.tokenizers?.[i], inner);
    });
  else if (step.type === 'ByteLevel') part.pattern = bytePattern;
  else if (step.type === 'Whitespace') part.pre_tokenize_text = (text) => text.match(words) ?? [];
  else if (step.type === 'WhitespaceSplit') part.pre_tokenize_text = splitByWhiteSpace;
  else if (step.type === 'BertPreTokenizer')
    part.pre_tokenize_text = (text) =>
      splitByWhiteSpace(text).flatMap((word) => splitBy(word, punctuation, 'Isolated'));
  // In characters, of which an emoji is one; the crate's default is 5.
  else if (step.type === 'FixedLength') part.pre_tokenize_text = (text) => splitByLength(text, step.length ?? 5);
  // Rust's char::is_numeric is \p{N} (½, ², Arabic digits); JavaScript's \d is 0 to 9.
  else if (step.type === 'Digits') part.pattern = step.individual_digits ? /\P{N}+|\p{N}/gu : /\P{N}+|\p{N}+/gu;
  else if (step.type === 'Punctuation')
    part.pre_tokenize_text = (text) => splitBy(text, punctuation, step.behavior ?? 'Isolated');
  else if (step.type === 'Split' && part.pattern) {
    const { pattern } = part;
    part.pre_tokenize_text = (text) => splitBy(text, pattern, step.behavior ?? 'Isolated', step.invert);
  } else if (step.type === 'Metaspace' && step.split !== false) {
    const replace = part.pre_tokenize_text.bind(part);
    const mark = new RegExp((part.replacement ?? '\u2581').replace(/[\\^$.*+?()[\]{}|/-]/g, '\\$&'), 'gu');
    part.pre_tokenize_text = (text, options) =>
      replace(text, options).flatMap((piece) => splitBy(piece, mark, 'MergedWithNext'));
  }
}

function correctDecoder(part: Loaded | null | undefined, step: Step): void {
  if (!part) return;
  if (step.type === 'Sequence')
    step.decoders?.forEach((inner, i) => {
      correctDecoder(part.decoders?.[i], inner);
    });
  else if (step.type === 'ByteFallback') part.decode_chain = decodeByteTokens;
}

/** Joins runs of `<0xE2>`; a run that is no UTF-8 gives a replacement character for each of its bytes. */
function decodeByteTokens(tokens: string[]): string[] {
  const decoded: string[] = [];
  let run: number[] = [];
  const endRun = () => {
    if (run.length === 0) return;
    try {
      decoded.push(new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(Uint8Array.from(run)));
    } catch {
      decoded.push(...run.map(() => '\u{FFFD}'));
    }
    run = [];
  };
  for (const token of tokens) {
    const byte = /^<0x([0-9A-Fa-f]{2})>$/.exec(token);
    if (byte) run.push(Number.parseInt(byte[1], 16));
    else {
      endRun();
      decoded.push(token);
    }
  }
  endRun();
  return decoded;
}
