import { readModelFile } from './model-files.js';

/** transformers' settings of generation, beside config.json. */
export const generationConfig = 'generation_config.json';

/**
 * Ids of the tokens that end a text: `eos_token_id` of generation_config.json, as transformers' `generate` has it, else of
 * config.json (or its section for text), else of genai_config.json; none where no file says.
 */
export async function readEndTokens(path: string): Promise<number[]> {
  const config = await fieldsOf(path, 'config.json');
  const genai = await fieldsOf(path, 'genai_config.json');
  const stated = [
    (await fieldsOf(path, generationConfig)).eos_token_id,
    config.eos_token_id,
    (config.text_config as Fields | undefined)?.eos_token_id,
    (genai.model as Fields | undefined)?.eos_token_id,
  ];
  for (const value of stated) {
    const ids = [value].flat().filter((id): id is number => Number.isSafeInteger(id) && (id as number) >= 0);
    if (ids.length > 0) return [...new Set(ids)];
  }
  return [];
}

type Fields = Record<string, unknown>;

/** A file's fields; none of a file that is not there or is no JSON object, of which others say what is wrong. */
async function fieldsOf(path: string, name: string): Promise<Fields> {
  const bytes = await readModelFile(path, name);
  try {
    const found: unknown = JSON.parse(Buffer.from(bytes ?? []).toString('utf8') || '{}');
    return typeof found === 'object' && found !== null ? (found as Fields) : {};
  } catch {
    return {};
  }
}
