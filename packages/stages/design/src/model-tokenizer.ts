import { rememberedDigest } from '@galvani/artifact';
import { locateModel, openModelTokenizer, type Tokenizer, tokenizerPaths } from '@galvani/model';
import { type GivenModel, type ModelSource, portable, type StudyFolder } from '@galvani/study';

/** The tokenizer of a study's model, with the SHA-256 of its files for the manifest; undefined where it has none. */
export async function studyTokenizer(
  source: ModelSource,
  root: string,
  { workspace, verified }: StudyFolder,
  signal?: AbortSignal,
): Promise<{ tokenizer: Tokenizer; inputs: Record<string, string> } | undefined> {
  const given: GivenModel = 'twin' in source ? source.twin : source;
  const path = await locateModel(given, root, signal);
  const tokenizer = await openModelTokenizer(path);
  if (!tokenizer) return undefined;
  const inputs: Record<string, string> = {};
  // A revision of the Hub says what it is.
  if (workspace !== undefined && 'path' in given)
    for (const file of await tokenizerPaths(path))
      inputs[portable(workspace, file)] = await rememberedDigest(file, verified);
  return { tokenizer, inputs };
}

/** The text of every token by its id: as it is decoded alone, or where that is no text, as the vocabulary spells it. */
export function vocabularyOf({ size, decode, token }: Tokenizer): { token_id: number; token: string }[] {
  return Array.from({ length: size }, (_, id) => {
    const text = decode([id]);
    return { token_id: id, token: text === '' || text.includes('\ufffd') ? token(id) : text };
  });
}
