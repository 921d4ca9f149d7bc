import { basename, dirname, join } from 'node:path';
import { readWholeFileIfThere } from '@galvani/terminal';
import { largestTokenizer } from '../tokenizer/tokenizer.js';

/** What the files beside somebody else's ONNX file say about it. */
export interface Companions {
  architecture?: string;
  /** Most tokens of a text; Infinity where nothing is said. */
  contextLength: number;
  /** Numbers of one head's key. */
  headSize?: number;
  /** The folder with the tokenizer's files. */
  tokenizerFolder?: string;
}

/** Reads config.json (transformers) and genai_config.json (onnxruntime-genai), as far as they are there. */
export async function readCompanions(path: string): Promise<Companions> {
  const config = await fieldsBeside(path, 'config.json');
  const genai = section(await fieldsBeside(path, 'genai_config.json'), 'model');
  const decoder = section(genai, 'decoder');
  const whole = (...values: unknown[]) => values.find((n): n is number => Number.isSafeInteger(n) && (n as number) > 0);
  const width = whole(config.hidden_size, config.n_embd);
  const heads = whole(config.num_attention_heads, config.n_head);
  return {
    architecture: [config.model_type, genai.type].find((name) => typeof name === 'string'),
    contextLength:
      whole(config.max_position_embeddings, config.n_positions, genai.context_length) ?? Number.POSITIVE_INFINITY,
    headSize: whole(decoder.head_size, config.head_dim, width && heads && width / heads),
    tokenizerFolder: ((await findBeside(path, 'tokenizer.json')) ?? (await findBeside(path, 'vocab.json')))?.folder,
  };
}

/** A file in the model's folder or, as onnx-community has it, in the folder above. */
export async function findBeside(
  path: string,
  name: string,
): Promise<{ folder: string; bytes: Uint8Array } | undefined> {
  const folder = dirname(path);
  for (const place of basename(folder) === 'onnx' ? [folder, dirname(folder)] : [folder]) {
    const bytes = await readWholeFileIfThere(join(place, name), { largest: largestTokenizer });
    if (bytes) return { folder: place, bytes };
  }
  return undefined;
}

type Fields = Record<string, unknown>;

/** A JSON file's fields. One that is not JSON says nothing about a graph that runs. */
async function fieldsBeside(path: string, name: string): Promise<Fields> {
  const found = await findBeside(path, name);
  try {
    return section({ all: JSON.parse(Buffer.from(found?.bytes ?? []).toString('utf8') || '{}') }, 'all');
  } catch {
    return {};
  }
}

function section(fields: Fields, name: string): Fields {
  const found = fields[name];
  return found !== null && typeof found === 'object' ? (found as Fields) : {};
}
