import { generationConfig } from '../end-tokens.js';
import { readModelFile } from '../model-files.js';

/** The files beside an ONNX file that say something about it. */
export const companionNames = ['config.json', generationConfig, 'genai_config.json'] as const;

type CompanionName = (typeof companionNames)[number];

/** What the files beside somebody else's ONNX file say about it. */
export interface Companions {
  architecture?: string;
  /** transformers' classes, such as `LlamaForCausalLM`. */
  architectures: string[];
  vocabularySize?: number;
  /** Most tokens of a text; Infinity where nothing is said. */
  contextLength: number;
  /** Numbers of one head's key. */
  headSize?: number;
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
    architectures: Array.isArray(config.architectures)
      ? config.architectures.filter((each) => typeof each === 'string')
      : [],
    vocabularySize: whole(config.vocab_size, genai.vocab_size),
    contextLength:
      whole(config.max_position_embeddings, config.n_positions, genai.context_length) ?? Number.POSITIVE_INFINITY,
    headSize: whole(decoder.head_size, config.head_dim, width && heads && width / heads),
  };
}

type Fields = Record<string, unknown>;

/** A JSON file's fields. One that is not JSON says nothing about a graph that runs. */
async function fieldsBeside(path: string, name: CompanionName): Promise<Fields> {
  const bytes = await readModelFile(path, name);
  try {
    return section({ all: JSON.parse(Buffer.from(bytes ?? []).toString('utf8') || '{}') }, 'all');
  } catch {
    return {};
  }
}

function section(fields: Fields, name: string): Fields {
  const found = fields[name];
  return found !== null && typeof found === 'object' ? (found as Fields) : {};
}
