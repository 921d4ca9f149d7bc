import { UserMistake } from '@galvani/terminal';

interface Step {
  type?: string;
  add_prefix_space?: boolean;
  prepend_scheme?: string;
  pretokenizers?: Step[];
  normalizers?: Step[];
}

/** Classes of transformers that build their byte-level step themselves, with add_prefix_space of tokenizer_config.json. */
const byteLevelClasses = /^(GPT2|GPTNeoX|Qwen2)Tokenizer(Fast)?$/;
/** Classes that take tokenizer.json as it stands. */
const plainClasses = /^(PreTrainedTokenizer(Fast)?|TokenizersBackend)$/;

/** The class that transformers takes where tokenizer_config.json names none, by config.json's model_type. */
const classOfModel: ReadonlyMap<unknown, string> = new Map([
  ['gpt2', 'GPT2Tokenizer'],
  ['opt', 'GPT2Tokenizer'],
  ['gpt_neox', 'GPTNeoXTokenizer'],
  ['qwen2', 'Qwen2Tokenizer'],
  ['qwen3', 'Qwen2Tokenizer'],
]);

/**
 * tokenizer.json's steps with the space before a text that tokenizer_config.json asks for.
 * @throws UserMistake where it asks for what the steps cannot be told
 */
export function withPrefixSpace<S extends { normalizer?: unknown; pre_tokenizer?: unknown }>(
  spec: S,
  config: Record<string, unknown>,
  modelType: unknown,
  path: string,
): S {
  const asked = config.add_prefix_space;
  const name = tokenizerClass(config, modelType);
  if (plainClasses.test(name)) return spec;
  const rebuilt = byteLevelClasses.test(name) && isOwnPipeline(spec.pre_tokenizer as Step | null);
  if (typeof asked !== 'boolean' && !rebuilt) return spec;
  const wanted = asked === true;
  const steps = [...flat(spec.normalizer as Step), ...flat(spec.pre_tokenizer as Step)];
  if (steps.some(({ type }) => type === 'ByteLevel'))
    return { ...spec, pre_tokenizer: toldPrefix(spec.pre_tokenizer as Step, wanted) };
  const adds = steps.some(
    ({ type, prepend_scheme: scheme, add_prefix_space: adds }) =>
      type === 'Prepend' || (type === 'Metaspace' && scheme !== 'never' && adds !== false),
  );
  if (typeof asked === 'boolean' && adds !== wanted)
    throw new UserMistake(
      `${path}: add_prefix_space is ${asked}, and tokenizer.json ${adds ? 'adds a space' : 'adds none'}. Make the two agree, or give the prompts as token ids.`,
    );
  return spec;
}

/** The class of transformers that reads the tokenizer. Of Qwen2's models it overrules what tokenizer_config.json names. */
export function tokenizerClass(config: Record<string, unknown>, modelType: unknown): string {
  const byModel = classOfModel.get(modelType) ?? '';
  return modelType === 'qwen2' ? byModel : String(config.tokenizer_class ?? byModel);
}

/** Whether the steps are those that the byte-level classes build: ByteLevel, which Qwen2 puts behind a Split. */
function isOwnPipeline(step: Step | null): boolean {
  if (step?.type === 'ByteLevel') return true;
  return step?.pretokenizers?.map(({ type }) => type).join() === 'Split,ByteLevel';
}

function flat(step: Step | null | undefined): Step[] {
  if (!step) return [];
  return [step, ...[...(step.pretokenizers ?? []), ...(step.normalizers ?? [])].flatMap(flat)];
}

function toldPrefix(step: Step, wanted: boolean): Step {
  if (step.type === 'ByteLevel') return { ...step, add_prefix_space: wanted };
  if (!step.pretokenizers) return step;
  return { ...step, pretokenizers: step.pretokenizers.map((inner) => toldPrefix(inner, wanted)) };
}
