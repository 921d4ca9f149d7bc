import { UserMistake } from '@galvani/terminal';

/** A token that is found in text as it stands, before anything else is done to the text. */
export interface AddedToken {
  id: number;
  content: string;
  special: boolean;
  lstrip: boolean;
  rstrip: boolean;
  single_word: boolean;
  /** Whether it is looked for in the normalized text. */
  normalized: boolean;
}

type Fields = Record<string, unknown>;

/** What lies beside tokenizer.json. */
export interface TokenSources {
  /** tokenizer_config.json. */
  config: Fields;
  /** special_tokens_map.json. */
  special: Fields;
  /** added_tokens.json: ids by token. */
  added: Fields;
}

/** Roles that name a special token, in transformers' order. */
const roles = ['bos_token', 'eos_token', 'unk_token', 'sep_token', 'pad_token', 'cls_token', 'mask_token'];

/**
 * The added tokens of a tokenizer: those of tokenizer.json, then those that only the files beside it name, in the order and with
 * the precedence of transformers 5 (`_from_pretrained` in tokenization_utils_base.py and `TokenizersBackend.__init__`). A token
 * of the vocabulary keeps its id; another gets the next one, and has to be declared with it.
 */
export function addedTokens(
  own: readonly (Partial<AddedToken> & { id: number; content: string })[],
  vocabulary: ReadonlyMap<string, number>,
  { config, special, added }: TokenSources,
  path: string,
  /** Whether the named tokens lose their flags, as in transformers' Qwen2Tokenizer. */
  plain = false,
): AddedToken[] {
  if (config.split_special_tokens === true)
    throw new UserMistake(
      `${path}: split_special_tokens is true, which galvani does not do. Give the prompts as token ids instead.`,
    );
  const tokens = new Map(own.map((token) => [token.content, withFlags(token, token.id)]));
  const add = (token: Partial<AddedToken> & { content: string }, declared?: number) => {
    if (token.content === '') return;
    const ids = [...tokens.values()].map(({ id }) => id);
    const next = ids.reduce((most, id) => Math.max(most, id + 1), vocabulary.size);
    const id = tokens.get(token.content)?.id ?? vocabulary.get(token.content) ?? next;
    if (declared !== undefined && declared !== id)
      throw new UserMistake(
        `${path}: the token ${JSON.stringify(token.content)} is declared with the id ${declared}, and tokenizer.json gives it ${id}. Give the prompts as token ids, or mend the files.`,
      );
    tokens.set(token.content, withFlags(token, id));
  };

  const decoder = config.added_tokens_decoder;
  const declares = typeof decoder === 'object' && decoder !== null;
  const named: Fields = declares ? config : { ...config, ...special };
  const byId = Object.entries(declares ? (decoder as Fields) : {}).sort(([a], [b]) => Number(a) - Number(b));
  for (const [id, token] of byId) {
    const read = tokenOf(token);
    if (!read) throw new UserMistake(`${path}: added_tokens_decoder.${id} is not a token with a content.`);
    add(read, Number(id));
  }
  const extra = extraTokens(named);
  if (!declares) {
    const specials = new Set([...roles.map((role) => named[role]), ...extra].map((token) => tokenOf(token)?.content));
    const ordered = Object.entries(added).sort(([, a], [, b]) => Number(a) - Number(b));
    for (const [content, id] of ordered) {
      if (!Number.isInteger(id))
        throw new UserMistake(`${path}: added_tokens.json gives ${JSON.stringify(content)} no whole number as its id.`);
      const isSpecial = specials.has(content);
      if (!tokens.has(content)) add({ content, special: isSpecial, normalized: !isSpecial }, id as number);
    }
  }
  const others = Object.keys(named).filter((key) => key.endsWith('_token') && !roles.includes(key));
  const models = others.map((key) => named[key]).filter((token) => typeof token === 'string');
  for (const token of [...roles.map((role) => named[role]), ...models, ...extra]) {
    const read = tokenOf(token);
    if (read && !tokens.has(read.content)) add({ ...read, special: true });
  }
  if (plain)
    for (const token of [...roles.map((role) => named[role]), ...models, ...extra, endOfText]) {
      const content = tokenOf(token)?.content ?? '';
      const held = tokens.get(content);
      if (held) tokens.set(content, withFlags({ content, special: true }, held.id));
    }
  return [...tokens.values()];
}

/** What Qwen2Tokenizer takes for the roles that no file fills. */
const endOfText = '<|endoftext|>';

/** extra_special_tokens, which older files call additional_special_tokens: a list, or an object of names and tokens. */
function extraTokens(named: Fields): unknown[] {
  const filled = (value: unknown) => typeof value === 'object' && value !== null && Object.keys(value).length > 0;
  const extra = filled(named.extra_special_tokens) ? named.extra_special_tokens : named.additional_special_tokens;
  return filled(extra) ? Object.values(extra as object) : [];
}

/** A token is spelled `"</s>"` or `{"content": "</s>", …}`. */
export function tokenOf(token: unknown): (Partial<AddedToken> & { content: string }) | undefined {
  if (typeof token === 'string') return { content: token };
  if (typeof token !== 'object' || token === null) return undefined;
  const { content } = token as { content?: unknown };
  return typeof content === 'string' ? { ...(token as Partial<AddedToken>), content } : undefined;
}

function withFlags(token: Partial<AddedToken> & { content: string }, id: number): AddedToken {
  const special = token.special ?? false;
  const { content, lstrip = false, rstrip = false, single_word = false, normalized = !special } = token;
  return { id, content, special, lstrip, rstrip, single_word, normalized };
}
